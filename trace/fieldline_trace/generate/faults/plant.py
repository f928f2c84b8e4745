"""A whole set of cases of all rules, drawn by a seed."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass

from fieldline_trace.generate.faults.case import Drawn, Planter, Saying


@dataclass(frozen=True, slots=True)
class Planting:
    """What was planted: all events, and by rule what has to stand."""

    sayings: list[Saying]
    alerts: dict[str, set[str]]
    """Rule -> subjects of the alerts that have to stand in the end."""
    cases: dict[str, int]
    """Rule -> how many cases deserve its alert; as many do just not."""


def plant(planters: Iterable[Planter], each: int, seed: int) -> Planting:
    """``each`` cases of every planter that deserve its alert, and as many that just do not. The same seed gives the
    same cases, whatever other planters there are."""
    planting = Planting([], {}, {})
    for planter in planters:
        planting.alerts.setdefault(planter.rule, set())
        planting.cases[planter.rule] = each
        for number in range(2 * each):
            name = f"case-{seed}-{planter.rule.lower()}-{number}"
            case = planter.plant(Drawn(name, random.Random(name)), number % 2 == 0)  # noqa: S311 - drawn, no secret
            planting.sayings.extend(case.sayings)
            for rule, subject in case.alerts:
                planting.alerts.setdefault(rule, set()).add(subject)
    return planting
