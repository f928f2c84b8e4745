"""The canonical form evens out what means nothing, and nothing else."""

from __future__ import annotations

import json
import random
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest
from fieldline_schemas import Fault, fast
from fieldline_schemas.canonical import canonical, digest, identity_hash
from hypothesis import given
from hypothesis import strategies as st

SAID: dict[str, Any] = {
    "id": "e1",
    "kind": "shipped",
    "operator": "hof-1",
    "site": "farm",
    "at": "2026-03-01T08:00:00+08:00",
    "batches": [{"batch": "hof-1/leaf/L1", "quantity": "12.5", "unit": "kg"}, "hof-1/leaf/L2"],
    "to_site": "plant",
    "x-note": {"b": [1, None], "a": "2026-03-01T08:00:00+08:00"},
}


def raw(said: dict[str, Any]) -> bytes:
    return json.dumps(said).encode()


def changed(**changes: Any) -> bytes:
    return raw({**SAID, **{name.replace("x_", "x-"): value for name, value in changes.items()}})


@pytest.mark.parametrize(
    "same",
    [
        changed(at="2026-03-01T00:00:00Z"),
        changed(at="2026-03-01t00:00:00.000z"),
        changed(at="2026-02-28T14:00:00-10:00"),
        changed(at={"from": "2026-03-01T00:00:00Z", "to": None}, x_note=SAID["x-note"]).replace(
            b'{"from": "2026-03-01T00:00:00Z", "to": null}', b'"2026-03-01T00:00:00Z"'
        ),
        changed(zone=None, to_operator=None, arrived=None),
        changed(batches=[{"batch": "hof-1/leaf/L1", "quantity": 12.5, "unit": "kg"}, {"batch": "hof-1/leaf/L2"}]),
        changed(
            batches=[{"unit": "kg", "batch": "hof-1/leaf/L1", "quantity": "12.50", "label": None}, "hof-1/leaf/L2"]
        ),
        changed(batches=[{"batch": "hof-1/leaf/L1", "quantity": "1.25e1", "unit": "kg"}, "hof-1/leaf/L2"]),
        changed(x_note={"a": "2026-03-01T08:00:00+08:00", "b": [1.0, None]}),
        changed(arrived={}),
        changed(arrived={"from": None}),
        changed(id="another id"),
        json.dumps(SAID, indent=3, ensure_ascii=False).encode(),
    ],
)
def test_spellings_of_one_content_have_one_digest(same: bytes) -> None:
    assert canonical(same) == canonical(raw(SAID))


@pytest.mark.parametrize(
    "other",
    [
        changed(at="2026-03-01T08:00:01+08:00"),
        changed(at="2026-03-01"),
        changed(at={"from": "2026-03-01T00:00:00Z"}),
        changed(batches=[{"batch": "hof-1/leaf/L1", "quantity": "12.6", "unit": "kg"}, "hof-1/leaf/L2"]),
        changed(batches=[{"batch": "hof-1/leaf/L1", "quantity": "12.5", "unit": "t"}, "hof-1/leaf/L2"]),
        changed(batches=list(reversed(SAID["batches"]))),
        changed(x_note={"b": [1, None], "a": "2026-03-01T00:00:00Z"}),
        changed(x_note={"b": [1], "a": "2026-03-01T08:00:00+08:00"}),
        changed(x_other=None),
        changed(x_other=1),
        changed(to_site=None),
        changed(operator="hof-2"),
        changed(kind="received"),
    ],
)
def test_what_means_something_else_has_another_digest(other: bytes) -> None:
    assert digest(other) != digest(raw(SAID))


def test_an_instant_in_a_text_that_is_no_time_is_left_alone() -> None:
    lot = raw({**SAID, "batches": ["hof-1/leaf/2026-03-01T08:00:00+08:00"]})
    assert b"2026-03-01T08:00:00+08:00" in canonical(lot)


