"""Deliveries between stations, as FoodChain-Lab sees a trade, put together from what events say.

A delivery is a batch that went from one site to another, however many events say so. Between deliveries lie holdings
(a batch at a site) and steps: what came with a delivery goes into what was made of it there, and into what left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
from fieldline_schemas import fast
from fieldline_schemas.batch_key import is_unit
from fieldline_schemas.faults import Fault
from fieldline_schemas.flows import Moved, Still
from fieldline_schemas.record import ADDED, MADE, MOVED, SHAPE_MASK
from fieldline_schemas.registry import KINDS, kind_of
from fieldline_schemas.times import Interval
from fieldline_schemas.wire import is_extension

from fieldline_trace.formats.fcl.days import ANY, Days, left_and_came
from fieldline_trace.formats.fcl.scoring import Trade

Holding = tuple[str, str]
"""A batch at a site, by their keys."""
Move = tuple[str, str, str]
"""A batch, the site that it left, the site that it came to."""


class Made(NamedTuple):
    """Holdings that went into others."""

    ins: list[Holding]
    outs: list[Holding]


class Sent(NamedTuple):
    """What one event says of one delivery; ``ids``: of delivery, origin and target, as FoodChain-Lab's file has
    them."""

    move: Move
    left: Days
    came: Days
    ids: tuple[str, str, str] | None


class SentUnit(NamedTuple):
    """A unit that was sent: its content went with it. ``when``: when it left, as an interval."""

    sent: Sent
    when: Interval


class Told(NamedTuple):
    """What one event says of a trade."""

    event: int
    made: list[Made]
    sent: list[Sent]
    units: list[SentUnit]

    def opened(self, content: Callable[[str, Interval], Iterable[str]]) -> Told:
        """The same with the content of units in their place. ``content``: the batches that a unit held then."""
        inside = [
            one.sent._replace(move=(batch, *one.sent.move[1:]))
            for one in self.units
            for batch in content(one.sent.move[0], one.when)
        ]
        return self._replace(sent=[*self.sent, *inside], units=[])


FLOWING = tuple(model.CODE for model in KINDS.models.values() if not isinstance(model.FLOW, Still))
"""Kinds of which some event may say that something went somewhere."""


def told_of(event: int, kind: int, body: bytes) -> Told | None:
    """What an event says of a trade; None where it says nothing, or cannot be read yet."""
    try:
        fields: dict[str, Any] = msgspec.json.decode(body)
        said = fast.read(_bare(fields))
    except (Fault, msgspec.DecodeError):
        return None
    told = Told(event, [], [], [])
    for step in said.steps:
        shape = step.shape & SHAPE_MASK
        if shape in (MADE, ADDED) and step.ins and step.outs:
            told.made.append(Made(step.ins, step.outs))
        elif shape == MOVED:
            left, came, ids = _said_of_move(kind, fields)
            for (batch, origin), (_, target) in zip(step.ins, step.outs, strict=True):
                sent = Sent((batch, origin, target), left, came, ids)
                if is_unit(batch):
                    told.units.append(SentUnit(sent, step.d))
                else:
                    told.sent.append(sent)
    return told if told.made or told.sent or told.units else None


def _bare(fields: dict[str, Any]) -> bytes:
    """An event as the fast reading is fastest: without extensions and nulls, and with an id, which it would derive."""
    known = {name: value for name, value in fields.items() if value is not None and not is_extension(name)}
    return msgspec.json.encode({"id": "-", **known})


def _said_of_move(kind: int, event: dict[str, Any]) -> tuple[Days, Days, tuple[str, str, str] | None]:
    """When it left and came, on the calendar of who wrote it, and its ids in FoodChain-Lab's file."""
    flow = KINDS.models[kind_of(kind)].FLOW
    left, came = ANY, ANY
    if isinstance(flow, Moved):
        left, came = left_and_came(event.get(flow.departed), event.get(flow.arrived))
    try:
        rows = event["x-fcl"]
        ids = rows["delivery"]["ID"], rows["from"]["ID"], rows["to"]["ID"]
    except (KeyError, TypeError):
        return left, came, None
    return left, came, ids if all(isinstance(name, str) and name for name in ids) else None


