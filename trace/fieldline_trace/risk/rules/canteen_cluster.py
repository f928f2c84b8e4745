"""CANTEEN_CLUSTER: more people who ate one meal, or at one site, fell ill than chance gives.

Inputs: cases of illness with their exposures, by site; meals whose keys are one batch are one meal; how many cases
share a meal, or name a site within a day, by chance (`signals.toml`).
Condition: distinct cases exposed to one meal within the window: the Poisson probability of as many or more by chance is
at most the rate of false alarms that is allowed for one meal, which two cases reach. Or distinct cases exposed at the
site within a day, whatever they ate: the probability of as many or more within any day of a year, by the scan
statistic, is at most the rate that is allowed for one site and year, which three cases reach; told where these are more
than any one meal explains. Exposures that are not dated to the day count for their meal alone. The alert states the
count, what chance gives, and the probability.
Severity: critical.
Proposes: draft_scope; the retained samples are to be tested.
Source: an operating choice in `signals.toml`; S. E. Alm, 1983, for the scan statistic.
Clears: cases are withdrawn or corrected, or keys of meals are parted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from fieldline_trace.reference.load import Signal
from fieldline_trace.risk.alerts import Finding
from fieldline_trace.risk.scanning import Report, clustered

NAME: Final = "CANTEEN_CLUSTER"


def canteen_cluster(
    site: str, meals: Mapping[str, Sequence[Report]], at_site: Sequence[Report], meal: Signal, anywhere: Signal
) -> Iterator[Finding]:
    """At most one alert for each meal at a site, and one for the site.

    Args:
        meals: by the key of the batch that was eaten of.
        at_site: those whose day is known, by when they ate.
        meal: of cases that share a meal.
        anywhere: of cases that name a site.
    """
    greatest = 0
    for batch, reports in sorted(meals.items()):
        if (one := clustered(reports, meal)) is not None:
            greatest = max(greatest, one.count)
            yield one.found(NAME, f"{batch}|{site}", f"{batch} at {site}", "critical", batch=batch, site=site)
    most = clustered(at_site, anywhere)
    if most is not None and most.count > greatest:
        yield most.found(NAME, site, site, "critical", why="site", site=site)
