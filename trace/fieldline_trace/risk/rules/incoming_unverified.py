"""INCOMING_UNVERIFIED: goods were received without the supplier's papers that a buyer has to see.

Inputs: receipts with what was seen of the supplier's papers (`check`); licences of the supplier, certificates for the
batches and purchase inspections of them that are on record.
Condition: a supplier that is not named; no licence, neither seen nor on record for the day, of a supplier of anything
but agricultural products, or one that is on record as another's; or for a batch neither a certificate nor an inspection
that passed, seen or on record. Of a receipt that says nothing of a check nothing is said: whether its receiver has to
keep one is not known here.
Severity: warning.
Proposes: hold, until the papers are seen.
Source: Food Safety Law art. 50 and 53: purchase inspection; Agricultural Product Quality and Safety Law: certificates
of compliance.
Clears: the paper is recorded, or the receipt is corrected.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from fieldline_schemas.times import Interval

from fieldline_trace.reference.products import Products, product_of
from fieldline_trace.risk.alerts import Finding, found
from fieldline_trace.risk.rules.certificate_mismatch import Certificate
from fieldline_trace.risk.rules.lab_not_accredited import Licence

NAME: Final = "INCOMING_UNVERIFIED"


@dataclass(frozen=True, slots=True)
class Receipt:
    """One variant of a receipt that says what was seen."""

    identity: int
    number: int
    firm: bool
    historical: bool
    batches: tuple[str, ...]
    site: str
    supplier: str
    at: Interval
    licence: str
    certificates: tuple[str, ...]
    inspection: str


@dataclass(frozen=True, slots=True)
class Papers:
    """What is on record about a supplier and goods."""

    licences: Sequence[tuple[str, Licence]]
    """(number, licence) of the supplier, and any other of a number that was seen."""
    certificates: Sequence[Certificate]
    inspected: frozenset[str]
    """Batches of which a purchase inspection passed."""


def incoming_unverified(receipts: Sequence[Receipt], papers: Papers, products: Products) -> Iterator[Finding]:
    """At most one alert for each thing that a receipt lacks. ``receipts``: all that stands of one."""
    lacking = [(what, one) for one in receipts for what in _lacks(one, papers, products)]
    for what in sorted({what for what, _ in lacking}):
        lack = [one for each, one in lacking if each == what]
        one = min(lack, key=lambda receipt: (receipt.supplier, receipt.batches, receipt.site, receipt.number))
        yield found(
            NAME,
            f"{one.identity:016x}|{what}",
            ", ".join(one.batches),
            "warning",
            {
                "why": what,
                "batches": list(one.batches),
                "site": one.site,
                "operator": one.supplier or None,
                "licence": one.licence or None,
            },
            ((each.identity, each.number) for each in lack),
            sure=len(lack) == len(receipts) and all(each.firm for each in lack),
            historical=all(each.historical for each in lack),
        )


def _lacks(one: Receipt, papers: Papers, products: Products) -> Iterator[str]:
    if not one.supplier:
        yield "supplier"
    elif not all(products.is_agricultural(product_of(batch)) for batch in one.batches):
        known = [each for name, each in papers.licences if name == one.licence]
        if one.licence and known:
            if not any(each.holder == one.supplier and each.covers(one.at) for each in known):
                yield "not_theirs"
        elif not one.licence:
            held = [each for _, each in papers.licences if each.holder == one.supplier and each.covers(one.at)]
            if not held:
                yield "licence"
    if not (one.certificates or one.inspection):
        unseen = [
            batch
            for batch in one.batches
            if batch not in papers.inspected
            and not any(
                each.is_of(batch, one.supplier, products) and each.may_hold(one.at) for each in papers.certificates
            )
        ]
        if unseen:
            yield "evidence"
