"""REGIONAL_PROBLEM: one hazard in one class of products fails at several producers of an area, beyond chance.

Inputs: confirmatory results that stand, by where the sample was taken (a county: six digits of the administrative
code), hazard, class of the product, producer (the issuer in the batch's key) and day.
Condition: within 30 days samples of at least three producers failed; and the binomial probability that as many or more
of the producers that were sampled for it in that time would fail, if each did with the probability that targets leave
(5 %), is at most 1 % (`signals.toml`). So three that fail of three are told, and three of fifteen are not. In the
window that holds the most of them; several samples of one producer count once.
Severity: hold.
Proposes: confirm, by samples of what other producers of the area made, and of what they share.
Source: policy texts ask for a case where failures of a region and product cluster, and name no figure; the figures are
operating choices, the 5 % what targets of 95 % leave.
Clears: results or the taking of samples are withdrawn or corrected, or more producers are sampled and pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from scipy.special import bdtrc

from fieldline_trace.reference.load import Regional
from fieldline_trace.risk.alerts import Finding, found

NAME: Final = "REGIONAL_PROBLEM"


class Sample(NamedTuple):
    """One sample, as far as it was tested for the hazard."""

    at: int
    """When it was taken, microseconds."""
    producers: frozenset[str]
    failed: bool
    events: tuple[tuple[int, int], ...]
    """(identity, event number) of the results."""
    firm: bool
    historical: bool


def regional_problem(
    area: str, hazard_class: str, hazard: str, product: str, samples: Sequence[Sample], regional: Regional
) -> Iterator[Finding]:
    """At most one alert for an area, hazard and class of products."""
    ordered = sorted(samples, key=lambda one: (one.at, one.events))
    failing = [one for one in ordered if one.failed]
    best: tuple[int, list[Sample]] = (0, [])
    for i, first in enumerate(failing):
        window = [one for one in failing[i:] if one.at - first.at <= regional.within]
        count = len(_producers(window))
        if count > best[0]:
            best = count, window
    count, window = best
    if count < regional.producers:
        return
    since = window[0].at
    tested = len(_producers(one for one in ordered if 0 <= one.at - since <= regional.within))
    chance = float(bdtrc(count - 1, tested, regional.background))
    if chance > regional.false_alarms:
        return
    yield found(
        NAME,
        f"{area}|{hazard_class}|{hazard}|{product}",
        f"{product} {area}",
        "hold",
        {
            "grid": area,
            "hazard_class": hazard_class,
            "hazard": hazard,
            "product": product,
            "count": count,
            "tested": tested,
            "producers": sorted(_producers(window)),
            "background": f"{regional.background:g}",
            "chance": f"{chance:.2g}",
            "false_alarms": f"{regional.false_alarms:g}",
        },
        [event for one in window for event in one.events],
        sure=all(one.firm for one in window),
        historical=all(one.historical for one in window),
    )


def _producers(samples: Iterable[Sample]) -> set[str]:
    return {producer for one in samples for producer in one.producers}
