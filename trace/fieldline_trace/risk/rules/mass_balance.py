"""MASS_BALANCE: a step made more than what was put into it can give: an input was not recorded.

Inputs: what a step, or a process of several events, put in and made, converted to one unit, where all of it is said;
the greatest yield and the tolerance (`yields.toml`).
Condition: made is more than put in times the greatest yield times 1.05. The greatest yield is 1 for what cannot grow:
transformed, packed (packaging beside), split, commingled, relabelled, slaughtered; no figure of a product is in the
reference data. A harvest, a milking and a kitchen's work are not judged, nor what has an amount that is not said. Of
several contents of one event the most that was put in and the least that was made count.
Severity: warning.
Proposes: nothing; whoever made it is to be asked for the missing input. The lineage is marked incomplete there; what is
merely unaccounted for is no alarm, and `fieldline balance` tells it.
Source: an operating choice in `yields.toml`; practice asks 99.5 to 105 % of raw material, and no standard sets it.
Clears: the missing input is recorded by a correction, or the event is corrected or withdrawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from fieldline_trace.reference.products import product_of
from fieldline_trace.reference.yields import Yields
from fieldline_trace.risk.alerts import Finding, found

NAME: Final = "MASS_BALANCE"
_UNITS: Final = {"mass": "kg", "volume": "l"}


@dataclass(frozen=True, slots=True)
class Part:
    """One variant of one event of a step or process. Amounts are kilograms or litres."""

    identity: int
    number: int
    firm: bool
    historical: bool
    kind: str
    dimension: str
    """``mass`` or ``volume``."""
    put_in: Decimal
    made: Decimal
    batches: tuple[str, ...]
    """What it made."""
    site: str


def mass_balance(process: str, parts: Sequence[Part], yields: Yields) -> Iterator[Finding]:
    """At most one alert for a step or a process. ``process``: what makes it this one, in words that no order changes;
    ``parts``: all that stands of it, each with its amounts said."""
    if not parts or len({part.dimension for part in parts}) > 1:
        return
    variants: dict[int, list[Part]] = {}
    for part in parts:
        variants.setdefault(part.identity, []).append(part)
    put_in = sum((max(one.put_in for one in every) for every in variants.values()), Decimal(0))
    made = sum((min(one.made for one in every) for every in variants.values()), Decimal(0))
    batches = sorted({batch for part in parts for batch in part.batches})
    products = [product_of(batch) for batch in batches]
    greatest = [yields.greatest(kind, products) for kind in sorted({part.kind for part in parts})]
    known = [one for one in greatest if one is not None]
    if not put_in or not known or len(known) < len(greatest):
        return
    most = put_in * max(known) * yields.tolerance
    if made <= most:
        return
    unit = _UNITS[parts[0].dimension]
    sites = sorted({part.site for part in parts if part.batches})
    yield found(
        NAME,
        process,
        ", ".join(batches),
        "warning",
        {
            "batches": list(batches),
            "site": sites[0] if len(sites) == 1 else "",
            "put_in": f"{put_in.normalize():f}",
            "made": f"{made.normalize():f}",
            "most": f"{most.normalize():f}",
            "greatest": f"{max(known).normalize():f}",
            "unit": unit,
        },
        ((part.identity, part.number) for part in parts),
        sure=all(part.firm for part in parts),
        historical=all(part.historical for part in parts),
    )
