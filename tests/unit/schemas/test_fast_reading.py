"""The fast reading takes exactly what the contract takes, with equal content, and refuses what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from fieldline_schemas import KINDS, Fault, NotYetReadable, fast, read_whole, said_of
from fieldline_schemas import fields as sorts
from fieldline_schemas.canonical import digest
from fieldline_schemas.contract import BatchRef, Shape, shapes_of
from fieldline_schemas.identifiers import with_check_digit
from fieldline_schemas.json_schema import schema_of
from fieldline_schemas.quantities import UNITS
from fieldline_schemas.record import UNITS as UNITS_FLAG
from hypothesis import event, example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import BaseModel

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=8)
SGLNS = [
    *("urn:epc:id:sgln:4012345.00001.0", "urn:epc:id:sgln:4012345.00001.L%203", "(414)4012345000016(254)dock"),
    *("https://id.gs1.org/414/4012345000016/254/R%C3%A4ume?x=1", "https://id.gs1.org/414/4012345000016"),
]
GTINS = st.integers(1, 10**13 - 1).map(lambda number: with_check_digit(str(number).zfill(13)))
BATCHES = st.one_of(
    st.tuples(WORDS, WORDS, WORDS).map(
        lambda parts: "/".join(part.replace("%", "%25").replace("/", "%2F") for part in ("o" + parts[0], *parts[1:]))
    ),
    st.builds("(01){}(10){}".format, GTINS, st.from_regex(r"[A-Z0-9-]{1,20}", fullmatch=True)),
    st.builds("https://id.gs1.org/01/{}/10/{}".format, GTINS, st.from_regex(r"[A-Z0-9.]{1,20}", fullmatch=True)),
    st.sampled_from(["op/tank/~TANK7", "op/milk/", "urn:epc:class:lgtin:4012345.005555.456", " op/p/L1 "]),
    st.builds("https://id.gs1.org/01/{}/21/{}".format, GTINS, st.from_regex(r"[A-Z0-9.]{1,20}", fullmatch=True)),
    st.sampled_from(["(01)09506000134352(10)B7(21)9", "(00)395060001343529998", "unit/plant-7/crate 4"]),
)
UNITS_SAID = st.one_of(
    st.integers(1, 10**17 - 1).map(lambda number: "00/" + with_check_digit(str(number).zfill(17))),
    st.tuples(WORDS, WORDS)
    .filter(lambda parts: parts[1][0] != "~")
    .map(lambda parts: "/".join(["unit", *(part.replace("%", "%25").replace("/", "%2F") for part in parts)])),
    st.just("urn:epc:id:sscc:4012345.1234567890"),
)
INSTANTS = st.datetimes().map(lambda moment: moment.isoformat(timespec="seconds"))
MOMENTS = st.one_of(
    st.builds("{}{}".format, INSTANTS, st.sampled_from(["Z", "+08:00", "-03:30", ".125Z", ""])),
    st.dates().flatmap(lambda day: st.sampled_from([day.isoformat(), day.isoformat()[:7], day.isoformat()[:4]])),
)
TIMES = MOMENTS | st.fixed_dictionaries(
    {}, optional={"from": st.just("2026-01"), "to": st.just("2026-03-01T00:00:00Z")}
)
NUMBERS = st.one_of(
    st.decimals("0.001", "99999", places=3).map(str), st.integers(1, 10**9), st.floats(0.001, 1e6), st.just("1e3")
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def _of(sort: Any, strategy: st.SearchStrategy[Any]) -> tuple[sorts.Value, st.SearchStrategy[Any]]:
    return sort.__metadata__[0], strategy


VALUES = dict(
    [
        _of(sorts.BatchKey, BATCHES),
        _of(sorts.UnitKey, UNITS_SAID),
        _of(sorts.SiteKey, WORDS.map("site {}".format) | st.sampled_from(SGLNS)),
        _of(sorts.OperatorKey, WORDS | st.sampled_from(["91110000600037341L", "hof-1"])),
        _of(sorts.Id, WORDS | st.uuids().map("urn:uuid:{}".format)),
        _of(sorts.Name, WORDS),
        _of(sorts.Personal, WORDS),
        _of(sorts.Signed, st.decimals("-99", "99", places=1).map(str) | st.integers(-40, 40) | st.just(-18.5)),
        _of(sorts.Amount, NUMBERS | st.just(0)),
        _of(sorts.Country, st.sampled_from(["CN", "EG"])),
        _of(sorts.Prose, WORDS | st.just("two\nlines, \u3000 wide space")),
        _of(sorts.Zone, st.sampled_from(["Asia/Shanghai", "+08:00", "Z", "America/New_York"])),
        _of(sorts.GridUnit, st.sampled_from(["41", "410100", "410105001", "110105001001"])),
        _of(sorts.Gtin, GTINS),
        _of(sorts.Digest, st.binary(min_size=32, max_size=32).map(bytes.hex)),
        _of(sorts.Time, TIMES),
        _of(sorts.Quantity, NUMBERS),
        _of(sorts.UnitCode, st.sampled_from([*UNITS, "kg", "公斤", "Boxes"])),
        _of(sorts.Measured, NUMBERS | st.sampled_from([-18.5, -3]) | st.sampled_from(["<0.01", "detected", 0])),
        _of(sorts.Flag, st.booleans()),
        _of(sorts.Count, st.integers(0, 5000)),
        _of(sorts.Version, st.sampled_from([1, 1, 1, 1.0])),
    ]
)


def _one(shape: Shape) -> st.SearchStrategy[Any]:
    if shape.part is BatchRef:
        return BATCHES | st.one_of(
            st.fixed_dictionaries({"batch": BATCHES}, optional={"label": WORDS}),
            st.fixed_dictionaries({"batch": BATCHES, "quantity": NUMBERS, "unit": st.sampled_from(["kg", "升"])}),
            st.fixed_dictionaries({"gtin": GTINS}, optional={"lot": WORDS}),
        )
    if shape.part is not None:
        return _objects(shape.part)
    assert shape.value is not None
    return VALUES[shape.value] if shape.value in VALUES else st.sampled_from(shape.value.wire["enum"])


def _objects(model: type[BaseModel]) -> st.SearchStrategy[dict[str, Any]]:
    """JSON objects whose fields are all right by themselves; most also go together."""
    known = {
        shape.name: st.lists(_one(shape), min_size=shape.at_least, max_size=3) if shape.listed else _one(shape)
        for shape in shapes_of(model)
    }
    required = {shape.name for shape in shapes_of(model) if shape.required}
    return st.fixed_dictionaries(
        {name: strategy for name, strategy in known.items() if name in required},
        optional={name: strategy for name, strategy in known.items() if name not in required},
    )


EVENTS = st.sampled_from(list(KINDS.models)).flatmap(
    lambda kind: st.tuples(
        _objects(KINDS.models[kind]), st.dictionaries(WORDS.map("x-{}".format), JSON, max_size=1)
    ).map(lambda pair: {"kind": kind, **pair[0], **pair[1]})
)

ODD = st.one_of(
    st.sampled_from(
        [
            *(None, True, 0, -1, 10**30, 1e300, 0.5, "", " ", "x" * 300, "x" * 5000, [], {}, [[]], ["op/p/1"]),
            *(
                "\x00",
                "a\x1fb",
                "\u200b",
                "\ufeff",
                "\u0301",
                "A\u030a",
                "%",
                "op/p/%zz",
                "op//L",
                "a/b",
                "//",
                "op/p/l/m",
            ),
            *("(01)09506000134353(10)B7", "(01)09506000134352(10)", "01/09506000134353/10/A", "91110000600037341X"),
            *("414/4012345000017", "urn:epc:id:sgtin:4012345.005555.1", "https://example.org/01/12/10/x", "http://["),
            *(
                "2026-02-30",
                "2026-13",
                "0000",
                "9999-12-31T23:59:59Z",
                "2026-03-01T24:00:00Z",
                "2026-03-01T00:00:00+24:00",
            ),
            *(
                "20260301",
                "2026-W09",
                "2026-03-01T08:00",
                "now",
                {"from": "2027", "to": "2026"},
                {"from": 5},
                {"at": "2026"},
            ),
            *(
                "NaN",
                "Infinity",
                "1_0",
                "0",
                "0.0",
                "-1",
                "1e99",
                "１２",
                "1e-30",
                "kgs",
                "Mars/Phobos",
                "../etc",
                "99",
            ),
            *(
                {"batch": "op/p/1", "gtin": "09506000134352"},
                {"lot": "1"},
                {"batch": "op/p/1", "quantity": 1},
                {"batch": 7},
            ),
        ]
    ),
    JSON,
)


def _places(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [path, *(place for name, value in inner for place in _places(value, (*path, name)))]


def _parent(tree: Any, path: tuple[Any, ...]) -> Any:
    for name in path[:-1]:
        tree = tree[name]
    return tree


@st.composite
def nearly_right(draw: st.DrawFn) -> bytes:
    """Raw events: right ones, and right ones with something done to their tree or to their bytes."""
    said = draw(EVENTS)
    for _ in range(draw(st.integers(0, 2))):
        path = draw(st.sampled_from(_places(said)))
        if not path:
            said[draw(st.sampled_from(["foo", "x-", "x-a", "X-a", "batch", "at", "zone", "version", "kind"]))] = draw(
                ODD
            )
            continue
        parent, name = _parent(said, path), path[-1]
        match draw(st.sampled_from(["odd", "odd", "drop", "list", "object", "repeat"])):
            case "odd":
                parent[name] = draw(ODD)
            case "drop":
                del parent[name]
            case "list":
                parent[name] = [parent[name]]
            case "object":
                parent[name] = {"batch": parent[name]}
            case _:
                parent[name] = [parent[name], parent[name]]
    spaced = draw(st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", " :\t")]))
    raw = json.dumps(said, ensure_ascii=draw(st.booleans()), separators=spaced).encode()
    return draw(st.sampled_from(BYTES))(raw, draw(st.integers(0, len(raw)))) if draw(st.integers(0, 3)) == 0 else raw


def _twice(raw: bytes, at: int) -> bytes:
    """One of the fields of the outermost object once more."""
    said = json.loads(raw)
    names = list(said)
    name = names[at % len(names)]
    return raw[:-1] + b"," + json.dumps({name: said[name]}).encode()[1:]


BYTES: list[Callable[[bytes, int], bytes]] = [
    lambda raw, at: raw[:at],
    lambda raw, at: raw[:at] + b"\x00" + raw[at:],
    lambda raw, at: raw[:at] + b"\xff" + raw[at:],
    lambda raw, at: raw[:at] + b"," + raw[at:],
    lambda raw, at: raw[:at] + b'\\"' + raw[at:],
    lambda raw, at: raw + b"{}",
    lambda raw, at: b"\xef\xbb\xbf" + raw,
    lambda raw, at: b" \r\n" + raw + b"\n",
    lambda raw, at: raw[:-1] + b',"x-n":NaN}',
    lambda raw, at: raw[:-1] + b',"x-n":1e999999999999}',
    lambda raw, at: raw[:-1] + b',"x-n":"\\ud800"}',
    lambda raw, at: raw[:-1] + b',"x-n":"\\ud83c\\udf31"}',
    lambda raw, at: raw[:-1] + b',"x-n":' + b"[" * 31 + b"]" * 31 + b"}",
    lambda raw, at: raw[:-1] + b',"x-n":' + b"[" * 40 + b"]" * 40 + b"}",
    lambda raw, at: raw[:-1] + b',"in_batches":' + b"[" * 5000 + b"]" * 5000 + b"}",
    lambda raw, at: raw[:-1] + b',"kind":"shipped"}',
    lambda raw, at: raw[:-1] + b',"\\u006bind":"served"}',
    _twice,
]


def _content(value: Any) -> Any:
    """The content of a model or of a struct as plain values."""
    if isinstance(value, list):
        return [_content(inner) for inner in value]
    if isinstance(value, BaseModel):
        return {name: _content(getattr(value, name)) for name in type(value).model_fields if name != "kind"}
    if hasattr(value, "__struct_fields__"):
        return {name: _content(getattr(value, name)) for name in value.__struct_fields__}
    return value


SCHEMAS = {kind: Draft202012Validator(schema_of(kind)) for kind in KINDS.models}


def _attempt(read: Callable[[bytes], Any], raw: bytes) -> tuple[Any, Fault | None]:
    try:
        return read(raw), None
    except Fault as fault:
        return None, fault


@given(nearly_right())
@example(b'{"kind":"shipped","operator":"o","site":"s","batches":["o/p/1"],"kind":"received"}')
@example(b'{"kind":"clock_ticked","at":"2026-03-01T00:00:00Z","id":"1","id":"2"}')
@example(b'{"kind":"clock_ticked","at":"2026-03-01T00:00:00Z","id":"1","id" :"2"}')
@example(b'{"kind":"clock_ticked","at":null}')
@example(b'{"kind":"clock_ticked","at":"2026-03-01T00:00:00Z","zone":null,"operator":null}')
@example(b"[]")
@example(b"null")
@example(b"")
@example(b"[" * 100_000)
def test_both_readings_take_the_same_events_with_equal_content_and_refuse_the_same_field(raw: bytes) -> None:
    swift = fast.content(raw)
    whole, fault = _attempt(read_whole, raw)
    said, swift_fault = _attempt(fast.read, raw)
    event("refused" if fault else "taken")
    if fault is not None:
        assert swift is None
        assert swift_fault is not None
        assert (type(swift_fault), swift_fault.args) == (type(fault), fault.args)
    else:
        assert swift is not None, "the fast reading leaves to the contract what it should take itself"
        assert _content(swift) == _content(whole) | {"id": swift.id}
        assert swift.id in ("", whole.id)
        assert said == said_of(whole)
        assert not list(SCHEMAS[said.kind].iter_errors(json.loads(raw))), (
            "the JSON Schema takes what the contract takes"
        )


@pytest.mark.parametrize("kind", KINDS.models)
@settings(max_examples=12)
@given(data=st.data())
def test_every_kind_is_read_alike_by_both_readings(kind: str, data: st.DataObject) -> None:
    said = data.draw(_objects(KINDS.models[kind]))
    raw = json.dumps({"kind": kind, **said}).encode()
    whole, fault = _attempt(read_whole, raw)
    swift, swift_fault = _attempt(fast.read, raw)
    assert (fault is None) == (swift_fault is None) == (fast.content(raw) is not None)
    assert swift == (None if whole is None else said_of(whole))


def _example(model: type[BaseModel], *, every: bool) -> dict[str, Any]:
    return {
        shape.name: model.model_fields[shape.name].examples[0]  # type: ignore[index]
        for shape in shapes_of(model)
        if every or shape.required
    }


# Fields that exclude each other, or that a kind needs although neither alone is required.
APART = {"corrected": ("replacements",), "scope_opened": ("seeds", "matching")}
NEEDED = {
    "transformed": "in_batches",
    "tested": "batch",
    "scope_opened": "scope",
    "certified": "batches",
    "tracing_marked": "marks",
    "sampled": "batches",
    "alert_handled": "to",
}


@pytest.mark.parametrize("kind", KINDS.models)
def test_the_examples_that_a_kind_gives_of_its_fields_make_an_event(kind: str) -> None:
    model = KINDS.models[kind]
    full = _example(model, every=True)
    least = _example(model, every=False)
    for name in APART.get(kind, ()):
        del full[name]
    if kind in NEEDED:
        least[NEEDED[kind]] = full[NEEDED[kind]]
    for said in (full, least):
        raw = json.dumps({"kind": kind, **said}).encode()
        assert fast.read(raw).code == model.CODE
        assert not list(Draft202012Validator(schema_of(kind)).iter_errors(json.loads(raw)))


SHIPPED = {"id": "e1", "kind": "shipped", "operator": "o", "site": "a", "batches": ["o/p/1"]}


@pytest.mark.parametrize(
    ("change", "field", "rule"),
    [
        ({"operator": None}, "operator", "needs this"),
        ({"batches": []}, "batches", "at least 1"),
        ({"batches": "o/p/1"}, "batches", "is a list"),
        ({"batches": ["o/p/1", "o/p"]}, "batches[1].batch", "operator/product/lot"),
        ({"batches": ["o/p/1", "(01)09506000134353(10)B7"]}, "batches[1].batch", "check digit is 3, expected 2"),
        ({"batches": [{"gtin": "09506000134353"}]}, "batches[0].gtin", "check digit is 3, expected 2"),
        ({"batches": [{"batch": "o/p/1", "quantity": "12,5", "unit": "kg"}]}, "batches[0].quantity", "decimal"),
        ({"batches": [{"batch": "o/p/1", "quantity": 12.5}]}, "batches[0].unit", "needs its unit"),
        ({"batches": [{"batch": "o/p/1", "colour": "red"}]}, "batches[0].colour", "no such field"),
        ({"at": "2026-02-30"}, "at", "no such time"),
        ({"at": {"from": "2026-02-30"}}, "at.from", "no such time"),
        ({"at": {"from": "2026-03", "to": "2026-02"}}, "at", "not after"),
        ({"zone": "Mars/Phobos"}, "zone", "IANA"),
        ({"arrive": "2026"}, "arrive", "no such field"),
        ({"version": 0}, "version", "begin at 1"),
        ({"kind": "teleported"}, "kind", "no kind"),
        ({"kind": None}, "kind", "missing"),
        ({"id": "a\x00b"}, "id", "printable"),
        ({"x-" + "n" * 200: 1}, "x-" + "n" * 126, "extension's name"),
    ],
)
def test_a_refusal_names_field_value_and_rule(change: dict[str, Any], field: str, rule: str) -> None:
    with pytest.raises(Fault) as refused:
        fast.read(json.dumps({**SHIPPED, **change}).encode())
    assert refused.value.field == field
    assert rule in refused.value.rule
    assert str(refused.value).startswith(field)


def test_the_first_fault_by_the_order_of_the_contract_is_named_whatever_the_order_in_the_event() -> None:
    said = {**SHIPPED, "batches": ["x"], "operator": "", "foo": 1}
    for order in (said, dict(reversed(said.items()))):
        with pytest.raises(Fault) as refused:
            fast.read(json.dumps(order).encode())
        assert refused.value.field == "operator"


def test_an_event_of_a_future_version_is_not_refused_but_not_yet_readable() -> None:
    raw = json.dumps({**SHIPPED, "version": 7, "batches": {"new": "shape"}, "at": "2026-03-01T00:00:00Z"}).encode()
    with pytest.raises(NotYetReadable) as future:
        fast.read(raw)
    said = future.value.said
    assert (said.id, said.kind, said.code, said.version, said.operator, said.site) == ("e1", "shipped", 4, 7, "o", "a")
    assert (said.steps, said.mentions, said.labels, said.quantities) == ([], [], [], [])


@pytest.mark.parametrize("inside", ["foo", "x-foo", "batches", "at"])
def test_deep_nesting_is_refused_wherever_it_is_and_whatever_the_version(inside: str) -> None:
    deep = b"[" * 400 + b"]" * 400
    for version in (b"1", b"9"):
        raw = b'{"kind":"shipped","version":' + version + b',"%s":%s}' % (inside.encode(), deep)
        with pytest.raises(Fault, match="nested deeper than 32 levels"):
            fast.read(raw)
        with pytest.raises(Fault, match="nested deeper than 32 levels"):
            digest(raw)


def test_a_fan_of_100_000_batches_is_an_ordinary_event_and_one_wrong_batch_in_it_is_named() -> None:
    batches = [f"o/p/{number}" for number in range(100_000)]
    raw = json.dumps({**SHIPPED, "batches": batches}).encode()
    assert len(fast.read(raw).mentions) == 100_000
    with pytest.raises(Fault) as refused:
        fast.read(raw.replace(b'"o/p/70000"', b'"p/70000"'))
    assert refused.value.field == "batches[70000].batch"


def test_a_missing_id_is_derived_from_the_content_and_so_equal_for_equal_content() -> None:
    bare = {name: value for name, value in SHIPPED.items() if name != "id"}
    first = fast.read(json.dumps(bare).encode())
    again = fast.read(json.dumps(dict(reversed(bare.items())), indent=2).encode())
    other = fast.read(json.dumps({**bare, "site": "b"}).encode())
    assert first.id == again.id == read_whole(json.dumps(bare).encode()).id
    assert first.id != other.id
    assert first.id.startswith("urn:fieldline:event:")


def test_a_quantity_keeps_every_digit_that_was_said() -> None:
    batch = b'{"batch":"o/p/1","quantity":0.100000000000000055,"unit":"t"}'
    raw = b'{"kind":"shipped","operator":"o","site":"a","batches":[' + batch + b"]}"
    assert fast.read(raw).quantities == [("o/p/1", "a", "moved_out", str(Decimal("0.100000000000000055")), "TNE")]


@pytest.mark.parametrize("unit", ["unit/21/7", "unit/a/21", "00/395060001343529998"])
def test_a_step_that_names_a_unit_is_flagged_whatever_the_unit_is_called(unit: str) -> None:
    said = fast.read(json.dumps({**SHIPPED, "batches": ["o/p/1", unit]}).encode())
    assert [bool(step.shape & UNITS_FLAG) for step in said.steps] == [True]
    moved = fast.read(json.dumps({**SHIPPED, "to_site": "b", "batches": ["o/p/1", unit]}).encode())
    assert [bool(step.shape & UNITS_FLAG) for step in moved.steps] == [False, True]
