"""FoodChain-Lab's scores, held to a plain reading of their definition over random networks."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from itertools import product

import pytest
from fieldline_trace.formats.fcl.days import ANY, left_and_came, wall_days
from fieldline_trace.formats.fcl.scoring import Score, Scores, Settings, Trade, scores
from hypothesis import given
from hypothesis import strategies as st

Date = tuple[int | None, int | None, int | None]


@dataclass(frozen=True)
class Sent:
    """A delivery as its table has it."""

    origin: int
    target: int
    left: Date = (None, None, None)
    came: Date = (None, None, None)


@dataclass
class Plain:
    """The definition, read off with sets: slow, and nothing shared with the product."""

    stations: int
    sent: list[Sent]
    relations: list[tuple[int, int]]
    settings: Settings
    nexts: dict[int, set[int]] = field(default_factory=dict)

    def before(self, first: int, second: int) -> bool:
        """Whether ``first`` may have come before ``second`` left, part by part of the dates."""
        if not self.settings.temporal_order:
            return True
        came, left = self.sent[first].came, self.sent[second].left
        came = self.sent[first].left if came[0] is None else came
        left = self.sent[second].came if left[0] is None else left
        for a, b in zip(came, left, strict=True):
            if a is None or b is None or b > a:
                return True
            if b < a:
                return False
        return True

    def link(self) -> None:
        """All links: stated, of cross-contamination, cut."""
        every = range(len(self.sent))
        given, marks = self.settings, self.settings
        self.nexts = {one: {to for come, to in self.relations if come == one} for one in every}
        for one, two in product(every, every):
            at = self.sent[one].target
            meets = self.sent[two].origin == at
            if one != two and at in given.mixing_stations and meets and self.before(one, two):
                self.nexts[one].add(two)
        stated = {one: set(nexts) for one, nexts in self.nexts.items()}
        for one, other in product(marks.mixing_deliveries, marks.mixing_deliveries):
            if one != other and self.sent[one].target == self.sent[other].target:
                self.nexts[one] |= {out for out in stated[other] if self.before(one, out)}
        for one in every:
            if one in marks.killing_deliveries or self.sent[one].target in marks.killing_stations:
                self.nexts[one] = set()
            self.nexts[one].discard(one)

    def beyond(self, one: int) -> set[int]:
        """Deliveries that ``one`` reaches."""
        found: set[int] = set()
        waiting = list(self.nexts[one])
        while waiting:
            if (at := waiting.pop()) not in found:
                found.add(at)
                waiting += self.nexts[at]
        return found

    def recipients(self, one: int) -> set[int]:
        """Stations forward of ``one``."""
        own = set() if one in self.settings.killing_deliveries else {self.sent[one].target}
        return own | {self.sent[other].target for other in self.beyond(one)}

    def senders(self, one: int) -> set[int]:
        """Stations backward of ``one``."""
        own = set() if self.sent[one].origin in self.settings.killing_stations else {self.sent[one].origin}
        return own | {self.sent[other].origin for other in self.behind(one)}

    def behind(self, one: int) -> set[int]:
        """Deliveries that reach ``one``."""
        return {other for other in range(len(self.sent)) if one in self.beyond(other)}

    def outgoing(self, station: int) -> set[int]:
        """Deliveries that carry on what the station has."""
        if station in self.settings.killing_stations:
            return set()
        return {one for one, sent in enumerate(self.sent) if sent.origin == station}

    def incoming(self, station: int) -> set[int]:
        """Deliveries that bring something to the station."""
        return {
            one
            for one, sent in enumerate(self.sent)
            if sent.target == station and one not in self.settings.killing_deliveries
        }

    def scores(self) -> Scores:
        """Everything."""
        self.link()
        marks = self.settings
        heavy = list(marks.station_weights.values()) + [weight for weight, _ in marks.batch_weights]
        whole = max(sum(w for w in heavy if w > 0), -sum(w for w in heavy if w < 0))

        def share(stations: set[int], deliveries: set[int]) -> float:
            total = sum(weight for station, weight in marks.station_weights.items() if station in stations)
            total += sum(weight for weight, nodes in marks.batch_weights if deliveries & set(nodes))
            return total / whole if whole else 0.0

        forward: tuple[set[int], set[int]] = (set(), set())
        backward: tuple[set[int], set[int]] = (set(), set())
        for station in marks.observed_stations:
            for out in self.outgoing(station):
                forward[0].update(self.recipients(out))
                forward[1].update({out} | self.beyond(out))
            for come in self.incoming(station):
                backward[0].update(self.senders(come))
                backward[1].update({come} | self.behind(come))
        for one in marks.observed_deliveries:
            forward[0].update(self.recipients(one))
            forward[1].update(self.beyond(one))
            backward[0].update(self.senders(one))
            backward[1].update(self.behind(one))
        found = Scores([], [])
        for station in range(self.stations):
            outs = self.outgoing(station)
            stations = {station}.union(*(self.recipients(out) for out in outs))
            deliveries = outs.union(*(self.beyond(out) for out in outs))
            found.stations.append(Score(share(stations, deliveries), station in forward[0], station in backward[0]))
        for one in range(len(self.sent)):
            score = share(self.recipients(one), self.beyond(one) | {one})
            found.deliveries.append(Score(score, one in forward[1], one in backward[1]))
        return found


def _said(date: Date) -> str | None:
    year, month, day = date
    if year is None:
        return None
    return "-".join([f"{year:04}", *(f"{part:02}" for part in (month, day) if part is not None)])


def _trade(plain: Plain) -> Trade:
    left_by, came_from = [], []
    for sent in plain.sent:
        left, came = left_and_came(_said(sent.left), _said(sent.came))
        left_by.append(left.last)
        came_from.append(came.first)
    after: list[list[int]] = [[] for _ in plain.sent]
    for come, to in plain.relations:
        after[come].append(len(after))  # by way of a node between, as steps are
        after.append([to])
    return Trade(
        stations=plain.stations,
        origin=[sent.origin for sent in plain.sent],
        target=[sent.target for sent in plain.sent],
        left_by=left_by,
        came_from=came_from,
        after=after,
    )


DATES = st.one_of(
    st.just((None, None, None)),
    st.tuples(
        st.integers(2012, 2013),
        st.one_of(st.none(), st.integers(1, 2)),
        st.one_of(st.none(), st.integers(1, 3)),
    ).map(lambda date: (date[0], date[1], None if date[1] is None else date[2])),
)
WEIGHTS = st.sampled_from([1.0, 1.0, 2.0, 0.5, 0.0, -1.0, -3.0])


@st.composite
def networks(draw: st.DrawFn) -> Plain:
    """A few stations and deliveries, circles among them, with every mark there is."""
    stations = draw(st.integers(1, 5))
    at = st.integers(0, stations - 1)
    sent = draw(st.lists(st.builds(Sent, at, at, DATES, DATES), min_size=1, max_size=9))
    one = st.integers(0, len(sent) - 1)
    meeting = [
        (come, to)
        for come, to in product(range(len(sent)), range(len(sent)))
        if come != to and sent[come].target == sent[to].origin
    ]
    relations = draw(st.lists(st.sampled_from(meeting), max_size=12, unique=True)) if meeting else []
    some_stations, some = st.frozensets(at, max_size=2), st.frozensets(one, max_size=4)
    settings = Settings(
        station_weights=draw(st.dictionaries(at, WEIGHTS, max_size=3)),
        batch_weights=[(weight, [node]) for node, weight in draw(st.dictionaries(one, WEIGHTS, max_size=3)).items()],
        mixing_stations=draw(some_stations),
        mixing_deliveries=draw(some),
        killing_stations=draw(some_stations),
        killing_deliveries=draw(st.frozensets(one, max_size=2)),
        observed_stations=draw(some_stations),
        observed_deliveries=draw(st.frozensets(one, max_size=2)),
        temporal_order=draw(st.booleans()),
    )
    return Plain(stations, sent, relations, settings)


@given(networks())
def test_scores_are_what_the_definition_says(plain: Plain) -> None:
    found, told = scores(_trade(plain), plain.settings), plain.scores()
    for side in ("stations", "deliveries"):
        for got, want in zip(getattr(found, side), getattr(told, side), strict=True):
            assert got.score == pytest.approx(want.score, abs=1e-12)
            assert (got.forward, got.backward) == (want.forward, want.backward)


def _line(**marks: object) -> Scores:
    """0 → 1 → 2 → 3: deliveries 0, 1, 2, each of what the one before brought; the last station weighs 1."""
    sent = [Sent(0, 1), Sent(1, 2), Sent(2, 3)]
    given = Settings(station_weights={3: 1.0}, **marks)  # type: ignore[arg-type]
    return scores(_trade(Plain(4, sent, [(0, 1), (1, 2)], given)), given)


def test_what_lies_upstream_of_a_weight_has_it_whole() -> None:
    assert [one.score for one in _line().stations] == [1.0, 1.0, 1.0, 1.0]


def test_a_kill_step_at_a_station_ends_what_comes_to_it() -> None:
    found = _line(killing_stations=frozenset({2}))
    assert [one.score for one in found.stations] == [0.0, 0.0, 0.0, 1.0]
    assert [one.score for one in found.deliveries] == [0.0, 0.0, 1.0]


def test_a_kill_step_on_a_delivery_ends_what_it_brings() -> None:
    found = _line(killing_deliveries=frozenset({1}))
    assert [one.score for one in found.stations] == [0.0, 0.0, 1.0, 1.0]


def test_negative_weight_is_set_against_positive_and_the_greater_sum_is_the_whole() -> None:
    sent = [Sent(0, 1), Sent(0, 2), Sent(0, 3)]
    given = Settings(station_weights={1: 2.0, 2: -0.5, 3: 1.0})
    found = scores(_trade(Plain(4, sent, [], given)), given)
    assert [one.score for one in found.deliveries] == pytest.approx([2 / 3, -0.5 / 3, 1 / 3])
    assert found.stations[0].score == pytest.approx(2.5 / 3)


def test_a_weight_that_several_deliveries_of_a_batch_bear_counts_once() -> None:
    sent = [Sent(0, 1), Sent(0, 2)]
    given = Settings(batch_weights=[(1.0, [0, 1])])
    found = scores(_trade(Plain(3, sent, [], given)), given)
    assert found.stations[0].score == 1.0


@pytest.mark.parametrize(
    ("said", "first", "last"),
    [
        ("2018-02-26", 20180226, 20180226),
        ("2018-02-26T23:30:00-05:00", 20180226, 20180226),
        ("2018-02", 20180200, 20180299),
        ("2018", 20180000, 20189999),
        ({"from": "2018-03-04", "to": "2018-04-03"}, 20180304, 20180403),
    ],
)
def test_days_are_those_of_the_wall_calendar(said: object, first: int, last: int) -> None:
    assert wall_days(said) == (first, last)


def test_a_date_that_is_not_known_is_the_other_end_s() -> None:
    left, came = left_and_came(None, "2018-02")
    assert left == came == (20180200, 20180299)
    assert left_and_came(None, None) == (ANY, ANY)


def test_a_large_trade_is_scored_in_seconds() -> None:
    count = 100_000
    sent = [Sent(at % 1000, (at * 7 + 1) % 1000, (2012, at % 12 + 1, at % 28 + 1)) for at in range(count)]
    relations = [(at, at + 1 + at % 5) for at in range(0, count - 6, 2)]
    given = Settings(
        station_weights=dict.fromkeys(range(0, 1000, 3), 1.0),
        batch_weights=[(1.0, [at]) for at in range(0, count, 50)],
        mixing_stations=frozenset(range(0, 1000, 100)),
    )
    trade = _trade(Plain(1000, sent, relations, given))
    began = time.monotonic()
    found = scores(trade, given)
    assert max(one.score for one in found.deliveries) > 0
    assert time.monotonic() - began < 20
