"""What stands of all that was said: variants of one id, corrections, their authority, cycles.

The answer is a function of everything that was said under the identities involved, never of the order in which it
came: two capture lanes cannot see each other's half of a conflict, and a correction may come before the event that it
names.

The rules:

* An **identity** is a sender and an id. Several contents under one identity are its *variants*: all of them stand, as
  conflicting.
* A **correction** withdraws or replaces an event. It counts if its sender is the event's sender or the event's
  operator, or has authority; otherwise it is *refused*. One that names a digest speaks of that variant. Without a
  digest it speaks of the one variant that stands; if several stand, all become disputed and none is withdrawn.
* What is replaced stays disputed until every replacement named has come; then it is withdrawn.
* A correction is an event itself: withdrawn, it has no effect; disputed or said by some of its variants only, it can
  only dispute.
* Corrections in a **cycle** have no effect on each other. One that something outside the cycle withdraws is no part
  of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple, TypeVar

_Node = TypeVar("_Node", int, str)


class State(IntEnum):
    """How one variant of an event stands. Ordered from firm to gone."""

    RECORDED = 0
    CONFLICTING = 1
    DISPUTED = 2
    WITHDRAWN = 3


class Statement(NamedTuple):
    """One variant of an event, as far as its standing depends on it."""

    number: int
    """Event number."""
    identity: int
    """Hash of sender and id."""
    sender: int
    """Party number."""
    operator: int
    """Party number; 0 = none named."""
    authority: bool
    digests: frozenset[str]
    """Hexadecimal digests under which a correction may name this variant."""


class Correction(NamedTuple):
    """What one variant of a correction says."""

    number: int
    """Its own event number."""
    target: int
    """Identity of the event that it corrects."""
    digest: str | None
    replaces: bool
    replacements: tuple[frozenset[int], ...]
    """For each replacement, the identities that would be it (the id under the correction's sender, or under the
    target's)."""

    @property
    def claim(self) -> tuple[int, str | None, bool, tuple[frozenset[int], ...]]:
        """What is said, whoever says it."""
        return self[1:]


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the variants asked about stand, and why."""

    states: Mapping[int, State]
    """Event number -> state, for every statement of the identities solved."""
    causes: Mapping[int, tuple[int, ...]]
    """Event number -> numbers of the corrections that withdraw or dispute it."""
    refused: frozenset[int]
    """Corrections that stand but do not count: their sender may not correct what they name."""
    cyclic: frozenset[int]
    """Corrections that have no effect because they correct each other in a circle."""


@dataclass(slots=True)
class Standing:
    """All that was said about identities that have variants or corrections; identities without either are never
    entered here."""

    statements: dict[int, dict[int, Statement]] = field(default_factory=dict)
    corrections: dict[int, dict[int, Correction]] = field(default_factory=dict)
    """Identity of the correcting event -> its variants."""
    watched: set[int] = field(default_factory=set)
    """Identities under which a further statement would change how something stands. It only grows."""
    _by_target: dict[int, set[int]] = field(default_factory=dict)
    _by_replacement: dict[int, set[int]] = field(default_factory=dict)
    """Identity awaited as a replacement -> identities of the corrections that await it."""

    def say(self, statement: Statement) -> None:
        """Enter one variant; entering it again changes nothing."""
        self.statements.setdefault(statement.identity, {})[statement.number] = statement
        self.watched.add(statement.identity)

    def correct(self, identity: int, correction: Correction) -> None:
        """Enter what one variant of the correcting event ``identity`` says. Its statement is entered by ``say``."""
        self.corrections.setdefault(identity, {})[correction.number] = correction
        self._by_target.setdefault(correction.target, set()).add(identity)
        self.watched.add(correction.target)
        for either in correction.replacements:
            for awaited in either:
                self.watched.add(awaited)
                self._by_replacement.setdefault(awaited, set()).add(identity)

    def family(self, identities: Iterable[int]) -> set[int]:
        """The identities whose standing may depend on ``identities``, and all that theirs depends on.

        Down along corrections from what changed, then up to everything that speaks of what was reached.
        """
        below: set[int] = set()
        todo = list(identities)
        for identity in list(todo):
            todo.extend(self._by_replacement.get(identity, ()))
        while todo:
            identity = todo.pop()
            if identity not in below:
                below.add(identity)
                todo.extend(said.target for said in self.corrections.get(identity, {}).values())
        family: set[int] = set()
        todo = list(below)
        while todo:
            identity = todo.pop()
            if identity not in family:
                family.add(identity)
                todo.extend(self._by_target.get(identity, ()))
        return family

    def solve(self, identities: Iterable[int]) -> Verdict:
        """How everything stands that ``identities`` can bear upon."""
        return _Solver(self, self.family(identities)).verdict()


class _Effect(NamedTuple):
    correction: int
    variants: tuple[int, ...]
    full: bool
    """Withdraws; otherwise it only disputes."""
    only_one: bool
    """Names no digest: withdraws only where one variant stands."""


class _Solver:
    """One pass over a family of identities, correcting events before what they correct."""

    def __init__(self, said: Standing, family: set[int]) -> None:
        self.said = said
        self.family = family
        self.states: dict[int, State] = {}
        self.causes: dict[int, tuple[int, ...]] = {}
        self.refused: set[int] = set()
        self.cyclic: set[int] = set()
        self.effects: dict[int, list[tuple[int, _Effect]]] = {}
        """Target identity -> (correcting identity, effect) of those solved already."""

    def verdict(self) -> Verdict:
        edges = {one: {t for t in self._targets(one) if t in self.family} for one in sorted(self.family)}
        work: list[tuple[Mapping[int, set[int]], list[list[int]]]] = [(edges, strongly_connected(edges))]
        while work:
            within, circles = work[-1]
            if circles:
                self._solve_next(within, circles.pop(), work)
            else:
                work.pop()
        return Verdict(self.states, self.causes, frozenset(self.refused), frozenset(self.cyclic))

    def _solve_next(
        self,
        edges: Mapping[int, set[int]],
        circle: list[int],
        work: list[tuple[Mapping[int, set[int]], list[list[int]]]],
    ) -> None:
        """Settle one identity, or a circle: what withdraws a part of it from outside breaks it, otherwise it is
        void."""
        if len(circle) == 1 and circle[0] not in edges[circle[0]]:
            self._settle(circle[0])
            return
        gone = {one for one in circle if self._is_gone(one)}
        if gone:
            for one in sorted(gone):
                self._settle(one)
            rest = {one: edges[one] & set(circle) - gone for one in circle if one not in gone}
            work.append((rest, strongly_connected(rest)))
            return
        for one in circle:
            self.cyclic.update(self._counting(one, set(circle)))
            self._settle(one, void=set(circle))

    def _targets(self, identity: int) -> set[int]:
        """What ``identity`` corrects, where that has come and the correction counts."""
        return {c.target for c in self.said.corrections.get(identity, {}).values() if self._named(identity, c)}

    def _counting(self, identity: int, circle: set[int]) -> list[int]:
        said = self.said.corrections.get(identity, {}).values()
        return [c.number for c in said if c.target in circle and self._named(identity, c)]

    def _candidates(self, correction: Correction) -> list[Statement]:
        statements = self.said.statements.get(correction.target, {}).values()
        return [s for s in statements if correction.digest is None or correction.digest in s.digests]

    def _named(self, identity: int, correction: Correction) -> list[Statement]:
        """The variants that the correction names and may correct."""
        by = self.said.statements.get(identity, {}).get(correction.number)
        if by is None:
            return []
        return [s for s in self._candidates(correction) if may_correct(by, s)]

    def _is_gone(self, identity: int) -> bool:
        states, _ = self._states_of(identity)
        return bool(states) and all(state is State.WITHDRAWN for state in states.values())

    def _states_of(self, identity: int) -> tuple[dict[int, State], dict[int, tuple[int, ...]]]:
        """The states of one identity's variants by the effects known so far."""
        variants = self.said.statements.get(identity, {})
        effects = [effect for _, effect in self.effects.get(identity, ())]
        by: dict[int, list[int]] = {}
        withdrawn: set[int] = set()
        disputed: set[int] = set()
        for effect in sorted(effects, key=lambda e: e.only_one):
            standing = [n for n in effect.variants if n not in withdrawn]
            if effect.only_one and len(variants.keys() - withdrawn) > 1:
                disputed.update(standing)
            elif effect.full:
                withdrawn.update(standing)
            else:
                disputed.update(standing)
            for number in effect.variants:
                by.setdefault(number, []).append(effect.correction)
        left = variants.keys() - withdrawn
        states: dict[int, State] = {}
        for number in variants:
            if number in withdrawn:
                states[number] = State.WITHDRAWN
            elif number in disputed:
                states[number] = State.DISPUTED
            else:
                states[number] = State.CONFLICTING if len(left) > 1 else State.RECORDED
        return states, {number: tuple(sorted(set(numbers))) for number, numbers in by.items()}

    def _settle(self, identity: int, void: Set[int] = frozenset()) -> None:
        """Fix the states of ``identity``, then work out what its own corrections do; targets in ``void`` are left
        alone."""
        states, causes = self._states_of(identity)
        self.states.update(states)
        self.causes.update(causes)
        corrections = self.said.corrections.get(identity, {})
        standing = {n: c for n, c in corrections.items() if states.get(n, State.WITHDRAWN) is not State.WITHDRAWN}
        alive = [n for n, state in states.items() if state is not State.WITHDRAWN]
        for number, correction in sorted(standing.items()):
            if correction.target in void:
                continue
            named = self._named(identity, correction)
            if not named:
                if self._candidates(correction):
                    self.refused.add(number)
                continue
            said_by_all = all(n in standing and standing[n].claim == correction.claim for n in alive)
            full = said_by_all and states[number] is not State.DISPUTED and self._has_come(correction, named)
            effect = _Effect(number, tuple(s.number for s in named), full, correction.digest is None)
            self.effects.setdefault(correction.target, []).append((identity, effect))

    def _has_come(self, correction: Correction, named: Sequence[Statement]) -> bool:
        """Whether every replacement that the correction names is there."""
        if not correction.replaces:
            return True
        replaced = {s.number for s in named}
        return all(
            any(self.said.statements.get(one, {}).keys() - replaced for one in either)
            for either in correction.replacements
        )


def may_correct(by: Statement, what: Statement) -> bool:
    """Whether a correction said as ``by`` counts against ``what``: its sender, its operator, or an authority."""
    return by.authority or by.sender == what.sender or (what.operator != 0 and by.sender == what.operator)


def strongly_connected(edges: Mapping[_Node, set[_Node]]) -> list[list[_Node]]:
    """Tarjan's components of a graph, each after all that it leads to; no recursion, so chains of any length are
    fine."""
    order: dict[_Node, int] = {}
    low: dict[_Node, int] = {}
    stack: list[_Node] = []
    held: set[_Node] = set()
    found: list[list[_Node]] = []
    for root in edges:
        if root in order:
            continue
        work = [(root, iter(sorted(edges[root])))]
        order[root] = low[root] = len(order)
        stack.append(root)
        held.add(root)
        while work:
            node, onward = work[-1]
            for after in onward:
                if after not in edges:
                    continue
                if after not in order:
                    order[after] = low[after] = len(order)
                    stack.append(after)
                    held.add(after)
                    work.append((after, iter(sorted(edges[after]))))
                    break
                if after in held:
                    low[node] = min(low[node], order[after])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == order[node]:
                    part = []
                    while True:
                        one = stack.pop()
                        held.discard(one)
                        part.append(one)
                        if one == node:
                            break
                    found.append(sorted(part))
    return found
