"""What is said: the contract of events and records, and how they are read.

- ``fast.read`` is the hot path, ``whole.read_whole`` gives the pydantic model; both refuse with one ``Fault``.
- ``kinds/`` has one short file for each kind of event, ``registry`` lists them.
- ``batch_key``, ``sites``, ``times``, ``quantities``, ``identifiers``, ``admin_code``: what keys and values mean.
- ``canonical`` has the digest that identity rests on, ``record`` what followers need of a ledger entry.
- ``json/`` has the contract as JSON Schema.
"""

from fieldline_schemas.faults import Fault
from fieldline_schemas.registry import KINDS, code_of, contract_model, kind_of
from fieldline_schemas.said import NotYetReadable, Said, Step
from fieldline_schemas.whole import read_whole, said_of

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
