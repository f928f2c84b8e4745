"""SHARED_ENVIRONMENT: what failed, or made people ill, was grown with the same plot, water or soil.

Inputs: failed results and cases of illness of one hazard as COMMON_SOURCE takes them, that came from one plot, herd,
pond, or from what is brought to such without lots, such as water, soil or manure; when it was drawn on for each.
Condition: two or more, of strains that do not differ, none made of another of them, for which it was drawn on within
the window (`signals.toml`); it reached no more than 1,000 batches, which utilities do. No probability is asked for:
fields are few, and what they share is to be sampled. Of several, the one that explains the most is told, then the one
that reached the fewest.
Severity: hold.
Proposes: confirm, by samples of the plot, the water or the soil.
Source: environmental assessment of the romaine outbreak of 2018 (canal water); the window is an operating choice.
Clears: results or cases are withdrawn, superseded or corrected, or the records of what was harvested, watered or
manured are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from fieldline_trace.risk.alerts import Finding, found
from fieldline_trace.risk.rules.common_source import Leg, Source, as_written, counted

NAME: Final = "SHARED_ENVIRONMENT"


@dataclass(frozen=True, slots=True)
class Environment:
    """A pool that was harvested from, or brought to such a one."""

    source: Source
    what: Literal["ground", "input"]
    """Harvested from, or brought to what was."""
    drawn: Mapping[int, int]
    """Position of a leg -> when it was drawn on for it first, microseconds; 0 where nothing says so."""
    events: Mapping[int, tuple[tuple[int, int], ...]]
    """Position of a leg -> (identity, event number) of what says so."""


def shared_environment(
    key: str,
    since: str,
    legs: Sequence[Leg],
    environments: Sequence[Environment],
    *,
    within: int,
    collapse: int,
) -> Iterator[Finding]:
    """One alert for each environment that explains legs which no better one does.

    Args:
        key: ``CLASS|HAZARD``.
        since: the day of the first leg.
        within: microseconds between the first and the last time that it was drawn on for them.
    """
    hazard_class, _, hazard = key.partition("|")
    left = set(range(len(legs)))
    while True:
        choices = [
            (-len(mine), reached, one.source.key, mine, strain, one)
            for one in environments
            for mine, strain in [_most(legs, one, left, within)]
            if len(mine) > 1 and (reached := one.source.reached(collapse)) <= collapse
        ]
        if not choices:
            return
        _, _, source, mine, strain, one = min(choices, key=lambda choice: choice[:3])
        left.difference_update(mine)
        explained = [legs[leg] for leg in mine]
        yield found(
            NAME,
            f"{key}|{since}|{strain}|{source}",
            source,
            "hold",
            {
                "why": one.what,
                "batch": source,
                "hazard_class": hazard_class,
                "hazard": as_written(hazard, explained),
                "strain": as_written(strain, explained) or None,
                "count": len(explained),
                "explains": sorted({leg.name for leg in explained}),
            },
            [
                *(event for leg in explained for event in leg.events),
                *(event for leg in mine for event in one.events[leg]),
            ],
            sure=all(leg.firm for leg in explained),
            screening=all(leg.screening for leg in explained),
            historical=all(leg.historical for leg in explained),
        )


def _most(legs: Sequence[Leg], one: Environment, left: set[int], within: int) -> tuple[tuple[int, ...], str]:
    """The most legs within one window whose strains do not differ, and their strain."""
    best: tuple[tuple[int, ...], str] = ((), "")
    mine = sorted((one.drawn[leg], leg) for leg in left & one.drawn.keys())
    for strain in ["", *sorted({strain for _, leg in mine for strain in legs[leg].strains})]:
        alike = [(at, leg) for at, leg in mine if not legs[leg].strains or strain in legs[leg].strains]
        for i, (first, _) in enumerate(alike):
            window = counted(legs, [leg for at, leg in alike[i:] if at - first <= within])
            known = any(legs[leg].strains for leg in window)
            if len(window) > len(best[0]) and known == bool(strain):
                best = window, strain
    return best
