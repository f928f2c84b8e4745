"""Which texts of an event tell who a person is: what the door splits off and a pseudonym stands for."""

from __future__ import annotations

from functools import lru_cache

from pydantic import BaseModel

from fieldline_schemas.contract import shapes_of
from fieldline_schemas.registry import contract_model

Path = tuple[str, ...]
"""Names of fields, from the event down. Where one holds a list, each element is meant."""


@lru_cache(maxsize=256)
def personal_paths(kind: str) -> tuple[Path, ...]:
    """Where the events of a kind name persons; ``Fault`` where there is no such kind. What stands there is a text, and
    may be a pseudonym of up to 128 printable characters as well."""
    return tuple(_paths(contract_model(kind)))


def _paths(model: type[BaseModel]) -> list[Path]:
    found: list[Path] = []
    for shape in shapes_of(model):
        if shape.value is not None and shape.value.personal:
            found.append((shape.name,))
        elif shape.part is not None:
            found += [(shape.name, *inner) for inner in _paths(shape.part)]
    return found
