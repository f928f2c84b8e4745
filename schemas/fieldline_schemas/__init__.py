"""What is said: the contract of events and records, and how they are read.

- ``fast.read`` is the hot path, ``whole.read_whole`` gives the pydantic model; both refuse with one ``Fault``.
- ``kinds/`` has one short file for each kind of event, ``registry`` lists them.
- ``batch_key``, ``sites``, ``times``, ``quantities``, ``identifiers``, ``admin_code``: what keys and values mean.
- ``canonical`` has the digest that identity rests on, ``record`` what followers need of a ledger entry.
- ``json/`` has the contract as JSON Schema.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fieldline_schemas.faults import Fault
    from fieldline_schemas.registry import KINDS, code_of, contract_model, kind_of
    from fieldline_schemas.said import NotYetReadable, Said, Step
    from fieldline_schemas.whole import read_whole, said_of

_HOMES = {
    "faults": ("Fault",),
    "registry": ("KINDS", "code_of", "contract_model", "kind_of"),
    "said": ("NotYetReadable", "Said", "Step"),
    "whole": ("read_whole", "said_of"),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """The public names, each from its module when it is first asked for: whoever needs one module alone, such as a
    command that asks a service, does not pay for fifty kinds."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


__all__ = [
    "KINDS",
    "Fault",
    "NotYetReadable",
    "Said",
    "Step",
    "code_of",
    "contract_model",
    "kind_of",
    "read_whole",
    "said_of",
]
