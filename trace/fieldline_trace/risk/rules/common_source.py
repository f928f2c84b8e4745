"""COMMON_SOURCE: what failed, or made people ill, has a source in common that chance does not explain.

Inputs: failed results and cases of illness of one hazard, those of one cluster, or on one batch, together; their
strains (sequence types); what each came from; how many batches each source reached, and how many there are.
Condition: two or more of those that follow one another within the window, at most the latest 50, and whose strains,
where known, are the same, came from it, what was made of another of them left out; it reached no more than 1,000
batches and no more than 5 % of all (20 where there are few); and the hypergeometric probability that as many of them
lie among what it reached, if drawn at random from all batches, is at most the rate of false alarms that is allowed for
one source (`signals.toml`). Of several sources the one that explains the most is told, then the least likely by chance,
then the nearest; then the rest is explained in the same way. Of the sources the 200 nearest are weighed, and none that
a widespread one came from; the count of batches is taken to five binary digits, downwards.
Severity: hold.
Proposes: hold what is left of the source, and test it.
Source: FoodChain-Lab's score for the share; the thresholds are operating choices in `signals.toml` and `hazards.toml`.
Clears: results or cases are withdrawn, superseded or corrected, or the lineage is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from fieldline_trace.reference.load import Explained
from fieldline_trace.reference.products import even
from fieldline_trace.risk.alerts import Finding, found
from fieldline_trace.risk.explaining import chance, rank, widest

NAME: Final = "COMMON_SOURCE"
WEIGHED: Final = 60
"""So many sources, by share and nearness, are weighed at a time."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One thing to explain: failed results and cases that speak of the same batches."""

    name: str
    """Its clusters, or else its batches."""
    events: tuple[tuple[int, int], ...]
    """(identity, event number)."""
    at: int
    """When, microseconds; 0 where nothing says so."""
    strains: frozenset[str] = frozenset()
    """Evened out."""
    spelled: frozenset[str] = frozenset()
    """Hazards and strains as they were written."""
    after: frozenset[int] = frozenset()
    """Positions of legs whose batches this one came from: it is not known to have a cause of its own."""
    firm: bool = True
    screening: bool = False
    historical: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """What several legs came from."""

    key: str
    hops: Mapping[int, int]
    """Position of a leg that came from it -> how many links away, 0 where it is the leg's own."""
    reached: Callable[[int], int]
    """How many other batches it reached; of more than the argument, any number above it."""


@dataclass(frozen=True, slots=True)
class _Choice:
    source: Source
    legs: tuple[int, ...]
    counted: tuple[int, ...]
    of: int
    strain: str
    chance: float = 1.0

    @property
    def hops(self) -> int:
        """To the nearest."""
        return min(self.source.hops[leg] for leg in self.counted)

    @property
    def rank(self) -> tuple[tuple[int, float, int], str, str]:
        """The best first."""
        return rank(len(self.counted), self.chance, self.hops), self.source.key, self.strain


def as_written(evened: str, legs: Sequence[Leg]) -> str:
    """A hazard or strain as it was written; of several spellings the least."""
    return min((text for leg in legs for text in leg.spelled if even(text) == evened), default=evened)


def counted(legs: Sequence[Leg], mine: Collection[int], source: Source | None = None) -> tuple[int, ...]:
    """Those of ``mine`` that count: not the source itself, nor what was made of another one."""
    others = {leg for leg in mine if source is None or source.hops.get(leg) != 0}
    return tuple(sorted(leg for leg in others if not legs[leg].after & others))


def common_source(
    key: str,
    since: str,
    legs: Sequence[Leg],
    sources: Sequence[Source],
    batches: int,
    *,
    collapse: int,
    signal: Explained,
) -> Iterator[Finding]:
    """One alert for each source that explains legs which no better one does.

    Args:
        key: ``CLASS|HAZARD``.
        since: the day of the first leg.
        legs: of one hazard, that follow one another within the window.
        sources: all that at least two of them came from.
        batches: how many there are.
    """
    hazard_class, _, hazard = key.partition("|")
    left = set(range(len(legs)))
    while best := _best(legs, sources, left, batches, collapse, signal):
        left.difference_update(best.legs)
        explained = [legs[leg] for leg in best.counted]
        yield found(
            NAME,
            f"{key}|{since}|{best.strain}|{best.source.key}",
            best.source.key,
            "hold",
            {
                "why": "strain" if best.strain else "hazard",
                "batch": best.source.key,
                "hazard_class": hazard_class,
                "hazard": as_written(hazard, explained),
                "strain": as_written(best.strain, explained) or None,
                "count": len(explained),
                "findings": best.of,
                "explains": sorted({leg.name for leg in explained}),
                "chance": f"{best.chance:.1g}",
                "false_alarms": f"{signal.false_alarms:g}",
            },
            [event for leg in best.legs for event in legs[leg].events],
            sure=all(leg.firm for leg in explained),
            screening=all(leg.screening for leg in explained),
            historical=all(leg.historical for leg in explained),
        )


def _best(
    legs: Sequence[Leg],
    sources: Sequence[Source],
    left: Collection[int],
    batches: int,
    collapse: int,
    signal: Explained,
) -> _Choice | None:
    """The best source of those legs that are left."""
    strains = ["", *sorted({strain for leg in left for strain in legs[leg].strains})]
    choices: list[_Choice] = []
    for strain in strains:
        alike = {leg for leg in left if not legs[leg].strains or strain in legs[leg].strains}
        for source in sources:
            mine = tuple(sorted(alike & source.hops.keys()))
            counts = counted(legs, mine, source)
            # Of legs of no known strain alone is spoken once.
            if len(counts) > 1 and bool(strain) == any(legs[leg].strains for leg in mine):
                choices.append(_Choice(source, mine, counts, len(counted(legs, alike, source)), strain))
    choices.sort(key=lambda one: (-len(one.counted), one.hops, one.source.key, one.strain))
    most = widest(batches, collapse)
    best: _Choice | None = None
    for choice in choices[:WEIGHED]:
        if best is not None and len(choice.counted) < len(best.counted):
            break
        reached = choice.source.reached(most)
        if reached > most:
            continue
        choice = replace(choice, chance=chance(len(choice.counted), choice.of, reached, batches))
        if choice.chance <= signal.false_alarms and (best is None or choice.rank < best.rank):
            best = choice
    return best
