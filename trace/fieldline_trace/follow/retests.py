"""Requests for retests and retests, as followers keep them: what a result that is contested is judged by."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from fieldline_schemas.kinds.retest_requested import RetestRequested
from fieldline_schemas.times import FOREVER
from numpy.typing import NDArray

from fieldline_trace.follow.bases import Bases
from fieldline_trace.follow.batch_steps import steps_of_batch, variants_of
from fieldline_trace.follow.facts import Anchor, Facts
from fieldline_trace.follow.names import Names
from fieldline_trace.follow.results import Results, Tested
from fieldline_trace.follow.rows import EventRows
from fieldline_trace.follow.standing import State
from fieldline_trace.lineage.lying import Lying
from fieldline_trace.reference import Reference
from fieldline_trace.reference.products import parts_issuer, product_of
from fieldline_trace.risk.rules.retest import Contested, Request, Retest, why_not_valid


def anchor_of(lab: str, report: str) -> Anchor:
    """What a request is about."""
    return "report", f"{lab}|{report}"


class Retests:
    """Reads the facts, the results and what is recorded of batches."""

    def __init__(
        self,
        reference: Reference,
        lying: Lying,
        rows: EventRows,
        bases: Bases,
        results: Results,
        facts: Facts,
        canonical: Callable[[int], int],
    ) -> None:
        self._deadlines, self._products = reference.deadlines, reference.limits.products
        self._lying, self._rows, self._bases, self._results, self._facts = lying, rows, bases, results, facts
        self._canonical = canonical
        self._on: dict[int, set[int]] = {}
        """Batch as it counts when it is seen -> identities of the contested results on it."""
        self._names: Names | None = None
        results.is_valid_retest = self.is_valid

    def know(self, names: Names) -> None:
        """Names of what is applied from now on."""
        self._names = names

    def touched(self, batches: NDArray[np.int64]) -> set[int]:
        """Identities of the contested results that something recorded of ``batches`` may bear upon."""
        if not self._on:
            return set()
        return {one for batch in np.unique(batches).tolist() for one in self._on.get(self._canonical(batch), ())}

    def joined(self, batches: Iterable[int]) -> set[int]:
        """The same of keys that became one batch, or were parted."""
        return {one for batch in batches for one in self._on.get(batch, ())}

    def is_valid(self, old: Tested, new: Tested) -> bool:
        """Whether ``new`` is a retest of ``old`` that counts."""
        return why_not_valid(self.contested(old), self._retest(old, new), self.requests(old), self._deadlines) is None

    def _fits(self, old: Tested, new: Tested) -> bool:
        """Whether both are of one hazard and, as far as is known, of one batch: a report may hold several results."""
        if self._products.analyte(old.hazard) != self._products.analyte(new.hazard):
            return False
        before, after = self._lots(old), self._lots(new)
        return not before or not after or not before.isdisjoint(after)

    def _lots(self, one: Tested) -> set[int | str]:
        """Of what a result is: batches as they count."""
        found: set[int | str] = set()
        for batch in self._results.batches_of(one):
            number = None if self._names is None else self._names.batch_number(batch)
            found.add(batch if number is None else self._canonical(number))
        return found

    def contested(self, one: Tested) -> Contested:
        """A result as the rule sees it."""
        batches = self._results.batches_of(one)
        taken = self._results.samplings(one.sample)
        return Contested(
            one.identity,
            one.number,
            one.lab,
            one.report,
            tuple(batches),
            one.hazard_class,
            one.hazard,
            one.screening,
            any(self._products.is_agricultural(product_of(batch)) for batch in batches),
            one.at,
            min((end.hi for each in taken for _, end in each.expires), default=FOREVER),
            {who for batch in batches for who in self._had(one.identity, batch)},
        )

    def requests(self, one: Tested) -> list[Request]:
        """The standing requests for a retest of a result."""
        found = []
        for fact in self._facts.about(anchor_of(one.lab, one.report), kind=RetestRequested):
            event = fact.event
            assert isinstance(event, RetestRequested)
            found.append(
                Request(
                    fact.identity,
                    fact.number,
                    self._facts.firm(fact),
                    fact.historical,
                    event.operator,
                    event.at,
                    event.result_received,
                )
            )
        return found

    def retests(self, one: Tested) -> list[Retest]:
        """The standing results that say they retest it, but those of what else its report is of."""
        report = [
            each
            for identity in sorted(self._results.of_report(one.lab, one.report))
            for each in self._results.standing(identity)
        ]
        return [
            self._retest(one, new)
            for new in self._results.retesting(one)
            if self._fits(one, new) or not any(self._fits(each, new) for each in report)
        ]

    def _retest(self, old: Tested, one: Tested) -> Retest:
        return Retest(
            one.identity,
            one.number,
            self._bases.state(one.number) is State.RECORDED,
            one.historical,
            one.lab,
            one.report,
            one.authority or one.sender == one.lab,
            one.screening,
            one.verdict,
            self._fits(old, one),
        )

    def _had(self, identity: int, batch: str) -> Iterable[str]:
        """Who made or had a batch: its key's issuer, and whoever acted on it."""
        issuer, names = parts_issuer(batch), self._names
        if issuer:
            yield issuer
        number = None if names is None else names.batch_number(batch)
        if names is None or number is None:
            return
        lot = self._canonical(number)
        self._on.setdefault(lot, set()).add(identity)
        for step in steps_of_batch(self._lying, self._rows, self._bases, lot):
            if not step.kinds & _OTHERS:
                for variant in variants_of(self._rows, self._bases, step.number):
                    yield names.party_key(self._rows.operator(variant))


_OTHERS = frozenset(("sampled", "tested", "illness_case", "complaint", "inspected"))
"""Kinds by which somebody else acts on a batch."""
