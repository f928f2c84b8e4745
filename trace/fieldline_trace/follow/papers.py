"""Certificates, checks of purchases and labels, as followers keep them: what the rules on papers read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Final

from fieldline_schemas.contract import BatchRef, Envelope
from fieldline_schemas.kinds.certified import Certified
from fieldline_schemas.kinds.commingled import Commingled
from fieldline_schemas.kinds.imported import Imported
from fieldline_schemas.kinds.inspected import Inspected
from fieldline_schemas.kinds.labelled import Labelled
from fieldline_schemas.kinds.licensed import Licensed
from fieldline_schemas.kinds.received import Received
from fieldline_schemas.kinds.split import Split
from fieldline_schemas.record import MADE
from fieldline_schemas.times import UNKNOWN, Interval

from fieldline_trace.follow.batch_steps import BatchStep
from fieldline_trace.follow.facts import Anchor, Doubt, Fact, Facts
from fieldline_trace.follow.names import Names
from fieldline_trace.follow.presence import Presence
from fieldline_trace.follow.spans import hull
from fieldline_trace.follow.standing import State
from fieldline_trace.lineage import LineageIndex
from fieldline_trace.recall.accounts import in_base
from fieldline_trace.reference.products import Products, parts_issuer, product_of
from fieldline_trace.risk.alerts import Finding
from fieldline_trace.risk.rules import certificate_mismatch, claim_unsupported, incoming_unverified, label_fault
from fieldline_trace.risk.rules.certificate_mismatch import Certificate, Goods, Use
from fieldline_trace.risk.rules.claim_unsupported import Label
from fieldline_trace.risk.rules.incoming_unverified import Receipt
from fieldline_trace.risk.rules.lab_not_accredited import Licence
from fieldline_trace.risk.rules.label_fault import Input

ON_LABELS: Final = (claim_unsupported.NAME, label_fault.NAME)
_GIVEN: Final = (Received, Imported, Split, Commingled)
_STEPS_BACK: Final = 12
"""So far back is looked for what an input without a label was made of."""
Rest = Callable[[int, Iterable[Doubt]], None]


class Papers:
    """Reads the facts, and what batches were made of."""

    def __init__(
        self,
        products: Products,
        index: LineageIndex,
        facts: Facts,
        presence: Presence,
        state: Callable[[int], State],
        anchors_of: Callable[[int], list[Anchor]],
        steps: Callable[[int], list[BatchStep]],
        rest: Rest,
    ) -> None:
        """``anchors_of``: all keys of a batch as it counts, none of one that counts as another; ``steps``: what is
        recorded of a batch; ``rest``: remembers what is judged by a batch's lineage."""
        self._products, self._index, self._facts, self._state = products, index, facts, state
        self._presence, self._lying, self._steps, self._rest = presence, presence.lying, steps, rest
        self._anchors_of = anchors_of
        self._labelled: set[int] = set()
        """Batches of which a label was ever said."""
        self._held_by: dict[str, set[Doubt]] = {}
        """Holder -> claims that its certificates may bear out."""

    # What is about what

    def anchors(self, event: Envelope, identity: int, names: Names) -> Iterator[Anchor]:
        """What a paper is about, beside batches."""
        if isinstance(event, Certified):
            yield "certificate", event.certificate
            yield "holder", event.holder
        elif isinstance(event, Licensed):
            yield "holder", event.holder
            yield "licence", event.licence
        elif isinstance(event, Labelled):
            yield "holder", event.operator
            numbers = (names.batch_number(ref.batch) for ref in event.batches)
            self._labelled.update(number for number in numbers if number is not None)
        elif isinstance(event, Received) and event.check is not None:
            yield "receipt", identity
            yield from (("holder", event.from_operator),) if event.from_operator else ()
            yield from (("licence", event.check.licence),) if event.check.licence else ()
        if isinstance(event, _GIVEN):
            yield from (("certificate", one) for one in _given(event))

    def doubts(self, anchor: Anchor) -> Iterator[Doubt]:
        """What a paper about ``anchor`` may change."""
        kind, about = anchor
        if kind == "receipt":
            yield incoming_unverified.NAME, about
        elif kind == "certificate":
            yield certificate_mismatch.NAME, about
        elif kind in ("holder", "licence", "batch"):
            for fact in self._facts.about(anchor, kind=Received):
                yield incoming_unverified.NAME, fact.identity
        if kind == "holder":
            for fact in self._facts.about(anchor, kind=Labelled):
                for other in self._facts.anchors_of({fact.number}):
                    if other[0] == "batch":
                        yield from ((rule, other[1]) for rule in ON_LABELS)
            yield from sorted(self._held_by.get(str(about), ()), key=str)

    # What each rule reads

    def certificate_mismatch(self, name: str, names: Names) -> Iterator[Finding]:
        """Where certificates of a number do not fit."""
        facts = self._facts.about(("certificate", name))
        certificates = [self._certificate(fact) for fact in facts if isinstance(fact.event, Certified)]
        uses = [self._use(fact) for fact in facts if isinstance(fact.event, _GIVEN)]
        yield from certificate_mismatch.certificate_mismatch(name, certificates, uses, self._products)

    def incoming_unverified(self, identity: int, names: Names) -> Iterator[Finding]:
        """What a receipt lacks."""
        facts = self._facts.about(("receipt", identity), kind=Received)
        receipts = [self._receipt(fact) for fact in facts]
        about: list[Anchor] = []
        for one in receipts:
            about += [("holder", one.supplier), ("licence", one.licence)]
            numbers = (names.batch_number(batch) for batch in one.batches)
            about += [("batch", number) for number in numbers if number is not None]
        known = self._facts.about(*dict.fromkeys(about), kind=(Certified, Licensed, Inspected))
        papers = incoming_unverified.Papers(
            [(fact.event.licence, licence_of(fact)) for fact in known if isinstance(fact.event, Licensed)],
            [self._certificate(fact) for fact in known if isinstance(fact.event, Certified)],
            frozenset(batch for fact in known for batch in _inspected(fact.event)),
        )
        yield from incoming_unverified.incoming_unverified(receipts, papers, self._products)

    def claim_unsupported(self, batch: int, names: Names) -> Iterator[Finding]:
        """Claims of a batch that records do not bear out."""
        labels = self._labels(batch, names)
        claims = sorted({claim for one in labels for claim in one.claims})
        if not claims:
            return
        holders = {one.operator for one in labels}
        certificates = self._certificates(batch, holders)
        inputs = self._inputs(batch, batch, names)
        bare: dict[str, tuple[str, ...]] = {}
        for claim in claims:
            known: dict[tuple[int, int], bool] = {}
            bearing = [self._bears(claim, one, batch, names, 1, known) for one in inputs]
            bare[claim] = tuple(names.batch_key(one) for one, bears in zip(inputs, bearing, strict=True) if not bears)
        key = names.batch_key(batch)
        yield from claim_unsupported.claim_unsupported(key, labels, certificates, bare, self._products)

    def label_fault(self, batch: int, names: Names) -> Iterator[Finding]:
        """What the label of a batch says otherwise than records do."""
        labels = self._labels(batch, names)
        if not labels:
            return
        told: dict[tuple[int, int], frozenset[str]] = {}
        inputs = [
            Input(names.batch_key(one), tuple(sorted(self._allergens(one, batch, names, 1, told))))
            for one in self._inputs(batch, batch, names)
        ]
        made = hull([one.at for one in self._steps(batch) if one.incoming and one.shape == MADE])
        until = self._presence.shelf_lives.until(self._lying.together(batch), self._state)
        yield from label_fault.label_fault(names.batch_key(batch), labels, inputs, made, until, self._products)

    def expiring(self, batches: Iterable[int]) -> list[Doubt]:
        """What is in doubt where the end of a shelf life of these is said otherwise."""
        if not self._labelled:
            return []
        lots = {self._index.canonical(batch) for batch in batches}
        return [(label_fault.NAME, lot) for lot in sorted(lots) if self._labelled & set(self._lying.together(lot))]

    # Parts of these

    def _labels(self, batch: int, names: Names) -> list[Label]:
        """Of a batch as it counts; none of a key that counts as another's by now."""
        if self._index.canonical(batch) != batch:
            return []
        together = {names.batch_key(one) for one in self._lying.together(batch)}
        return [
            _label(fact, fact.event, ref, self._facts.firm(fact))
            for fact in self._facts.about(*self._anchors_of(batch), kind=Labelled)
            if isinstance(fact.event, Labelled)
            for ref in fact.event.batches
            if ref.batch in together
        ]

    def _certificates(self, batch: int, holders: Iterable[str]) -> list[Certificate]:
        about: list[Anchor] = [*self._anchors_of(batch), *(("holder", one) for one in sorted(holders))]
        return [self._certificate(fact) for fact in self._facts.about(*about, kind=Certified)]

    def _inputs(self, batch: int, subject: int, names: Names) -> list[int]:
        """What a batch was made of, pools left out, by key; ``subject`` rests on it from now on."""
        self._rest(batch, [(rule, subject) for rule in ON_LABELS])
        found = {
            self._index.canonical(self._index.holding(holding)[0])
            for step in self._steps(batch)
            if step.incoming and step.shape == MADE
            for holding in self._lying.inputs(step.row)
        }
        found = {one for one in found if one != batch and not self._presence.is_pool(one)}
        for one in found:
            self._rest(one, [(rule, subject) for rule in ON_LABELS])
        return sorted(found, key=names.batch_key)

    def _bears(
        self, claim: str, batch: int, subject: int, names: Names, away: int, known: dict[tuple[int, int], bool]
    ) -> bool:
        """Whether an input bears a claim, or is nothing that could.

        Args:
            away: how many steps back from the subject it is; a circle ends there too.
            known: what was found so already, by (batch, away): lots that are mixed again and again have more ways than
                can be gone.
        """
        about = batch, away
        if about not in known:
            known[about] = self._bears_anew(claim, batch, subject, names, away, known)
        return known[about]

    def _bears_anew(
        self, claim: str, batch: int, subject: int, names: Names, away: int, known: dict[tuple[int, int], bool]
    ) -> bool:
        key = names.batch_key(batch)
        if not self._products.chain(product_of(key)):
            return True
        if any(claim in one.claims for one in self._labels(batch, names)):
            return True
        issuer = parts_issuer(key)
        self._held_by.setdefault(issuer, set()).update((rule, subject) for rule in ON_LABELS)
        certificates = self._certificates(batch, [issuer])
        if any(one.scheme == claim and one.is_of(key, issuer, self._products) for one in certificates):
            return True
        if away > _STEPS_BACK:
            return False
        inputs = self._inputs(batch, subject, names)
        return bool(inputs) and all(self._bears(claim, one, subject, names, away + 1, known) for one in inputs)

    def _allergens(
        self, batch: int, subject: int, names: Names, away: int, told: dict[tuple[int, int], frozenset[str]]
    ) -> frozenset[str]:
        """On the label of an input, or on those of what it was made of; ``away`` and ``told`` as for claims."""
        about = batch, away
        if about not in told:
            labels = self._labels(batch, names)
            inputs = [] if labels or away > _STEPS_BACK else self._inputs(batch, subject, names)
            found = {name for one in labels for name in one.allergens}
            told[about] = frozenset(
                found.union(*(self._allergens(one, subject, names, away + 1, told) for one in inputs))
            )
        return told[about]

    def _certificate(self, fact: Fact) -> Certificate:
        event = fact.event
        assert isinstance(event, Certified)
        return Certificate(
            fact.identity,
            fact.number,
            self._facts.firm(fact),
            fact.historical,
            event.certificate,
            event.scheme,
            event.holder,
            _goods(event.batches),
            event.product or "",
            _valid(event),
        )

    def _use(self, fact: Fact) -> Use:
        event = fact.event
        assert isinstance(event, _GIVEN)
        if isinstance(event, Received | Imported):
            goods, holder = event.batches, event.from_operator or ""
        else:
            goods = event.out_batches if isinstance(event, Split) else [event.out_batch]
            holder = event.operator
        firm = self._facts.firm(fact)
        return Use(fact.identity, fact.number, firm, fact.historical, _goods(goods), holder, event.site, event.at)

    def _receipt(self, fact: Fact) -> Receipt:
        event = fact.event
        assert isinstance(event, Received)
        assert event.check is not None
        return Receipt(
            fact.identity,
            fact.number,
            self._facts.firm(fact),
            fact.historical,
            tuple(sorted({ref.batch for ref in event.batches})),
            event.site,
            event.from_operator or "",
            event.at,
            event.check.licence or "",
            tuple(event.check.certificates),
            event.check.inspection or "",
        )


