"""CERTIFICATE_MISMATCH: a certificate does not fit what it is given for.

Inputs: the certificates on record under a number (`certified`); where that number is given: with a receipt, an import,
a split, a commingling.
Condition: none of the certificates of that number fits: another product than all the goods, a batch that it does not
name, more than it is for, a holder that is neither the supplier nor, of goods parted or mixed, whoever did that, or a
time that lies surely outside of its validity. Of a number that is not on record nothing is said here.
Severity: warning.
Proposes: confirm, by the papers of the supplier.
Source: Food Safety Law art. 53; the rules on certificates of compliance: whoever mixes or parts goods issues it anew.
Clears: a certificate of that number that fits is recorded, or the certificate or what gives it is corrected.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from fieldline_schemas.times import Interval

from fieldline_trace.reference.products import Products, even, product_of
from fieldline_trace.risk.alerts import Finding, found

NAME: Final = "CERTIFICATE_MISMATCH"
WHYS: Final = ("product", "batch", "quantity", "holder", "date")
"""What may not fit, in the order in which one is told."""
Goods = tuple[str, tuple[Decimal, str] | None]
"""A batch, and how much of it, in the measure's own unit; None where that is not said."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What one event says of a certificate."""

    identity: int
    number: int
    firm: bool
    historical: bool
    name: str
    scheme: str
    holder: str
    goods: tuple[Goods, ...]
    product: str
    """Empty where it names batches alone."""
    valid: Interval

    def is_of(self, batch: str, holder: str, products: Products) -> bool:
        """Whether it is for a batch: by its key, else for the product of its holder."""
        if self.goods:
            return any(batch == one for one, _ in self.goods)
        return self.holder == holder and is_product(product_of(batch), self.product, products)

    def may_hold(self, when: Interval) -> bool:
        """Whether it may be valid then."""
        return self.valid.lo <= when.hi and when.lo <= self.valid.hi


@dataclass(frozen=True, slots=True)
class Use:
    """Where a certificate is given."""

    identity: int
    number: int
    firm: bool
    historical: bool
    goods: tuple[Goods, ...]
    holder: str
    """Whose it should be; empty where that is not known."""
    site: str
    at: Interval


def is_product(product: str, named: str, products: Products) -> bool:
    """Whether a product is the one that is named, in any spelling, or within that class."""
    chain = products.chain(named)
    return (chain[0] if chain else even(named)) in {*products.chain(product), even(product)}


def certificate_mismatch(
    name: str, certificates: Sequence[Certificate], uses: Sequence[Use], products: Products
) -> Iterator[Finding]:
    """At most one alert for each event that gives the certificate ``name``."""
    for use in uses:
        misfits = [(_misfit(one, use, products), one) for one in certificates]
        if not misfits or any(why is None for why, _ in misfits):
            continue
        why, one = min(misfits, key=lambda item: (-WHYS.index(item[0] or ""), item[1].identity, item[1].number))
        assert why is not None
        yield found(
            NAME,
            f"{name}|{use.identity:016x}",
            name,
            "warning",
            {
                "why": why,
                "certificate": name,
                "batches": [batch for batch, _ in use.goods],
                "site": use.site,
                "holder": one.holder,
                "operator": use.holder or None,
            },
            [(each.identity, each.number) for each in certificates] + [(use.identity, use.number)],
            sure=use.firm and all(each.firm for each in certificates),
            historical=use.historical,
        )


def _misfit(one: Certificate, use: Use, products: Products) -> str | None:
    """What does not fit first; None where all does, as far as it is said."""
    batches = [batch for batch, _ in use.goods]
    if one.product and not any(is_product(product_of(batch), one.product, products) for batch in batches):
        return "product"
    if one.goods and not any(batch == each for batch in batches for each, _ in one.goods):
        return "batch"
    if any(_is_more(much, certified) for batch, much in use.goods for of, certified in one.goods if of == batch):
        return "quantity"
    if use.holder and one.holder != use.holder:
        return "holder"
    return None if one.may_hold(use.at) else "date"


def _is_more(much: tuple[Decimal, str] | None, certified: tuple[Decimal, str] | None) -> bool:
    return much is not None and certified is not None and much[1] == certified[1] and much[0] > certified[0]
