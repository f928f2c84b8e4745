"""FoodChain-Lab's score of every station and delivery, as investigators marked them.

``{"position", "temporal_order", "weight", "stations": {id: {"score", "forward", "backward"}}, "deliveries": {id: {…}},
"named": {"stations": {id: site}, "deliveries": {id: {"batch", "from", "to"}}}}``. An id is that of FoodChain-Lab's file
where the data came from one, else a site's key, and ``BATCH: FROM → TO``. ``weight`` is all weight, the greater of the
positive and the negative sum; where it is 0 all scores are 0.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

from fieldline_schemas.kinds.tracing_marked import TracingMarked
from fieldline_schemas.registry import code_of
from fieldline_schemas.times import Interval
from fieldline_schemas.whole import read_if_known
from pydantic import BaseModel, ConfigDict, Field

from fieldline_trace.api.answers.desk import Desk
from fieldline_trace.api.answers.marks import Marks, standing_marks
from fieldline_trace.api.answers.trading import FLOWING, Told, Trading, told_of
from fieldline_trace.formats.fcl.scoring import Score, Scores, Settings, scores
from fieldline_trace.store import Q

AT_ONCE = 2000
"""Events fetched and read at a time."""
UNDONE = ("withdrawn", "unreadable")


class ScoreArguments(BaseModel):
    """How to score."""

    model_config = ConfigDict(extra="forbid")

    times: Literal["marked", "trusted", "ignore"] = Field(
        default="marked",
        description="Whether dates exclude at cross-contaminated stations; marked: as the settings say.",
    )


async def score(desk: Desk, asked: ScoreArguments) -> dict[str, Any]:
    """The scores of all that went from one site to another, under the marks that stand."""
    told: list[Told] = []
    marked: list[tuple[int, TracingMarked]] = []
    done = 0
    while (now := desk.position) > done:  # it goes on while we read; what is standing is asked at one position
        await _read(desk, done, now, told, marked)
        done = now
    stands = desk.world.standing_of
    marks = standing_marks(event for number, event in marked if stands(number) not in UNDONE)
    every = await _opened(desk, [one for one in told if stands(one.event) not in UNDONE])
    canonical = await _canonical(desk, every)
    order = marks.temporal_order if asked.times == "marked" else asked.times == "trusted"
    said = await asyncio.to_thread(_scored, every, marks, canonical, order)
    return {"position": done, **said}


async def _read(desk: Desk, after: int, up_to: int, told: list[Told], marked: list[tuple[int, TracingMarked]]) -> None:
    """Add what the events after one position and up to another say."""
    marking = code_of("tracing_marked")

    def read(rows: Sequence[Any]) -> None:
        for row in rows:
            if row["kind"] == marking:
                event = read_if_known(row["body"])
                if isinstance(event, TracingMarked):
                    marked.append((row["number"], event))
            elif (one := told_of(row["number"], row["kind"], row["body"])) is not None:
                told.append(one)

    async with desk.conn.transaction():
        cursor = await desk.conn.cursor(Q["score_events"], [*FLOWING, marking], desk.position)
        while rows := await cursor.fetch(AT_ONCE):
            await asyncio.to_thread(read, rows)


async def _opened(desk: Desk, every: list[Told]) -> list[Told]:
    """With what was in units in place of the units that were sent."""
    keys = {one.sent.move[0] for told in every for one in told.units}
    if not keys:
        return every
    numbers = {row["key"]: row["number"] for row in await desk.conn.fetch(Q["keys_batch"], sorted(keys))}
    units, names = desk.world.content.units, desk.names

    def content(unit: str, when: Interval) -> Iterator[str]:
        for batch in sorted(units.content(numbers[unit], when.lo, when.hi)) if unit in numbers else ():
            yield names.batch_key(batch)

    return [told.opened(content) if told.units else told for told in every]


async def _canonical(desk: Desk, every: Sequence[Told]) -> Callable[[str], str]:
    """From a batch's key to the one that it counts as. Only where keys were joined is anything looked up."""
    if not await desk.conn.fetch(Q["answer_events_of_kind"], code_of("same_batch"), desk.position):
        return str
    keys = {batch for told in every for ins, outs in told.made for batch, _ in (*ins, *outs)}
    keys |= {sent.move[0] for told in every for sent in told.sent}
    numbers = {row["key"]: row["number"] for row in await desk.conn.fetch(Q["keys_batch"], sorted(keys))}
    index, names = desk.world.index, desk.names
    found = {key: names.batch_key(index.canonical(number)) for key, number in numbers.items() if desk.knows(number)}
    return lambda key: found.get(key, key)


def _scored(
    every: Sequence[Told], marks: Marks, canonical: Callable[[str], str], temporal_order: bool
) -> dict[str, Any]:
    trading = Trading(every, canonical)
    for site in [*marks.stations, *marks.sites]:
        trading.station(site)
    settings = _settings(trading, marks, canonical, temporal_order)
    found = scores(trading.trade(), settings, trading.homes)
    stations, deliveries = trading.ids(marks.stations)
    weights = [*settings.station_weights.values(), *(weight for weight, _ in settings.batch_weights)]
    return {
        "temporal_order": temporal_order,
        "weight": max(sum(w for w in weights if w > 0), -sum(w for w in weights if w < 0), 0.0),
        **_by_id(found, stations, deliveries),
        "named": {
            "stations": dict(zip(stations, trading.stations, strict=True)),
            "deliveries": {
                name: {"batch": batch, "from": origin, "to": target}
                for name, (batch, origin, target) in zip(deliveries, trading.deliveries, strict=True)
            },
        },
    }


def _by_id(found: Scores, stations: Sequence[str], deliveries: Sequence[str]) -> dict[str, Any]:
    def said(names: Sequence[str], every: Sequence[Score]) -> dict[str, Any]:
        return {
            name: {"score": one.score, "forward": one.forward, "backward": one.backward}
            for name, one in zip(names, every, strict=True)
        }

    return {"stations": said(stations, found.stations), "deliveries": said(deliveries, found.deliveries)}


def _settings(trading: Trading, marks: Marks, canonical: Callable[[str], str], temporal_order: bool) -> Settings:
    """Marks of sites and batches as numbers of stations and deliveries, in an order that is always the same."""
    batches: dict[str, dict[str, Any]] = {}
    for key, said in sorted(marks.batches.items()):
        batches.setdefault(canonical(key), {}).update(said)

    def stations_with(name: str) -> frozenset[int]:
        return frozenset(trading.station(site) for site, said in marks.sites.items() if said.get(name))

    def deliveries_with(name: str) -> frozenset[int]:
        several = (trading.bearers(batch) for batch, said in batches.items() if said.get(name))
        return frozenset(node for nodes in several for node in nodes if node < len(trading.deliveries))

    return Settings(
        station_weights={
            trading.station(site): said["weight"] for site, said in sorted(marks.sites.items()) if said.get("weight")
        },
        batch_weights=[
            (said["weight"], trading.bearers(batch)) for batch, said in batches.items() if said.get("weight")
        ],
        mixing_stations=stations_with("cross_contamination"),
        mixing_deliveries=deliveries_with("cross_contamination"),
        killing_stations=stations_with("kill_step"),
        killing_deliveries=deliveries_with("kill_step"),
        observed_stations=stations_with("observed"),
        observed_deliveries=deliveries_with("observed"),
        temporal_order=temporal_order,
    )