def test_the_digest_is_of_the_canonical_bytes_under_a_name_with_a_version() -> None:
    assert digest(raw(SAID)) == sha256(b"fieldline.event.1\0" + canonical(raw(SAID))).digest()


def test_the_canonical_form_never_changes_while_its_version_does_not() -> None:
    assert canonical(raw(SAID)).decode() == (
        '{"at":"2026-03-01T00:00:00Z","batches":[{"batch":"hof-1/leaf/L1","quantity":"12.5","unit":"kg"},"hof-1/leaf/L2"],'
        '"kind":"shipped","operator":"hof-1","site":"farm","to_site":"plant",'
        '"x-note":{"a":"2026-03-01T08:00:00+08:00","b":[1,null]}}'
    )


NUMBERS = st.one_of(
    st.integers(-(10**25), 10**25),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30),
    st.floats(allow_nan=False, allow_infinity=False).map(lambda number: Decimal(repr(number))),
)


@given(NUMBERS, st.integers(0, 5))
def test_one_number_has_one_form_and_it_is_a_fixed_point(number: Any, zeros: int) -> None:
    text = format(number, "f") if not isinstance(number, int) else str(number)
    text += "0" * zeros if "." in text else "." + "0" * (zeros + 1)
    first = canonical(b'{"x-n":' + text.encode() + b"}")
    assert first == canonical(b'{"x-n":' + str(number).encode() + b"}")
    assert canonical(first) == first
    value = first.removeprefix(b'{"x-n":').removesuffix(b"}").decode()
    assert Decimal(value) == number


@pytest.mark.parametrize("number", ["1000000000000000", "-9007199254740990", "9007199254740992", "90071992547409920"])
def test_a_whole_number_has_one_form_with_and_without_an_exponent(number: str) -> None:
    digits = number.rstrip("0")
    other = f"{digits}e{len(number) - len(digits)}"
    assert canonical(b'{"x-n":' + number.encode() + b"}") == canonical(b'{"x-n":' + other.encode() + b"}")


@pytest.mark.parametrize("number", ["1e300", "1E+300", "10e299", "1" + "0" * 300 + ".0"])
def test_a_large_number_is_not_written_out(number: str) -> None:
    assert canonical(b'{"x-n":' + number.encode() + b"}") == b'{"x-n":1E+300}'


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


def _shuffled(value: Any, chance: random.Random) -> Any:
    if isinstance(value, dict):
        names = list(value)
        chance.shuffle(names)
        return {name: _shuffled(value[name], chance) for name in names}
    return [_shuffled(inner, chance) for inner in value] if isinstance(value, list) else value


@given(st.dictionaries(st.text(max_size=6), JSON, max_size=6), st.randoms(use_true_random=False))
def test_order_of_keys_and_space_mean_nothing_at_any_depth_and_the_form_is_a_fixed_point(
    said: dict[str, Any], chance: random.Random
) -> None:
    first = canonical(json.dumps(said).encode())
    assert canonical(json.dumps(_shuffled(said, chance), indent=1, ensure_ascii=False).encode("utf-8")) == first
    assert canonical(first) == first


def test_events_of_equal_content_without_an_id_get_one_id() -> None:
    bare = {name: value for name, value in SAID.items() if name != "id"}
    other = {**bare, "at": "2026-03-01T00:00:00Z", "zone": None}
    assert fast.read(raw(bare)).id == fast.read(raw(other)).id
    named = {**bare, "id": fast.read(raw(bare)).id}
    assert digest(raw(named)) == digest(raw(bare)), "an event that says its derived id is a repeat, no conflict"


def test_no_content_no_digest() -> None:
    with pytest.raises(Fault):
        digest(b"[1]")


def test_identity_hashes_tell_sender_and_id_apart() -> None:
    assert identity_hash("ab", "c") != identity_hash("a", "bc")
    assert identity_hash("a", "b") == identity_hash("a", "b") < 2**64
