"""The hot path: one event, read in a few microseconds, to what capture needs of it.

msgspec decodes into structs that are derived from the pydantic contract; the values go through the same functions.
Whatever this path does not take, it hands to the contract, which reads it (old versions) or names the fault. So a
refusal always comes from the contract, and a property test holds that this path takes exactly what the contract
takes, with equal content.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final, Union

import msgspec

from fieldline_schemas.batch_key import canonical_batch
from fieldline_schemas.canonical import derived_id
from fieldline_schemas.contract import BatchRef, Envelope, Part, Shape, shapes_of
from fieldline_schemas.faults import Fault
from fieldline_schemas.fields import Value
from fieldline_schemas.flows import finished
from fieldline_schemas.quantities import quantity, unit_code
from fieldline_schemas.registry import KINDS
from fieldline_schemas.said import Said
from fieldline_schemas.sites import EXTENDED, location_of
from fieldline_schemas.times import canonical_zone, interval_of
from fieldline_schemas.whole import read_decoded, said_of
from fieldline_schemas.wire import UNREADABLE, check_extension, decode, float_hook, is_extension


class _Refused(Fault):
    """Something that only the contract puts into words."""

    def __init__(self) -> None:
        super().__init__("", "", "the contract says why")


Settle = Callable[[Any, str | None], tuple[Any, int]]
"""Content of a list's element or a part, and how many fields its JSON has; the second argument is the event's zone."""
_REQUIRED: Final = object()
_COMMON: Final = frozenset(("quantity", "unit", "to_site", "from_site"))
"""Fields that may be missing, and mostly are said all the same."""


class _Reader:
    """How the struct of one kind or part is derived from its model, and how its content is settled.

    What may be missing mostly is: such fields are asked for all at once, and looked at one by one only where one of
    them is there. (Asking for each by its name took a tenth of the reading.)
    """

    def __init__(self, model: type[Envelope] | type[Part]) -> None:
        self.values: list[tuple[str, Any, Callable[[Any], Any]]] = []
        self.times: list[tuple[str, Any]] = []
        self.lists: list[tuple[str, int, Settle]] = []
        self.parts: list[tuple[str, Settle]] = []
        self.rare: list[tuple[str, Settle]] = []
        trivial = (Envelope.agree, Part.agree)
        self.agree: Callable[[Any], Any] | None = None if model.agree in trivial else model.agree
        fields: list[tuple[str, Any] | tuple[str, Any, Any]] = []
        for shape in shapes_of(model):
            sort = self._plan(shape, model.model_fields[shape.name].get_default())
            fields.append((shape.name, sort) if shape.required else (shape.name, sort | None, None))
        names = [name for name, _ in self.rare]
        self.rarely: Callable[[Any], Any] = attrgetter(*names, names[0]) if names else lambda _: ()
        self.nothing_rare = (None,) * (len(names) + 1) if names else ()
        kind = self.kind = model.model_fields["kind"].default if issubclass(model, Envelope) else ""
        self.struct = msgspec.defstruct(
            f"{model.__name__}Struct",
            fields,
            kw_only=True,
            forbid_unknown_fields=True,
            gc=False,
            tag_field="kind" if kind else None,
            tag=kind or None,
        )

    def _plan(self, shape: Shape, default: Any) -> Any:
        """Note how a field is settled; its type on the wire."""
        fallback = _REQUIRED if shape.required else default
        if shape.listed:
            wire, read = _part(shape.part) if shape.part is not None else _one(shape.value)
            self.lists.append((shape.name, shape.at_least, read))
            return list.__class_getitem__(wire)
        if shape.part is not None:
            assert fallback is None or fallback is _REQUIRED
            wire, read = _part(shape.part)
            (self.rare if fallback is None else self.parts).append((shape.name, _counted(read)))
            return wire
        assert shape.value is not None
        if shape.value.evens == "time":
            if fallback is None:
                self.rare.append((shape.name, _time))
            else:
                self.times.append((shape.name, fallback))
            return Any
        wire, read = _one(shape.value)
        if fallback is None and shape.name not in _COMMON:
            self.rare.append((shape.name, _counted(read)))
        else:
            self.values.append((shape.name, fallback, shape.value.read))
        return wire

    def settle(self, event: Any, zone: str | None) -> int:
        """Content in place of what the wire said; how many fields the JSON has, with those of the parts.

        ``Fault`` where a value breaks a rule, without saying where.
        """
        count = 0
        for name, fallback, read in self.values:
            value = getattr(event, name)
            if value is not None:
                setattr(event, name, read(value))
                count += 1
            elif fallback is _REQUIRED:
                raise _Refused
            elif fallback is not None:
                setattr(event, name, fallback)
        for name, fallback in self.times:
            value = getattr(event, name)
            if value is not None:
                settled, fields = _time(value, zone)
                setattr(event, name, settled)
                count += fields
            elif fallback is _REQUIRED:
                raise _Refused
            else:
                setattr(event, name, fallback)
        for name, at_least, settle in self.lists:
            value = getattr(event, name)
            if value is None:
                value = []
            else:
                count += 1
            if len(value) < at_least:
                raise _Refused
            settled = []
            for inner in value:
                part, fields = settle(inner, zone)
                settled.append(part)
                count += fields
            setattr(event, name, settled)
        for name, settle in self.parts:
            value = getattr(event, name)
            if value is None:
                raise _Refused
            settled, fields = settle(value, zone)
            setattr(event, name, settled)
            count += fields
        rare = self.rarely(event)
        if rare != self.nothing_rare:
            for value, (name, settle) in zip(rare, self.rare):  # noqa: B905  (the first one comes once more)
                if value is not None:
                    settled, fields = settle(value, zone)
                    setattr(event, name, settled)
                    count += fields
        if self.agree is not None:
            self.agree(event)
        return count


def _one(value: Value | None) -> tuple[Any, Settle]:
    assert value is not None
    read = value.read

    def settled(inner: Any, zone: str | None) -> tuple[Any, int]:
        return read(inner), 0

    return str if value.text else Any, settled


def _counted(settle: Settle) -> Settle:
    """The same, of a field that counts itself."""

    def settled(inner: Any, zone: str | None) -> tuple[Any, int]:
        content, fields = settle(inner, zone)
        return content, fields + 1

    return settled


def _time(value: Any, zone: str | None) -> tuple[Any, int]:
    return interval_of(value, zone), 1 if isinstance(value, str) else 1 + len(value)


def _part(model: type[Part]) -> tuple[Any, Settle]:
    if model is BatchRef:
        return str | _Ref, _settled_ref
    reader = _Reader(model)

    def settled(part: Any, zone: str | None) -> tuple[Any, int]:
        return part, reader.settle(part, zone)

    return reader.struct, settled


_ref_reader = _Reader(BatchRef)
_Ref = _ref_reader.struct
_ref_reader.agree = None


def _settled_ref(said: Any, zone: str | None) -> tuple[Any, int]:
    if isinstance(said, str):
        return _Ref(batch=canonical_batch(said)), 0
    if said.batch is not None and _ref_reader.rarely(said) == _ref_reader.nothing_rare:
        # Most batches are said so; the general way takes twice as long.
        said.batch = canonical_batch(said.batch)
        if said.quantity is None and said.unit is None:
            return said, 1
        if said.quantity is None or said.unit is None:
            raise _Refused
        said.quantity, said.unit = quantity(said.quantity), unit_code(said.unit)
        return said, 3
    count = _ref_reader.settle(said, zone)
    for name, value in (BatchRef.agree(said) or {}).items():
        setattr(said, name, value)
    return said, count


_READERS: Final = {model: _Reader(model) for model in KINDS.models.values()}
_BY_STRUCT: Final = {reader.struct: (model, reader) for model, reader in _READERS.items()}
_STRUCTS: Any = Union[tuple(_BY_STRUCT)]  # noqa: UP007  (made of a tuple)
_decode = msgspec.json.Decoder(_STRUCTS, float_hook=float_hook).decode


def read(raw: bytes) -> Said:
    """What capture needs of the event that ``raw`` (JSON) holds.

    ``NotYetReadable`` where its version is from the future: it is kept, and read after the upgrade. ``Fault`` where
    it cannot be read: the first field, in the order of the contract, that is wrong.
    """
    event = content(raw)
    if event is None:
        return said_of(read_decoded(decode(raw)))
    model, reader = _BY_STRUCT[type(event)]
    said = Said(
        event.id or derived_id(decode(raw)),
        reader.kind,
        model.CODE,
        event.version,
        event.operator,
        event.site,
        event.grid_unit or "",
        event.at,
        [],
        [],
        [],
        [],
        model.DETAIL,
    )
    if event.location is not None:
        said.location = event.location
    for name in model.DETAIL_WITH:
        if getattr(event, name):
            said.detail = True
    model.FLOW.tell(event, said)
    return finished(said)


def content(raw: bytes) -> Any:
    """The event as a struct with the contract's fields and content, or None where the contract has to look at it."""
    plain = True
    try:
        event = _decode(raw)
    except UNREADABLE:
        event, plain = _decoded(raw), False
        if event is None:
            return None
    model, reader = _BY_STRUCT[type(event)]
    try:
        zone, site = event.zone, event.site
        count = reader.settle(event, None if zone is None else canonical_zone(zone))
        if site is not None and site[0] in EXTENDED and event.location is None:
            event.location = location_of(site)
    except Fault:
        return None
    if event.version != model.VERSION:
        return None
    if plain and (raw.count(b'":') != count + 1 or _has_spaced_colons(raw)):
        # A field may be given twice; or a null, a quote in a text, or a space before a colon only look like it.
        return event if _decoded(raw) is not None else None
    return event


def _has_spaced_colons(raw: bytes) -> bool:
    """Whether a colon has space before it. One byte is found many times faster than two, and is mostly not there."""
    return (
        b" :" in raw
        or (b"\n" in raw and b"\n:" in raw)
        or (b"\t" in raw and b"\t:" in raw)
        or (b"\r" in raw and b"\r:" in raw)
    )


def _decoded(raw: bytes) -> Any:
    """The event as a struct, the long way: without its extensions, which no struct can have, and no field twice."""
    try:
        known = decode(raw)
        for name in [name for name in known if is_extension(name)]:
            check_extension(name)
            del known[name]
        return msgspec.convert(known, _STRUCTS)
    except (Fault, *UNREADABLE):
        return None
