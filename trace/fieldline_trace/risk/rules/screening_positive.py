"""SCREENING_POSITIVE: a screening (rapid) test found something, and a confirmatory test has not refuted it.

Inputs: the variants of a screening result that stand, what supersedes it, the confirmatory results on its sample, and
the confirmatory results that failed for the same hazard on other samples of its batches.
Condition: the verdict is failed, and no confirmatory result on its own sample passed without another that failed. A
negative test of another sample refutes nothing; a positive one of the same batch confirms.
Severity: hold while only the screen says so; critical once it is confirmed.
Proposes: draft_scope; hold, with a confirmatory test, while only the screen says so.
Source: Food Safety Law art. 88: rapid tests sort out, confirmatory ones decide.
Clears: the result is superseded or withdrawn, or a confirmatory result on its sample refutes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from fieldline_trace.risk.alerts import Finding, found
from fieldline_trace.risk.rules.test_failed import Result, fails

NAME: Final = "SCREENING_POSITIVE"


def screening_positive(
    variants: Sequence[Result],
    superseded_by: Sequence[Result],
    deciding: Sequence[Result],
    confirming: Sequence[Result] = (),
) -> Iterator[Finding]:
    """At most one alert for a result.

    Args:
        variants: what stands of one result, all its variants.
        superseded_by: standing results that amend this report.
        deciding: standing firm confirmatory results of the same sample for the same hazard.
        confirming: those that failed of other samples of the same batches.
    """
    failed = [one for one in fails(variants, superseded_by, deciding) if one.screening]
    if not failed:
        return
    one = min(failed, key=lambda result: result.rank)
    confirmed = confirms(one.identity, deciding, confirming)
    yield found(
        NAME,
        f"{one.identity:016x}",
        ", ".join(one.batches) or f"sample {one.sample}",
        "critical" if confirmed else "hold",
        {
            "why": "confirmed" if confirmed else "alone",
            "batches": list(one.batches),
            "site": one.site,
            "lab": one.lab,
            "report": one.report,
            "sample": one.sample or None,
            "hazard_class": one.hazard_class,
            "hazard": one.hazard,
            "by": min((other.report for other in confirmed), default=None),
            "whole_lot": one.whole_lot,
            "results": list(one.results),
        },
        ((result.identity, result.number) for result in [*failed, *confirmed]),
        sure=all(result.firm for result in variants) and len(failed) == len(variants),
        screening=not confirmed,
        historical=all(result.historical for result in failed),
    )


def confirms(identity: int, deciding: Sequence[Result], confirming: Sequence[Result]) -> list[Result]:
    """The confirmatory results by which a screen of that identity is more than a screen."""
    return [one for one in [*deciding, *confirming] if one.verdict == "failed" and one.identity != identity]
