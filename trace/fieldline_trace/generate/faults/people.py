"""Planted failures of the rules on what people report: cases of illness and complaints."""

from __future__ import annotations

import math
from typing import Final

from fieldline_trace.generate.faults.case import Drawn, Planted, Planter
from fieldline_trace.reference import load_reference
from fieldline_trace.risk.rules import canteen_cluster, complaint_signal, sample_missing

REPORTS: Final = 4.0
"""Cases that a truly bad meal draws on average, and complaints that a bad batch does."""


def unsampled(case: Drawn, guilty: bool) -> Planted:
    """A meal that a case names, of which too little was kept, or nothing; or just enough."""
    meal, day = case.batch("lunch"), case.day()
    case.say("prepared", at=day, out_batch=meal)
    if not guilty or case.chance.random() < 0.5:
        case.say("sample_retained", at=day, batch=meal, mass_g=124 if guilty else 125)
    _ill(case, meal, 1)
    return case.planted(*[(sample_missing.NAME, meal)] * guilty)


def cluster(case: Drawn, guilty: bool) -> Planted:
    """Cases that a bad meal draws; or those that a good one draws by chance. Of a bad one that draws none nobody
    knows."""
    meal, day = case.batch("lunch"), case.day()
    case.say("prepared", at=day, out_batch=meal)
    case.say("sample_retained", at=day, batch=meal, mass_g=200)
    _ill(case, meal, _poisson(case, REPORTS if guilty else load_reference().cases.background))
    return case.planted(*[(canteen_cluster.NAME, f"{meal} at {case.operator}")] * guilty)


def complained(case: Drawn, guilty: bool) -> Planted:
    """Complaints that a bad batch draws; or those that a good one draws by chance."""
    batch, day = case.batch("ham"), case.day()
    for number in range(_poisson(case, REPORTS if guilty else load_reference().complaints.background)):
        case.say("complaint", sender="hotline", role="regulator", operator="hotline", site=None, at=day, batch=batch,
                 number=f"{case.name}:C{number}", text="planted")  # fmt: skip
    return case.planted(*[(complaint_signal.NAME, batch)] * guilty)


def _ill(case: Drawn, meal: str, count: int) -> None:
    for number in range(count):
        case.say("illness_case", sender="clinic", role="regulator", operator="clinic", site=None, at=case.day(),
                 case=f"{case.name}:P{number}", exposures=[{"batch": meal, "site": case.operator}],
                 onset=case.sayings[0].event["at"])  # fmt: skip


def _poisson(case: Drawn, mean: float) -> int:
    """How many of a Poisson distribution: Knuth's way, for small means."""
    least, product, count = math.exp(-mean), case.chance.random(), 0
    while product > least:
        product, count = product * case.chance.random(), count + 1
    return count


PLANTERS: Final = (
    Planter(sample_missing.NAME, unsampled, waits=True, everywhere=False),
    Planter(canteen_cluster.NAME, cluster, exact=False),
    Planter(complaint_signal.NAME, complained, exact=False),
)
