"""What a kind of event means for lineage: where material went. A kind names its flow; nothing else needs code for
it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from fieldline_schemas.batch_key import lot_of_item
from fieldline_schemas.batch_parts import UNITS_BEGIN
from fieldline_schemas.record import ADDED, AGGREGATED, DISAGGREGATED, DRAWN, MADE, MOVED, RECEIVED, TIMELESS, UNITS
from fieldline_schemas.said import Said, Step
from fieldline_schemas.times import FOREVER, NEVER, UNKNOWN, Interval


class Ref(Protocol):
    """A batch as an event names it."""

    batch: str
    quantity: str | None
    unit: str | None
    label: str | None
    expires: Interval | None


class Flow(Protocol):
    """Adds to ``said`` what ``event`` says of material: steps, mentions, labels, quantities."""

    def tell(self, event: Any, said: Said) -> None: ...


def _refs(event: Any, field: str) -> Sequence[Ref]:
    value = getattr(event, field) if field else None
    if value is None:
        return ()
    return value if isinstance(value, list) else (value,)


def _note(said: Said, refs: Iterable[Ref], site: str, role: str) -> list[tuple[str, str]]:
    """Mentions, labels and quantities of ``refs``; their holdings at ``site``."""
    holdings = []
    for ref in refs:
        batch = ref.batch
        holdings.append((batch, site))
        said.mentions.append(batch)
        if ref.label is not None:
            said.labels.append((batch, ref.label))
        if ref.quantity is not None and ref.unit is not None:
            said.quantities.append((batch, site, role, ref.quantity, ref.unit))
        if ref.expires is not None:
            said.expires = (*said.expires, (batch, ref.expires))
    return holdings


def finished(said: Said) -> Said:
    """``said`` with each mention once, the lot of an item beside it where its key names one, and its steps flagged
    that name units."""
    if len(said.mentions) > 1:
        said.mentions = list(dict.fromkeys(said.mentions))
    units = items = False
    for batch in said.mentions:
        if batch[0] in "0u":  # all keys of units and items begin so, and few others
            if batch.startswith(UNITS_BEGIN):
                units = True
            elif "/21/" in batch:
                items = True
    if units:
        for step in said.steps:
            if any(key.startswith(UNITS_BEGIN) for holdings in (step.ins, step.outs) for key, _ in holdings):
                step.shape |= UNITS
    if items:
        said.mentions = list(
            dict.fromkeys(key for batch in said.mentions for key in (batch, lot_of_item(batch)) if key)
        )
    return said


@dataclass(frozen=True, slots=True)
class Made:
    """Outputs are made of inputs at the event's site. With ``else_drawn``: where no output is named, the inputs are
    just taken. ``beside``: more inputs. ``process``: what several events of one transformation share: a URI is its own
    everywhere, any other name is the site's."""

    ins: str
    outs: str
    timeless: str = ""
    else_drawn: bool = False
    beside: str = ""
    process: str = ""

    def tell(self, event: Any, said: Said) -> None:
        """One step: MADE, or DRAWN."""
        ins = _note(said, _refs(event, self.ins), said.site, "in")
        if self.beside:
            beside = _note(said, _refs(event, self.beside), said.site, "in")
            ins, said.beside = ins + beside, len(beside)
        outs = _note(said, _refs(event, self.outs), said.site, "out")
        if self.process and (name := getattr(event, self.process)):
            said.process = name if ":" in name else f"{said.site} {name}"
        shape = DRAWN if self.else_drawn and not outs else MADE
        if self.timeless and getattr(event, self.timeless):
            shape |= TIMELESS
        said.steps.append(Step(shape, ins, outs, said.at, said.at))


@dataclass(frozen=True, slots=True)
class Added:
    """Something was brought to what was there, at the event's site: it is in them, and none of them was made or moved
    by it. Where nothing is named that it reached, it is just drawn."""

    ins: str
    reached: str

    def tell(self, event: Any, said: Said) -> None:
        """One step: ADDED, or DRAWN."""
        ins = _note(said, _refs(event, self.ins), said.site, "in")
        outs = _note(said, _refs(event, self.reached), said.site, "named")
        said.steps.append(Step(ADDED if outs else DRAWN, ins, outs, said.at, said.at))


@dataclass(frozen=True, slots=True)
class Loaded:
    """Children were packed into a unit at the event's site, or taken out of it; nothing flows."""

    unit: str
    children: str
    out: bool = False

    def tell(self, event: Any, said: Said) -> None:
        """One step: AGGREGATED, or DISAGGREGATED."""
        unit: str = getattr(event, self.unit)
        said.mentions.append(unit)
        units, children = [(unit, said.site)], _note(said, _refs(event, self.children), said.site, "named")
        if self.out:
            said.steps.append(Step(DISAGGREGATED, units, children, said.at, said.at))
        else:
            said.steps.append(Step(AGGREGATED, children, units, said.at, said.at))