class Trading:
    """The trade that events tell of. ``canonical``: the batch that a key counts as."""

    def __init__(self, every: Iterable[Told], canonical: Callable[[str], str]) -> None:
        self.stations: list[str] = []
        self.deliveries: list[Move] = []
        self._station: dict[str, int] = {}
        self._delivery: dict[Move, int] = {}
        self._days: list[tuple[Days, Days]] = []
        self._ids: dict[int, set[tuple[str, str, str]]] = {}
        made: list[Made] = []
        for told in every:
            made += [
                Made(
                    [(canonical(batch), site) for batch, site in ins],
                    [(canonical(batch), site) for batch, site in outs],
                )
                for ins, outs in told.made
            ]
            for sent in told.sent:
                batch, origin, target = sent.move
                self._send((canonical(batch), origin, target), sent)
        self._after: list[list[int]] = [[] for _ in self.deliveries]
        self._node: dict[tuple[str, str, bool], int] = {}
        self._around = {(batch, origin) for batch, origin, target in self.deliveries if origin == target}
        for number, (batch, origin, target) in enumerate(self.deliveries):
            self._after[self.node((batch, origin), out=origin != target)].append(number)
            self._after[number].append(self.node((batch, target), out=origin == target))
        for ins, outs in made:
            self._step(ins, outs)
        self._bearers: dict[str, list[int]] = {}
        self.homes: dict[int, int] = {}
        """The station of each node that is a holding."""
        for number, (batch, _, _) in enumerate(self.deliveries):
            self._bearers.setdefault(batch, []).append(number)
        moved = set(self._bearers)
        for (batch, site, _), node in self._node.items():
            self.homes[node] = self.station(site)
            if batch not in moved:
                self._bearers.setdefault(batch, []).append(node)

    def _send(self, move: Move, sent: Sent) -> None:
        """Add a delivery, or what one more event says of it: its days are as wide as all say together."""
        number = self._delivery.get(move)
        if number is None:
            number = self._delivery[move] = len(self.deliveries)
            self.deliveries.append(move)
            self._days.append((sent.left, sent.came))
            for site in move[1:]:
                self.station(site)
        else:
            left, came = self._days[number]
            self._days[number] = _hull(left, sent.left), _hull(came, sent.came)
        if sent.ids is not None:
            self._ids.setdefault(number, set()).add(sent.ids)

    def station(self, site: str) -> int:
        """The number of a station; a site that is not known becomes one."""
        if site not in self._station:
            self._station[site] = len(self.stations)
            self.stations.append(site)
        return self._station[site]

    def node(self, holding: Holding, *, out: bool) -> int:
        """The node of a holding. One that was sent from its site to the same has two: before (not ``out``) and after
        that delivery."""
        key = (*holding, out and holding in self._around)
        if key not in self._node:
            self._node[key] = len(self._after)
            self._after.append([])
        return self._node[key]

    def _step(self, ins: Sequence[Holding], outs: Sequence[Holding]) -> None:
        step = len(self._after)
        self._after.append([])
        for holding in ins:
            self._after[self.node(holding, out=True)].append(step)
        self._after[step] = [self.node(holding, out=False) for holding in outs]

    def bearers(self, batch: str) -> list[int]:
        """The nodes that a batch's weight lies on: its deliveries, or where it lies if it never went anywhere."""
        return self._bearers.get(batch, [])

    @property
    def days(self) -> list[tuple[Days, Days]]:
        """When each delivery left, and when it came."""
        return self._days

    def relations(self) -> Iterator[tuple[int, int]]:
        """Pairs of deliveries, by number: what came with the first went into the second, with none between."""
        count = len(self.deliveries)
        for number in range(count):
            seen = {node for node in self._after[number] if node >= count}
            direct = {node for node in self._after[number] if node < count}
            todo = list(seen)
            while todo:
                for node in self._after[todo.pop()]:
                    if node < count:
                        direct.add(node)
                    elif node not in seen:
                        seen.add(node)
                        todo.append(node)
            yield from ((number, other) for other in sorted(direct) if other != number)

    def trade(self) -> Trade:
        """What is scored."""
        return Trade(
            stations=len(self.stations),
            origin=[self._station[origin] for _, origin, _ in self.deliveries],
            target=[self._station[target] for _, _, target in self.deliveries],
            left_by=[left.last for left, _ in self._days],
            came_from=[came.first for _, came in self._days],
            after=self._after,
        )

    def ids(self, stations: dict[str, str]) -> tuple[list[str], list[str]]:
        """The ids of stations and deliveries: those of FoodChain-Lab's file where it gave one, and one alone, to each
        (``stations``: more of them, by site), else the site's key, and ``BATCH: FROM → TO``."""
        of_stations: dict[str, set[str]] = {site: {name} for site, name in stations.items()}
        of_deliveries: list[set[str]] = [set() for _ in self.deliveries]
        for number, given in self._ids.items():
            _, origin, target = self.deliveries[number]
            for delivery, sender, recipient in given:
                of_deliveries[number].add(delivery)
                of_stations.setdefault(origin, set()).add(sender)
                of_stations.setdefault(target, set()).add(recipient)
        return (
            _named([of_stations.get(site, set()) for site in self.stations], self.stations),
            _named(of_deliveries, [f"{batch}: {origin} → {target}" for batch, origin, target in self.deliveries]),
        )


def _hull(one: Days, other: Days) -> Days:
    """Both; what says nothing adds nothing."""
    if ANY in (one, other):
        return other if one == ANY else one
    return Days(min(one.first, other.first), max(one.last, other.last))


def _named(given: Sequence[set[str]], else_named: Sequence[str]) -> list[str]:
    """The one id that each was given, unless another was given the same."""
    only = [next(iter(ids)) if len(ids) == 1 else "" for ids in given]
    taken: dict[str, int] = {}
    for name in only:
        taken[name] = taken.get(name, 0) + 1
    return [name if name and taken[name] == 1 else other for name, other in zip(only, else_named, strict=True)]
