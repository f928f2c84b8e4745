"""CLAIM_UNSUPPORTED: green, organic or geographic is claimed of a batch, and records do not bear it out.

Inputs: labels with claims; certificates of the scheme for the batch, or for the product of whoever labelled it; what
the batch was made of, and whether that bears the claim.
Condition: no certificate of the scheme was valid when it was labelled; or it was made of a listed product that neither
is certified or labelled so, nor was made of nothing but such. Of an input that is no listed product, such as packaging,
seed or a plot, nothing is said.
Severity: warning.
Proposes: confirm, by the certificate or the records of the input.
Source: Food Safety Law art. 71: a label is true; the rules on organic, green and geographic products.
Clears: the certificate is recorded, or the label or the lineage is corrected.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from fieldline_schemas.times import Interval

from fieldline_trace.reference.products import Products
from fieldline_trace.risk.alerts import Finding, found
from fieldline_trace.risk.rules.certificate_mismatch import Certificate

NAME: Final = "CLAIM_UNSUPPORTED"


@dataclass(frozen=True, slots=True)
class Label:
    """What one event says that the label of a batch says."""

    identity: int
    number: int
    firm: bool
    historical: bool
    operator: str
    site: str
    at: Interval
    ingredients: tuple[str, ...]
    allergens: tuple[str, ...]
    claims: tuple[str, ...]
    produced: Interval | None
    expires: Interval | None


def claim_unsupported(
    batch: str,
    labels: Sequence[Label],
    certificates: Sequence[Certificate],
    bare: dict[str, tuple[str, ...]],
    products: Products,
) -> Iterator[Finding]:
    """At most two alerts for each claim of a batch.

    Args:
        batch: its key.
        labels: what stands of its labels.
        certificates: those that name it or its product.
        bare: by claim, inputs that do not bear it, sorted.
        products: what spellings mean, and classes.
    """
    for claim in sorted({claim for one in labels for claim in one.claims}):
        saying = [one for one in labels if claim in one.claims]
        fits = [one for one in certificates if one.scheme == claim]
        certified = all(
            any(each.is_of(batch, one.operator, products) and each.may_hold(one.at) for each in fits) for one in saying
        )
        if not certified:
            yield _found(batch, claim, "certificate", saying, [])
        if bare.get(claim):
            yield _found(batch, claim, "input", saying, list(bare[claim]))


def _found(batch: str, claim: str, why: str, labels: Sequence[Label], inputs: list[str]) -> Finding:
    return found(
        NAME,
        f"{batch}|{claim}|{why}",
        batch,
        "warning",
        {"why": why, "batch": batch, "claim": claim, "site": labels[0].site, "inputs": inputs},
        ((one.identity, one.number) for one in labels),
        sure=all(one.firm for one in labels),
        historical=all(one.historical for one in labels),
    )
