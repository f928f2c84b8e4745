"""COMPLAINT_SIGNAL: more people complained about one batch than chance gives.

Inputs: complaints that name the batch, under any of its keys; how many a batch draws by chance (`signals.toml`).
Condition: distinct complaints within the window; the probability of as many or more by chance within any such window of
the half year that a batch is on sale, by the scan statistic, is at most the rate of false alarms that is allowed for
one batch, which three complaints within 30 days reach. The alert states the count, what chance gives, and the
probability.
Severity: warning; hold where anybody was hurt or ill.
Proposes: confirm, by a sample of the batch.
Source: an operating choice in `signals.toml`; S. E. Alm, 1983, for the scan statistic.
Clears: complaints are withdrawn or corrected.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from fieldline_trace.reference.load import Signal
from fieldline_trace.risk.alerts import Finding, Severity
from fieldline_trace.risk.scanning import Report, clustered

NAME: Final = "COMPLAINT_SIGNAL"


def complaint_signal(batch: str, reports: Sequence[Report], injured: int, signal: Signal) -> Iterator[Finding]:
    """At most one alert for a batch. ``injured``: how many were hurt or ill by all of them."""
    most = clustered(reports, signal)
    if most is not None:
        severity: Severity = "hold" if injured else "warning"
        yield most.found(NAME, batch, batch, severity, batch=batch, injured=injured)
