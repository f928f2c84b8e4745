"""Incidents: scopes that a person joined, and the six steps that each walks. Pure.

Joined and stepped are acts; what counts is what stands of them, in whatever order it came. A step counts once all
before it are said, so none is skipped. Which scopes may be one is proposed from what they have in common: definite
members.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from fieldline_schemas.kinds.incident_stepped import STEPS
from fieldline_schemas.times import Interval

from fieldline_trace.lineage.terms import DEFINITE
from fieldline_trace.recall.members import SUSPECT
from fieldline_trace.recall.scope import Scope


class Joined(NamedTuple):
    """Somebody joined scopes."""

    event: int
    at: Interval
    scopes: tuple[str, ...]
    title: str


class Stepped(NamedTuple):
    """Somebody said that a step was taken."""

    event: int
    at: Interval
    step: str


@dataclass(slots=True)
class Incident:
    """One incident, as far as it stands."""

    id: str
    title: str = ""
    scopes: list[str] = field(default_factory=list)
    joined: list[Joined] = field(default_factory=list)
    steps: dict[str, Stepped] = field(default_factory=dict)
    """The first that was said of each step."""

    @property
    def done(self) -> tuple[str, ...]:
        """The steps that count: the first ones, up to one that nobody said yet."""
        count = next((at for at, step in enumerate(STEPS) if step not in self.steps), len(STEPS))
        return STEPS[:count]

    @property
    def ahead(self) -> tuple[str, ...]:
        """Steps that were said before one that comes earlier: they do not count yet."""
        return tuple(step for step in STEPS[len(self.done) :] if step in self.steps)


@dataclass(slots=True)
class Incidents:
    """All that was said of incidents. Single writer."""

    _joined: dict[str, list[Joined]] = field(default_factory=dict)
    _stepped: dict[str, list[Stepped]] = field(default_factory=dict)

    def joined(self, incident: str, what: Joined) -> None:
        """Enter that scopes were joined."""
        self._joined.setdefault(incident, []).append(what)

    def stepped(self, incident: str, what: Stepped) -> None:
        """Enter that a step was taken."""
        self._stepped.setdefault(incident, []).append(what)

    def standing(self, stands: Callable[[int], bool]) -> dict[str, Incident]:
        """By id, the incidents of which any joining stands."""
        found: dict[str, Incident] = {}
        for name, said in sorted(self._joined.items()):
            kept = sorted((one for one in said if stands(one.event)), key=lambda one: (one.at, one.event))
            if not kept:
                continue
            incident = found[name] = Incident(name, joined=kept)
            incident.title = next((one.title for one in reversed(kept) if one.title), "")
            incident.scopes = sorted({scope for one in kept for scope in one.scopes})
            for one in sorted(self._stepped.get(name, ()), key=lambda one: (one.at, one.event)):
                if stands(one.event):
                    incident.steps.setdefault(one.step, one)
        return found


class Proposal(NamedTuple):
    """Scopes that may be one incident."""

    scopes: tuple[str, ...]
    shared: tuple[int, ...]
    """Holdings that are definite members of two of them at least."""


def proposed(scopes: Mapping[str, Scope], known: Iterable[Incident]) -> list[Proposal]:
    """Groups of live scopes that share definite members, and that no incident has all of."""
    at: dict[int, list[str]] = {}
    for name, scope in sorted(scopes.items()):
        if scope.status in ("draft", "open"):
            table = scope.table
            sure = scope.supported & (table.certainty == DEFINITE) & (table.role != SUSPECT) & (table.holding >= 0)
            for holding in table.holding[np.flatnonzero(sure)].tolist():
                at.setdefault(holding, []).append(name)
    leader = {name: name for names in at.values() for name in names}

    def find(name: str) -> str:
        while leader[name] != name:
            leader[name] = leader[leader[name]]
            name = leader[name]
        return name

    shared = {holding: names for holding, names in at.items() if len(names) > 1}
    for names in shared.values():
        for other in names[1:]:
            leader[find(other)] = find(names[0])
    groups: dict[str, tuple[set[str], list[int]]] = {}
    for holding, names in sorted(shared.items()):
        group = groups.setdefault(find(names[0]), (set(), []))
        group[0].update(names)
        group[1].append(holding)
    joined = [set(one.scopes) for one in known]
    return [
        Proposal(tuple(sorted(names)), tuple(holdings))
        for names, holdings in groups.values()
        if not any(names <= one for one in joined)
    ]
