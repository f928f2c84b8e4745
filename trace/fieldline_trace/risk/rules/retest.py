"""RETEST: a report is contested: what came of it, or why it comes to nothing.

Inputs: a result that failed; requests for its retest, with who asks and when the result reached them; results that say
they retest it; who made or had the batch; until when the sample, which is of the batch, keeps.
Condition: whoever made or had the batch may ask, within 7 working days of receiving the result, 5 for agricultural
products, 4 hours for a rapid test. Working days are Monday to Friday: public holidays are not in the reference data.
Another laboratory than the first and the asker's own retests that batch for that hazard, not by a rapid test, and says
so itself or an authority does; its conclusion is final. No retest of microbial failures, of a sample past its shelf
life, or asked for late. Of several valid retests that disagree a failed one counts. A request or retest that is not
valid is kept, changes nothing, and the alert says why.
Severity: warning where a retest passed, or something is not valid; info while one is awaited, controls staying.
Proposes: nothing; where a retest passed, that a person releases what is held: nothing is released by itself.
Source: Food Safety Law art. 88; Agricultural Product Quality and Safety Law art. 51 (`deadlines.toml`).
Clears: the request or the retest is withdrawn, or the report no longer fails by an amendment.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from fieldline_schemas.times import FOREVER, NEVER, Interval

from fieldline_trace.reference.load import Deadlines
from fieldline_trace.reference.working_days import end_of_working_days
from fieldline_trace.risk.alerts import Finding, Severity, found

NAME: Final = "RETEST"
MICROBIAL: Final = frozenset(("pathogen",))
"""Classes of hazards that are not retested: germs lie unevenly, and die or grow meanwhile."""


@dataclass(frozen=True, slots=True)
class Contested:
    """The result that is contested."""

    identity: int
    number: int
    lab: str
    report: str
    batches: tuple[str, ...]
    hazard_class: str
    hazard: str
    screening: bool
    agricultural: bool
    at: Interval
    """When it was reported."""
    keeps: int
    """Until when its sample keeps, microseconds; ``FOREVER`` where nothing says so."""
    may_ask: Collection[str]
    """Who made or had the batches, as far as that is recorded."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request."""

    identity: int
    number: int
    firm: bool
    historical: bool
    operator: str
    at: Interval
    received: Interval | None
    """When the result reached who asks."""


@dataclass(frozen=True, slots=True)
class Retest:
    """One result that says it retests."""

    identity: int
    number: int
    firm: bool
    historical: bool
    lab: str
    report: str
    by_itself: bool
    """The laboratory itself says it, or an authority."""
    screening: bool
    verdict: str
    fits: bool = True
    """Of the same hazard and, as far as is known, the same batch."""


def why_not_asked(one: Contested, request: Request, deadlines: Deadlines) -> str | None:
    """Why a request comes to nothing; None where it is valid. What a partial date leaves open is not held against
    it."""
    if one.hazard_class in MICROBIAL:
        return "microbial"
    if request.operator not in one.may_ask or request.operator == one.lab:
        return "not_entitled"
    received = (one.at if request.received is None else request.received).hi
    if received < FOREVER and request.at.lo > NEVER and request.at.lo > _due(one, received, deadlines):
        return "late"
    return "expired" if request.at.lo > one.keeps else None


def why_not_valid(one: Contested, retest: Retest, requests: Sequence[Request], deadlines: Deadlines) -> str | None:
    """Why a retest changes nothing; None where it is valid."""
    if one.hazard_class in MICROBIAL:
        return "microbial"
    if retest.lab == one.lab:
        return "same_lab"
    if retest.lab in one.may_ask:
        return "own"
    if not retest.by_itself:
        return "not_theirs"
    if retest.screening:
        return "rapid"
    if not retest.fits:
        return "other"
    whys = {why_not_asked(one, request, deadlines) for request in requests}
    if None in whys:
        return None
    return min((why for why in whys if why), default="not_asked")


def retest(
    one: Contested, requests: Sequence[Request], retests: Sequence[Retest], deadlines: Deadlines
) -> Iterator[Finding]:
    """What stands of the requests for a retest of a result, and of the retests."""
    asked = [(request, why_not_asked(one, request, deadlines)) for request in requests]
    tried = [(each, why_not_valid(one, each, requests, deadlines)) for each in retests]
    for request, why in asked:
        if why is not None:
            args = {"why": f"asked_{why}", "operator": request.operator}
            yield _found(one, args, "warning", [request], f"{request.identity:016x}")
    for each, why in tried:
        if why is not None:
            args = {"why": f"tested_{why}", "by": each.report, "at_lab": each.lab}
            yield _found(one, args, "warning", [each], f"{each.identity:016x}")
    valid = [request for request, why in asked if why is None]
    final = [each for each, why in tried if why is None and each.verdict != "inconclusive"]
    if not final:
        if valid:
            first = min(valid, key=lambda request: (request.at, request.operator, request.identity))
            yield _found(one, {"why": "awaited", "operator": first.operator}, "info", valid, "")
        return
    failed = [each for each in final if each.verdict == "failed"]
    decides = min(failed or final, key=lambda each: (each.lab, each.report, each.identity))
    args = {"why": "failed" if failed else "passed", "by": decides.report, "at_lab": decides.lab}
    yield _found(one, args, "info" if failed else "warning", [*valid, *final], "")


def _due(one: Contested, received: int, deadlines: Deadlines) -> int:
    if one.screening:
        return received + deadlines.retest_rapid
    days = deadlines.retest_days_agricultural if one.agricultural else deadlines.retest_days
    return end_of_working_days(received, days)


def _found(
    one: Contested, args: dict[str, str], severity: Severity, shown: Sequence[Request | Retest], which: str
) -> Finding:
    return found(
        NAME,
        f"{one.identity:016x}|{which}",
        ", ".join(one.batches) or f"report {one.report}",
        severity,
        {"batches": list(one.batches), "lab": one.lab, "report": one.report, "hazard": one.hazard, **args},
        [(one.identity, one.number), *((each.identity, each.number) for each in shown)],
        sure=all(each.firm for each in shown),
        historical=all(each.historical for each in shown),
    )
