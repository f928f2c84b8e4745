"""TEST_FAILED: a laboratory's verdict that a batch failed, as it was sent.

Inputs: the variants of a confirmatory result that stand, and what supersedes it.
Condition: the verdict is failed. A negative test of anything else clears nothing; a screening test is
SCREENING_POSITIVE.
Severity: critical.
Proposes: draft_scope.
Source: the laboratory's report; a limit is not applied here.
Clears: the result is superseded or withdrawn, or a valid retest passes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fieldline_trace.risk.alerts import Finding, found

NAME = "TEST_FAILED"


@dataclass(frozen=True, slots=True)
class Result:
    """One variant of a test result, with what is known of its sample."""

    number: int
    identity: int
    firm: bool
    """Neither disputed nor said by some variants only."""
    historical: bool
    batches: tuple[str, ...]
    """Canonical keys of what was tested, directly or through the sample; empty while the sample is not known."""
    site: str
    lab: str
    report: str
    sample: str
    hazard_class: str
    hazard: str
    screening: bool
    """A screening test: it holds, a confirmatory one decides."""
    verdict: str
    whole_lot: bool
    """Speaks of the lot; otherwise of the holding that was sampled."""
    results: tuple[str, ...] = ()
    """Analytes with value, unit and limit as sent."""

    @property
    def rank(self) -> tuple[object, ...]:
        """Which of several results speaks for them: by content, so never by order. A whole lot before a holding of
        it."""
        content = (self.lab, self.report, self.sample, self.hazard_class, self.hazard, self.verdict)
        return (self.screening, not self.whole_lot, *content, self.batches, self.site, self.results)


def fails(variants: Sequence[Result], superseded_by: Sequence[Result], deciding: Sequence[Result]) -> list[Result]:
    """The variants by which a result counts as failed: none once it is superseded, or refuted by a confirmatory test.

    Args:
        variants: what stands of one result, all its variants.
        superseded_by: standing results that amend this report.
        deciding: standing firm confirmatory results of the same sample for the same hazard.
    """
    if superseded_by:
        return []
    failed = [one for one in variants if one.verdict == "failed"]
    return [one for one in failed if not one.screening] if refutes(deciding) else failed


def refutes(deciding: Sequence[Result]) -> bool:
    """Whether the confirmatory results on a sample refute its screens: one passed, and none failed."""
    verdicts = {one.verdict for one in deciding}
    return "passed" in verdicts and "failed" not in verdicts


def test_failed(
    variants: Sequence[Result], superseded_by: Sequence[Result], deciding: Sequence[Result]
) -> Iterator[Finding]:
    """A confirmatory result that fails.

    A negative test of anything but the same sample clears nothing: the source of the 2011 O104:H4 outbreak stayed
    negative throughout.
    """
    failed = [one for one in fails(variants, superseded_by, deciding) if not one.screening]
    if not failed:
        return
    one = min(failed, key=lambda result: result.rank)
    confirmed = [other for other in deciding if other.verdict == "failed" and other.identity != one.identity]
    yield found(
        NAME,
        f"{one.identity:016x}",
        ", ".join(one.batches) or f"sample {one.sample}",
        "critical",
        {
            "batches": list(one.batches),
            "site": one.site,
            "lab": one.lab,
            "report": one.report,
            "sample": one.sample or None,
            "hazard_class": one.hazard_class,
            "hazard": one.hazard,
            "method": "confirmatory",
            "whole_lot": one.whole_lot,
            "confirmed": bool(confirmed),
            "results": list(one.results),
        },
        ((result.identity, result.number) for result in [*failed, *confirmed]),
        sure=all(result.firm for result in variants) and len(failed) == len(variants),
        historical=all(result.historical for result in failed),
    )