@dataclass(frozen=True, slots=True)
class Seen:
    """Batches lay at the event's site at the event's time: it dates, it explains nothing, and nothing is drawn."""

    batches: str

    def tell(self, event: Any, said: Said) -> None:
        """One step: RECEIVED."""
        outs = _note(said, _refs(event, self.batches), said.site, "named")
        said.steps.append(Step(RECEIVED, [], outs, said.at, said.at))


@dataclass(frozen=True, slots=True)
class Moved:
    """Batches went from one site to another; one step a batch. An end's time that is not said is bounded by the other
    end's. ``other``: the operator at the end that is not the event's site. ``planned``: when it should arrive."""

    batches: str
    origin: str
    target: str
    departed: str = ""
    arrived: str = ""
    other: str = ""
    planned: str = ""

    def tell(self, event: Any, said: Said) -> None:
        """MOVED; DRAWN where the target is not known; RECEIVED where the origin is not."""
        refs = _refs(event, self.batches)
        origin, target = getattr(event, self.origin), getattr(event, self.target)
        departed = getattr(event, self.departed) if self.departed else None
        arrived = getattr(event, self.arrived) if self.arrived else None
        if self.other:
            said.other = getattr(event, self.other) or ""
        if self.planned:
            said.planned = getattr(event, self.planned)
        departed, arrived = _bounded(UNKNOWN if departed is None else departed, UNKNOWN if arrived is None else arrived)
        ins = _note(said, refs, origin, "moved_out") if origin else []
        outs = _fill(said, refs, target, noted=bool(origin)) if target else []
        if ins and outs:
            for drawn, filled in zip(ins, outs, strict=True):
                said.steps.append(Step(MOVED, [drawn], [filled], departed, arrived))
        elif ins:
            said.steps.append(Step(DRAWN, ins, [], departed, departed))
        else:
            said.steps.append(Step(RECEIVED, [], outs, arrived, arrived))


def _bounded(departed: Interval, arrived: Interval) -> tuple[Interval, Interval]:
    """Departure and arrival, an end that is open bounded by the other: nothing arrives before it left."""
    if departed.hi == FOREVER:
        departed = Interval(departed.lo, max(departed.lo, arrived.hi))
    if arrived.lo == NEVER:
        arrived = Interval(min(departed.lo, arrived.hi), arrived.hi)
    return departed, arrived


def _fill(said: Said, refs: Sequence[Ref], site: str, *, noted: bool) -> list[tuple[str, str]]:
    """Holdings at the far end; labels only where the near end has not noted them."""
    if not noted:
        return _note(said, refs, site, "moved_in")
    for ref in refs:
        if ref.quantity is not None and ref.unit is not None:
            said.quantities.append((ref.batch, site, "moved_in", ref.quantity, ref.unit))
    return [(ref.batch, site) for ref in refs]


@dataclass(frozen=True, slots=True)
class Drawn:
    """Something was taken of batches at the event's site and goes no further. ``grams``: the field that says how much,
    where the batch itself does not."""

    batches: str
    grams: str = ""

    def tell(self, event: Any, said: Said) -> None:
        """One step: DRAWN."""
        refs = _refs(event, self.batches)
        said.steps.append(Step(DRAWN, _note(said, refs, said.site, "in"), [], said.at, said.at))
        if self.grams:
            mass = getattr(event, self.grams)
            said.quantities += [(ref.batch, said.site, "in", mass, "GRM") for ref in refs if ref.quantity is None]


@dataclass(frozen=True, slots=True)
class Exposed:
    """People ate of batches at places, each at a time of its own."""

    exposures: str

    def tell(self, event: Any, said: Said) -> None:
        """One step an exposure: DRAWN."""
        for exposure in getattr(event, self.exposures):
            when = said.at if exposure.at is None else exposure.at
            said.mentions.append(exposure.batch)
            said.steps.append(Step(DRAWN, [(exposure.batch, exposure.site)], [], when, when))


@dataclass(frozen=True, slots=True)
class Still:
    """Nothing flows; ``batches``: fields that name batches all the same, as keys, or as parts with a ``batch``.
    ``sited``: fields whose parts name a ``site``."""

    batches: tuple[str, ...] = ()
    sited: tuple[str, ...] = ()

    def tell(self, event: Any, said: Said) -> None:
        """Mentions, labels and places only."""
        for field in self.sited:
            value = getattr(event, field)
            sites = {part.site for part in (value if isinstance(value, list) else (value,)) if part is not None}
            said.places = (*said.places, *sorted(site for site in sites if site))
        for field in self.batches:
            value = getattr(event, field)
            for named in value if isinstance(value, list) else (value,):
                batch: str | None = named if isinstance(named, str | None) else named.batch
                if batch:
                    said.mentions.append(batch)
                    label = getattr(named, "label", None)
                    if label is not None:
                        said.labels.append((batch, label))
