"""FoodChain-Lab's score of every station and delivery, and what lies forward and backward of what is observed.

The score is the weight at a place or forward of it, over all weight: the greater of the positive and the negative sum.
As FoodChain-Lab has it (BfROpenLab, its ``Tracing``), and so here:

- A cross-contaminated station links each delivery that came to each that left, if the latter did not surely leave
  before; of cross-contaminated deliveries to one station, each goes into what any of them goes into, by the same rule.
- A kill step ends what comes to the station, or what the delivery brings. What goes on behind a delivery still counts
  its recipient, also where that delivery kills; what is killed counts for itself.

Where FoodChain-Lab's answer depends on the order of its tables (deliveries in a circle), or counts a weight twice (a
station to which its own goods come back), here all that can be reached counts, once.

Nodes are numbered: deliveries first, then what lies between them (a batch at a station, a step).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from fieldline_trace.formats.fcl.condensed import Condensed
from fieldline_trace.formats.fcl.weighing import weigh


@dataclass(slots=True)
class Trade:
    """Deliveries between stations, and how one goes into another."""

    stations: int
    origin: list[int]
    """Of each delivery the station that it left."""
    target: list[int]
    """And the one that it came to."""
    left_by: list[int]
    """The last day on which it may have left (``days.wall_days``)."""
    came_from: list[int]
    """The first day on which it may have come."""
    after: list[list[int]]
    """Of each node, deliveries first, the nodes that it goes into."""


@dataclass(slots=True)
class Settings:
    """What an investigator assumes. Stations, deliveries and nodes by number."""

    station_weights: Mapping[int, float] = field(default_factory=dict)
    batch_weights: Sequence[tuple[float, Sequence[int]]] = ()
    """A weight, and the nodes that bear it together: it counts once, whichever of them is reached."""
    mixing_stations: frozenset[int] = frozenset()
    mixing_deliveries: frozenset[int] = frozenset()
    killing_stations: frozenset[int] = frozenset()
    killing_deliveries: frozenset[int] = frozenset()
    observed_stations: frozenset[int] = frozenset()
    observed_deliveries: frozenset[int] = frozenset()
    temporal_order: bool = True


@dataclass(frozen=True, slots=True)
class Score:
    """Of one station or delivery: its score, and whether it lies forward or backward of what is observed."""

    score: float
    forward: bool
    backward: bool


@dataclass(frozen=True, slots=True)
class Scores:
    """By number, stations and deliveries."""

    stations: list[Score]
    deliveries: list[Score]


def scores(trade: Trade, settings: Settings, homes: Mapping[int, int] | None = None) -> Scores:
    """The scores of ``trade`` under ``settings``. ``homes``: the station of a node that bears a weight and is no
    delivery."""
    deliveries = len(trade.origin)
    after = linked(trade, settings)
    outgoing: list[list[int]] = [[] for _ in range(trade.stations)]
    incoming: list[list[int]] = [[] for _ in range(trade.stations)]
    for delivery, (origin, target) in enumerate(zip(trade.origin, trade.target, strict=True)):
        if origin not in settings.killing_stations:
            outgoing[origin].append(delivery)
        if delivery not in settings.killing_deliveries:
            incoming[target].append(delivery)
    of_stations, of_deliveries = _shares(trade, settings, after, outgoing, homes or {})
    forward = _forward(trade, settings, after, outgoing)
    backward = _backward(trade, settings, after, incoming)
    return Scores(
        [Score(of_stations[at], at in forward[0], at in backward[0]) for at in range(trade.stations)],
        [Score(of_deliveries[at], at in forward[1], at in backward[1]) for at in range(deliveries)],
    )


def linked(trade: Trade, settings: Settings) -> list[list[int]]:
    """What each node goes into under ``settings``: with cross-contamination, and cut at kill steps."""
    after = [list(nexts) for nexts in trade.after]
    incoming: dict[int, list[int]] = {station: [] for station in settings.mixing_stations}
    outgoing: dict[int, list[int]] = {station: [] for station in settings.mixing_stations}
    for delivery, (origin, target) in enumerate(zip(trade.origin, trade.target, strict=True)):
        if target in incoming:
            incoming[target].append(delivery)
        if origin in outgoing:
            outgoing[origin].append(delivery)
    for station in sorted(settings.mixing_stations):
        _mix(trade, after, incoming[station], outgoing[station], settings.temporal_order)
    groups: dict[int, list[int]] = {}
    for delivery in sorted(settings.mixing_deliveries):
        groups.setdefault(trade.target[delivery], []).append(delivery)
    mixed = [(group, _directly_after(after, group, len(trade.origin))) for _, group in sorted(groups.items())]
    for group, nexts in mixed:
        if len(group) > 1:
            _mix(trade, after, group, nexts, settings.temporal_order)
    for delivery, target in enumerate(trade.target):
        if delivery in settings.killing_deliveries or target in settings.killing_stations:
            after[delivery] = []
    return after


def _mix(trade: Trade, after: list[list[int]], ins: Iterable[int], outs: Iterable[int], temporal: bool) -> None:
    """Link each of ``ins`` to each of ``outs`` that did not surely leave before it came.

    By a row of nodes, the earliest first, of which each goes into one of ``outs`` and into the next of the row: as many
    links as there are deliveries, not as there are pairs.
    """
    in_order = sorted(outs, key=lambda out: (trade.left_by[out], out))
    first = len(after)
    for at, out in enumerate(in_order):
        after.append([out] if at + 1 == len(in_order) else [out, first + at + 1])
    days = [trade.left_by[out] for out in in_order]
    for delivery in ins:
        at = bisect_left(days, trade.came_from[delivery]) if temporal else 0
        if at < len(in_order):
            after[delivery].append(first + at)


def _directly_after(after: Sequence[Sequence[int]], group: Iterable[int], deliveries: int) -> list[int]:
    """The deliveries that any of ``group`` goes into without another between."""
    found: set[int] = set()
    for node in _walk(after, [between for one in group for between in after[one]], stop_before=deliveries):
        if node < deliveries:
            found.add(node)
    return sorted(found)


def _walk(after: Sequence[Sequence[int]], starts: Iterable[int], stop_before: int = 0) -> Iterator[int]:
    """``starts`` and all nodes beyond, each once; not beyond nodes that are numbered below ``stop_before``."""
    seen = set(starts)
    waiting = list(seen)
    while waiting:
        node = waiting.pop()
        yield node
        if node >= stop_before:
            for beyond in after[node]:
                if beyond not in seen:
                    seen.add(beyond)
                    waiting.append(beyond)


def _shares(
    trade: Trade,
    settings: Settings,
    after: Sequence[Sequence[int]],
    outgoing: Sequence[Sequence[int]],
    homes: Mapping[int, int],
) -> tuple[list[float], list[float]]:
    """The scores of stations and of deliveries."""
    deliveries = len(trade.origin)
    stations_weighed = sorted(station for station, weight in settings.station_weights.items() if weight)
    batches_weighed = [(weight, nodes) for weight, nodes in settings.batch_weights if weight]
    weights = [settings.station_weights[station] for station in stations_weighed]
    weights += [weight for weight, _ in batches_weighed]
    whole = max(sum(weight for weight in weights if weight > 0), -sum(weight for weight in weights if weight < 0), 0.0)
    if whole == 0.0:
        return [0.0] * trade.stations, [0.0] * deliveries
    of_station = {station: item for item, station in enumerate(stations_weighed)}
    of_node: dict[int, list[int]] = {}
    for item, (_, nodes) in enumerate(batches_weighed, len(stations_weighed)):
        for node in nodes:
            of_node.setdefault(node, []).append(item)
    bearing = {node: list(items) for node, items in of_node.items()}
    for delivery, target in enumerate(trade.target):
        if target in of_station:
            bearing.setdefault(delivery, []).append(of_station[target])
    at_home: dict[int, list[int]] = {}
    for node, items in of_node.items():
        if node >= deliveries and node in homes:
            at_home.setdefault(homes[node], []).extend(items)
    condensed = Condensed(after)

    def of_delivery(delivery: int) -> list[int]:
        items = list(of_node.get(delivery, ()))
        if delivery not in settings.killing_deliveries and trade.target[delivery] in of_station:
            items.append(of_station[trade.target[delivery]])
        return items

    own = [of_delivery(delivery) for delivery in range(deliveries)]
    asked: list[tuple[list[int], list[int]]] = [([delivery], own[delivery]) for delivery in range(deliveries)]
    for station, outs in enumerate(outgoing):
        items = [item for out in outs for item in own[out]] + at_home.get(station, [])
        if station in of_station:
            items.append(of_station[station])
        asked.append((list(outs), items))
    shares = [weight / whole for weight in weigh(condensed, bearing, weights, asked)]
    return shares[deliveries:], shares[:deliveries]


def _forward(
    trade: Trade, settings: Settings, after: Sequence[Sequence[int]], outgoing: Sequence[Sequence[int]]
) -> tuple[set[int], set[int]]:
    """Stations and deliveries forward of what is observed."""
    begun = [out for station in settings.observed_stations for out in outgoing[station]]
    starts = [*begun, *settings.observed_deliveries]
    reached = {
        node
        for node in _walk(after, {beyond for start in starts for beyond in _beyond(trade, after, start)})
        if node < len(trade.origin)
    }
    stations = {trade.target[delivery] for delivery in reached}
    stations |= {trade.target[start] for start in starts if start not in settings.killing_deliveries}
    return stations, reached | set(begun)


def _beyond(trade: Trade, after: Sequence[Sequence[int]], delivery: int) -> Iterable[int]:
    """What a delivery goes into; one from a station to itself does not go into itself by way of cross-contamination."""
    if trade.origin[delivery] != trade.target[delivery]:
        return after[delivery]
    nexts = set(_directly_after(after, [delivery], len(trade.origin)))
    return nexts - {delivery}


def _backward(
    trade: Trade, settings: Settings, after: Sequence[Sequence[int]], incoming: Sequence[Sequence[int]]
) -> tuple[set[int], set[int]]:
    """Stations and deliveries backward of what is observed."""
    begun = [delivery for station in settings.observed_stations for delivery in incoming[station]]
    starts = [*begun, *settings.observed_deliveries]
    if not starts:
        return set(), set()
    before: list[list[int]] = [[] for _ in after]
    for node, nexts in enumerate(after):
        for beyond in nexts:
            before[beyond].append(node)
    reached = {
        node
        for node in _walk(before, {behind for start in starts for behind in _beyond(trade, before, start)})
        if node < len(trade.origin)
    }
    stations = {trade.origin[delivery] for delivery in reached}
    stations |= {trade.origin[start] for start in starts if trade.origin[start] not in settings.killing_stations}
    return stations, reached | set(begun)
