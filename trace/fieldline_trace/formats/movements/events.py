"""Movements as events: what stands together at a holding is a herd, a pool there; a movement takes of one herd to
another.

So a trace goes by contact: whoever came into a herd may have met whoever left it later or on the same day, and no one
who left before. Each herd is said to have been there before its first movement. An animal that is named is a batch of
one, taken of the herd that it first left, and moves along.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

from fieldline_schemas.batch_parts import escaped

from fieldline_trace.formats.movements.rows import Movement

Event = dict[str, Any]


def events_of(movements: Iterable[Movement], *, register: str = "register") -> list[Event]:
    """The events of ``movements``, herds first. ``register``: whose numbers the animals and herds are keyed by.

    Equal rows are told apart by how often they came, so the same file says the same events again.
    """
    moved, seen = list(movements), Counter[tuple[object, ...]]()
    herds: dict[tuple[str, str], date] = {}
    said: list[Event] = []
    for one in moved:
        for site in (one.source, one.destination):
            herd = (site, one.species)
            herds[herd] = min(one.day, herds.get(herd, one.day))
        words = (one.source, one.destination, one.day.isoformat(), one.animal, one.head, one.species)
        seen[words] += 1
        said.append(_moved(one, _id(register, *words, seen[words]), register))
    return [
        *(_herd(site, species, day, register) for (site, species), day in sorted(herds.items())),
        *_taken(moved, register),
        *said,
    ]


def herd_of(register: str, species: str) -> str:
    """Key of the pool that stands for what is kept at a site; herds at different sites are different holdings of it."""
    return f"{escaped(register)}/{escaped(species or 'animals')}/~"


def animal_of(register: str, one: Movement) -> str:
    """Key of the animal that a movement names, as a batch of one."""
    return f"{escaped(register)}/{escaped(one.species or 'animals')}/{escaped(one.animal)}"


def _taken(moved: Iterable[Movement], register: str) -> list[Event]:
    """Each named animal, taken of the herd that it first left."""
    first: dict[str, Movement] = {}
    for one in sorted(moved, key=lambda one: (one.day, one.row)):
        if one.animal:
            first.setdefault(animal_of(register, one), one)
    return [
        {
            "id": _id(register, "taken", key, one.source, one.day.isoformat()),
            "kind": "split",
            "operator": one.source,
            "site": one.source,
            "at": one.day.isoformat(),
            "zone": "+00:00",
            "in_batch": herd_of(register, one.species),
            "out_batches": [key],
        }
        for key, one in first.items()
    ]


def _moved(one: Movement, name: str, register: str) -> Event:
    batches: list[Any] = [{"batch": herd_of(register, one.species), "quantity": one.head, "unit": "head"}]
    if one.animal:
        batches.append(animal_of(register, one))
    return {
        "id": name,
        "kind": "shipped",
        "operator": one.source,
        "site": one.source,
        "at": one.day.isoformat(),
        "zone": "+00:00",
        "to_site": one.destination,
        "to_operator": one.destination,
        "arrived": one.day.isoformat(),
        "batches": batches,
    }


def _herd(site: str, species: str, first: date, register: str) -> Event:
    before = (first - timedelta(days=1)).isoformat()
    return {
        "id": _id(register, "herd", site, species, before),
        "kind": "planted",
        "operator": site,
        "site": site,
        "at": before,
        "zone": "+00:00",
        "out_batch": herd_of(register, species),
    }


def _id(*words: object) -> str:
    framed = "".join(f"{len(str(word))}:{word}" for word in words)
    return f"urn:fieldline:movement:{sha256(framed.encode()).hexdigest()[:32]}"