def _given(event: Received | Imported | Split | Commingled) -> list[str]:
    """Numbers of the certificates that an event gives."""
    if isinstance(event, Received):
        return [] if event.check is None else list(event.check.certificates)
    return [event.certificate] if event.certificate else []


def _goods(refs: Sequence[BatchRef]) -> tuple[Goods, ...]:
    return tuple(
        (ref.batch, in_base(Decimal(ref.quantity), ref.unit)[::-1] if ref.quantity and ref.unit else None)
        for ref in refs
    )


def _inspected(event: Envelope) -> list[str]:
    """Batches whose purchase inspection passed."""
    if isinstance(event, Inspected) and event.type in ("purchase", "import") and event.outcome == "passed":
        return [ref.batch for ref in event.batches]
    return []


def licence_of(fact: Fact) -> Licence:
    """The licence that a fact says is held."""
    event = fact.event
    assert isinstance(event, Licensed)
    return Licence(fact.identity, fact.number, event.holder, event.activity, tuple(event.products), _valid(event))


def _valid(event: Licensed | Certified) -> Interval:
    since, until = event.valid_from or UNKNOWN, event.valid_until or UNKNOWN
    return Interval(since.lo, until.hi)


def _label(fact: Fact, event: Labelled, ref: BatchRef, firm: bool) -> Label:
    return Label(
        fact.identity,
        fact.number,
        firm,
        fact.historical,
        event.operator,
        event.site,
        event.at,
        tuple(event.ingredients),
        tuple(event.allergens),
        tuple(event.claims),
        ref.produced,
        ref.expires,
    )
