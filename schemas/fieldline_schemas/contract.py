"""The envelope and the parts that events are made of: the contract, in pydantic. A kind adds its own fields, in
``kinds/``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import UnionType
from typing import Annotated, Any, ClassVar, NamedTuple, Self, Union, get_args, get_origin

from annotated_types import MinLen
from pydantic import (
    BaseModel,
    ConfigDict,
    FailFast,
    Field,
    GetJsonSchemaHandler,
    ModelWrapValidatorHandler,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from fieldline_schemas.batch_key import gs1_batch
from fieldline_schemas.faults import Fault
from fieldline_schemas.fields import (
    BatchKey,
    GridUnit,
    Gtin,
    Id,
    Name,
    OperatorKey,
    Quantity,
    SiteKey,
    Time,
    UnitCode,
    Unzoned,
    Value,
    Version,
    Zone,
    said,
)
from fieldline_schemas.flows import Flow, Still
from fieldline_schemas.sites import location_of
from fieldline_schemas.times import UNKNOWN, interval_of
from fieldline_schemas.wire import check_extension, is_extension

Upcast = Callable[[dict[str, Any]], dict[str, Any]]
"""Brings the JSON object of one version to the next one."""


def _less_nulls(model: type[BaseModel], value: Any) -> Any:
    """``value`` without the fields of ``model`` that are null; an extension may be null."""
    if isinstance(value, dict) and None in value.values():
        return {name: inner for name, inner in value.items() if inner is not None or name not in model.model_fields}
    return value


class Part(BaseModel):
    """An object inside an event. A field that is null is as good as missing; a field that is not known is refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, arbitrary_types_allowed=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: Any) -> Any:
        return _less_nulls(cls, value)

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        self.__dict__.update(type(self).agree(self) or {})
        return self

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """The JSON Schema, in which null is as good as missing."""
        return _with_nulls(handler.resolve_ref_schema(handler(schema)))

    def agree(self) -> Mapping[str, Any] | None:
        """``Fault`` where fields that are right by themselves do not go together; what else they say, by field.

        Also called on the fast path, with an object that has the same fields.
        """
        return None


class BatchRef(Part):
    """A batch, and how much of it. On the wire a text is short for ``{"batch": text}``."""

    batch: BatchKey = Field("", **said("Key of the batch, any spelling", term="批次", example="hof-1/leaf/L1"))
    gtin: Gtin | None = Field(None, **said("GTIN, in place of `batch`", example="09506000134352"))
    lot: Name | None = Field(
        None, **said("Lot number beside `gtin`; none: the general pool", term="批号", example="B7")
    )
    quantity: Quantity | None = Field(None, **said("How much, exactly", unit="see `unit`", example="12.5"))
    unit: UnitCode | None = Field(
        None, **said("UN/ECE Rec 20 code or a common spelling", term="计量单位", example="KGM")
    )
    label: Name | None = Field(None, **said("Lot number as printed", term="标签批号", example="L 4711 / 2"))
    produced: Time | None = Field(None, **said("When it was produced", term="生产日期", example="2026-03-01"))
    expires: Time | None = Field(
        None, **said("Last day of its shelf life: best before, use by", term="保质期至", example="2026-03-12")
    )

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        return {"batch": value} if isinstance(value, str) else value

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """The JSON Schema: an object, or the text that is short for it."""
        whole = handler.resolve_ref_schema(handler(schema))
        inner = _with_nulls(dict(whole))
        text = {"type": "string", "description": "The batch alone", "minLength": 1, "maxLength": 1024}
        whole.clear()
        whole.update({"title": "BatchRef", "anyOf": [text, inner]})
        return whole

    def agree(self) -> Mapping[str, Any] | None:
        """One key; quantity and unit together."""
        if bool(self.batch) == (self.gtin is not None):
            raise Fault.by("batch_or_gtin", "batch", self.batch)
        if self.lot is not None and self.gtin is None:
            raise Fault.by("lot_without_gtin", "lot", self.lot)
        if self.quantity is not None and self.unit is None:
            raise Fault.by("quantity_without_unit", "unit")
        if self.unit is not None and self.quantity is None:
            raise Fault.by("unit_without_quantity", "quantity")
        return None if self.gtin is None else {"batch": gs1_batch(self.gtin, self.lot)}


