"""LABEL_FAULT: what a label declares is not what went in.

Inputs: labels of a batch (`labelled`); what the batch was made of, with the labels of that; when it was made, and the
ends of its shelf life that other records say.
Condition: an allergen on the label of an input, or of what an input without a label was made of, is not declared; the
label lists ingredients, and an input that is a listed product is none of them by its name or class; the day of
production on the label is surely another than that on record; or its shelf life ends surely later than any other record
says, or before it was produced. Where several labels stand, what any of them declares is declared.
Severity: hold where an allergen is not declared; else warning: a false label is class III.
Proposes: hold, and a label that is right.
Source: Food Safety Law art. 67 and 71; a recall of class III for false labels.
Clears: the label, or the record of what went in, is corrected.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from fieldline_schemas.times import FOREVER, NEVER, Interval

from fieldline_trace.reference.products import Products, even, product_of
from fieldline_trace.risk.alerts import Finding, found
from fieldline_trace.risk.rules.certificate_mismatch import is_product
from fieldline_trace.risk.rules.claim_unsupported import Label

NAME: Final = "LABEL_FAULT"


@dataclass(frozen=True, slots=True)
class Input:
    """One batch that went in."""

    batch: str
    allergens: tuple[str, ...]
    """On its label, or on those of what it was made of."""


def label_fault(
    batch: str, labels: Sequence[Label], inputs: Sequence[Input], made: Interval | None, until: int, products: Products
) -> Iterator[Finding]:
    """At most one alert for each fault of a batch's label.

    Args:
        batch: its key.
        labels: what stands of its labels; none: nothing is found.
        inputs: what it was made of.
        made: when, by the records; None where that is not known.
        until: the latest end of shelf life that other records say, microseconds; ``FOREVER`` where none does.
        products: what spellings mean, and classes.
    """
    if not labels:
        return
    declared = {even(name) for one in labels for name in one.allergens}
    for allergen in sorted({name for one in inputs for name in one.allergens}, key=even):
        if even(allergen) not in declared:
            having = sorted(one.batch for one in inputs if allergen in one.allergens)
            yield _found(batch, "allergen", labels, allergen, having)
    listed = [name for one in labels for name in one.ingredients]
    missing = sorted(
        one.batch
        for one in inputs
        if listed
        and products.chain(product := product_of(one.batch))
        and even(product) != even(product_of(batch))
        and not any(is_product(product, name, products) for name in listed)
    )
    if missing:
        yield _found(batch, "ingredient", labels, product_of(missing[0]), missing)
    dated = [one.produced for one in labels if one.produced is not None]
    known = dated and made is not None and made.lo > NEVER and made.hi < FOREVER
    if known and made is not None and all(one.hi < made.lo or one.lo > made.hi for one in dated):
        yield _found(batch, "produced", labels, "", [])
    ends = [one.expires for one in labels if one.expires is not None]
    if ends and until < FOREVER and all(one.lo > until for one in ends):
        yield _found(batch, "expires", labels, "", [])
    elif ends and dated and all(end.hi < begin.lo for end in ends for begin in dated):
        yield _found(batch, "backwards", labels, "", [])


def _found(batch: str, why: str, labels: Sequence[Label], what: str, inputs: list[str]) -> Finding:
    return found(
        NAME,
        f"{batch}|{why}|{even(what)}",
        batch,
        "hold" if why == "allergen" else "warning",
        {"why": why, "batch": batch, "site": labels[0].site, "what": what or None, "inputs": inputs},
        ((one.identity, one.number) for one in labels),
        sure=all(one.firm for one in labels),
        historical=all(one.historical for one in labels),
    )