class Envelope(BaseModel):
    """What all events have. Extensions (``x-…``) are kept as they are; any other field that is not known is
    refused."""

    model_config = ConfigDict(
        extra="allow",
        strict=True,
        frozen=True,
        arbitrary_types_allowed=True,
        json_schema_extra={"patternProperties": {"^x-": {}}, "additionalProperties": False},
    )

    CODE: ClassVar[int]
    """The kind's number in records, never used again for another."""
    VERSION: ClassVar[int] = 1
    """The version that this contract is."""
    UPCASTS: ClassVar[Mapping[int, Upcast]] = {}
    """By version: how to make the next one of it."""
    FLOW: ClassVar[Flow] = Still()
    DETAIL: ClassVar[bool] = False
    """Followers read the whole event, beyond its flow."""
    DETAIL_WITH: ClassVar[tuple[str, ...]] = ()
    """They do so where one of these fields is said, and is more than zero, false or an empty list."""

    id: Id = Field("", **said("Any URI; if missing it is derived from the content", example="urn:uuid:7c8…"))
    kind: str
    version: Version = Field(1, **said("Version of the kind", example=1))
    operator: OperatorKey = Field(
        "", **said("Who acted: a key of theirs, GLN or credit code", term="生产经营者", example="hof-1")
    )
    site: SiteKey = Field(
        "", **said("Where: GLN or the operator's name for it", term="场所", example="414/4012345000016")
    )
    at: Time = Field(
        UNKNOWN, **said("When; partial dates are intervals, missing is unknown", example="2026-03-01T08:30:00+08:00")
    )
    zone: Zone | None = Field(None, **said("Zone of times that have no offset", example="Asia/Shanghai"))
    grid_unit: GridUnit | None = Field(
        None, **said("Administrative code of the site", term="监管网格", example="410105")
    )
    location: Name | None = Field(
        None,
        **said("Line, dock, room, tank or equipment within the site", term="场所内位置", example="line 3"),
    )

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: Any) -> Any:
        return _less_nulls(cls, value)

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        for name, value in (self.model_extra or {}).items():
            if not is_extension(name):
                raise Fault.of(value, "field_unknown_of_kind", name, kind=self.kind)
            check_extension(name)
        _place(self, self.zone)
        type(self).agree(self)
        return self

    @model_validator(mode="wrap")
    @classmethod
    def _with_location(cls, value: Any, whole: ModelWrapValidatorHandler[Self]) -> Self:
        """The extension of the site's GLN names the location, where nothing else does."""
        event = whole(value)
        if event.location is None and isinstance(value, dict) and isinstance(value.get("site"), str):
            event.__dict__["location"] = location_of(value["site"])
        return event

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """The JSON Schema, in which null is as good as missing."""
        return _with_nulls(handler.resolve_ref_schema(handler(schema)))

    def agree(self) -> None:
        """``Fault`` where fields that are right by themselves do not go together. Also called on the fast path."""


class Event(Envelope):
    """An event of an operator at a site: both are named."""

    operator: OperatorKey = Field(
        **said("Who acted: a key of theirs, GLN or credit code", term="生产经营者", example="hof-1")
    )
    site: SiteKey = Field(**said("Where: GLN or the operator's name for it", term="场所", example="414/4012345000016"))


def _with_nulls(schema: JsonSchemaValue) -> JsonSchemaValue:
    """``schema`` of an object, with null for each field that may be missing; only defaults that say something stay."""
    required = schema.setdefault("required", [])
    for name, field in schema.get("properties", {}).items():
        field.pop("title", None)
        if name == "kind":
            required.insert(0, name)
            field.pop("default", None)
        if name in required:
            continue
        if field.get("default") in (None, "") or name == "at":
            field.pop("default", None)
        sorts = field.pop("anyOf", None)
        if sorts is None:
            sort = {key: field.pop(key) for key in list(field) if key in _SORT}
            sorts = [sort]
        flat = [inner for sort in sorts for inner in sort.get("anyOf", [sort]) if inner != {"type": "null"}]
        field["anyOf"] = [*flat, {"type": "null"}]
    return schema


_SORT = frozenset(
    ("$ref", "type", "enum", "pattern", "minLength", "maxLength", "minimum", "maximum", "items", "minItems")
) | {"properties", "additionalProperties"}
"""Keywords of JSON Schema that say what a value is; the others say something about the field."""


def _place(model: BaseModel, zone: str | None) -> None:
    """Turn the times that wait for a zone into intervals, in order of the fields, also inside parts."""
    for name, inner in _timed(type(model)):
        value = getattr(model, name)
        if inner and isinstance(value, list):
            for index, part in enumerate(value):
                try:
                    _place(part, zone)
                except Fault as fault:
                    raise fault.at(name, index) from None
        elif inner and value is not None:
            try:
                _place(value, zone)
            except Fault as fault:
                raise fault.at(name) from None
        elif isinstance(value, Unzoned):
            try:
                model.__dict__[name] = interval_of(value.said, zone)
            except Fault as fault:
                raise fault.at(name) from None


@lru_cache(maxsize=256)
def _timed(model: type[BaseModel]) -> tuple[tuple[str, bool], ...]:
    """Fields of ``model`` that hold times (False), or parts with times, or lists of such parts (True)."""
    found = []
    for shape in shapes_of(model):
        if shape.value is not None and shape.value.evens == "time":
            found.append((shape.name, False))
        elif shape.part is not None and _timed(shape.part):
            found.append((shape.name, True))
    return tuple(found)


class Shape(NamedTuple):
    """A field as a reader sees it: one value or part, or a list of them."""

    name: str
    value: Value | None
    part: type[Part] | None
    listed: bool
    required: bool
    at_least: int


@lru_cache(maxsize=256)
def shapes_of(model: type[BaseModel]) -> tuple[Shape, ...]:
    """The fields of a kind or part, in order, but for ``kind``."""
    return tuple(_shape(name, field) for name, field in model.model_fields.items() if name != "kind")


def _shape(name: str, field: FieldInfo) -> Shape:
    metadata: list[Any] = list(field.metadata)
    annotation: Any = field.annotation
    if get_origin(annotation) in (Union, UnionType):
        annotation = next(inner for inner in get_args(annotation) if inner is not type(None))
    listed = get_origin(annotation) is list
    if listed:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) is Annotated:
        metadata += annotation.__metadata__
        annotation = get_args(annotation)[0]
    value = next((inner for inner in metadata if isinstance(inner, Value)), None)
    part = annotation if isinstance(annotation, type) and issubclass(annotation, Part) else None
    if (value is None) == (part is None):
        raise TypeError(f"{name}: a field is a Value of fields.py, a Part, or a list of one of them")
    if listed and not any(isinstance(inner, FailFast) for inner in metadata):
        raise TypeError(f"{name}: a list's example is a list, so that reading stops at its first fault")
    at_least = next((inner.min_length for inner in metadata if isinstance(inner, MinLen)), 0)
    return Shape(name, value, part, listed, field.is_required(), at_least)
