"""The contract does not drift: what is shipped is what is said, and what was once said can still be read.

``samples/KIND.vN.json`` (``-WHAT`` for more than one): an event as a producer sends it in version N, and what is read
of it. A sample is never changed; a new version of a kind adds one and an upcaster.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar, Literal

import msgspec
import pytest
from fieldline_schemas import KINDS, NotYetReadable, fast, read_whole, said_of
from fieldline_schemas.canonical import digest
from fieldline_schemas.contract import Event, Upcast
from fieldline_schemas.faults import Fault
from fieldline_schemas.fields import Count, said
from fieldline_schemas.json_schema import shipped, written
from fieldline_schemas.registry import Registry
from jsonschema import Draft202012Validator
from pydantic import Field

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.json"))


@pytest.mark.parametrize("kind", KINDS.models)
def test_the_shipped_json_schema_is_the_contract(kind: str) -> None:
    assert shipped(kind) == written(kind), "run: python -m fieldline_schemas.json_schema"
    Draft202012Validator.check_schema(json.loads(shipped(kind)))


def test_every_version_of_every_kind_has_a_sample() -> None:
    expected = {f"{kind}.v{version}" for kind, model in KINDS.models.items() for version in range(1, model.VERSION + 1)}
    assert {path.stem.partition("-")[0] for path in SAMPLES} == expected


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_what_was_once_said_is_still_read_and_means_the_same(path: Path) -> None:
    sample = json.loads(path.read_text("utf-8"))
    raw = json.dumps(sample["said"]).encode()
    read = fast.read(raw)
    now = json.loads(msgspec.json.encode(read))
    assert {name: now.get(name) for name in sample["read"]} == sample["read"], "more may be read of it, nothing else"
    assert read == said_of(read_whole(raw))
    assert digest(raw).hex() == sample["digest"]
    assert not list(Draft202012Validator(json.loads(shipped(read.kind))).iter_errors(sample["said"]))


def test_codes_of_kinds_are_never_given_again() -> None:
    assert {kind: model.CODE for kind, model in KINDS.models.items()} == {
        "harvested": 1,
        "transformed": 2,
        "prepared": 3,
        "shipped": 4,
        "received": 5,
        "served": 6,
        "illness_case": 7,
        "sampled": 8,
        "tested": 9,
        "corrected": 10,
        "same_batch": 11,
        "clock_ticked": 12,
        "scope_opened": 13,
        "scope_closed": 14,
        "member_released": 15,
        "planted": 16,
        "input_applied": 17,
        "input_sold": 18,
        "milked": 19,
        "slaughtered": 20,
        "landed": 21,
        "cooled": 22,
        "packed": 23,
        "split": 24,
        "commingled": 25,
        "relabelled": 26,
        "aggregated": 27,
        "disaggregated": 28,
        "stored": 29,
        "sold": 30,
        "returned": 31,
        "imported": 32,
        "exported": 33,
        "sample_retained": 34,
        "disposed": 35,
        "inspected": 36,
        "certified": 37,
        "licensed": 38,
        "sanctioned": 39,
        "complaint": 40,
        "external_notice": 41,
        "contamination_declared": 42,
        "alert_acknowledged": 43,
        "consignee_notified": 44,
        "consignee_answered": 45,
        "tracing_marked": 46,
        "notice_approved": 47,
        "member_excluded": 48,
        "member_included": 49,
        "cleaned": 50,
        "noted": 51,
        "alert_handled": 52,
        "reference_changed": 53,
        "retest_requested": 54,
        "labelled": 55,
        "incident_joined": 60,
        "incident_stepped": 61,
    }


class Weighed(Event):
    """A kind that has come to its third version: grams, then kilograms, then a whole number of crates beside them."""

    CODE: ClassVar[int] = 200
    VERSION: ClassVar[int] = 3
    UPCASTS: ClassVar[dict[int, Upcast]] = {
        1: lambda event: {
            **{k: v for k, v in event.items() if k != "grams"},
            "kilograms": event.get("grams", 0) // 1000,
        },
        2: lambda event: {**event, "crates": 1},
    }

    kind: Literal["weighed"] = "weighed"
    kilograms: Count = Field(**said("Mass", unit="kg", example=7))
    crates: Count = Field(**said("In how many crates", unit="crates", example=2))


WEIGHED = Registry([Weighed])
OLD: dict[str, Any] = {"id": "w1", "kind": "weighed", "operator": "o", "site": "s", "grams": 7000, "x-kept": 1}


def test_an_old_version_is_brought_up_step_by_step() -> None:
    whole = read_whole(json.dumps(OLD).encode(), WEIGHED)
    assert isinstance(whole, Weighed)
    assert (whole.version, whole.kilograms, whole.crates, whole.model_extra) == (3, 7, 1, {"x-kept": 1})
    second = {**OLD, "version": 2, "kilograms": 8}
    del second["grams"]
    upgraded = read_whole(json.dumps(second).encode(), WEIGHED)
    assert isinstance(upgraded, Weighed)
    assert (upgraded.kilograms, upgraded.crates) == (8, 1)


def test_the_known_version_is_held_to_the_known_contract() -> None:
    with pytest.raises(Fault, match=r"^kilograms"):
        read_whole(json.dumps({**OLD, "version": 3}).encode(), WEIGHED)


def test_a_version_from_the_future_is_not_yet_readable() -> None:
    with pytest.raises(NotYetReadable):
        read_whole(json.dumps({**OLD, "version": 4}).encode(), WEIGHED)


def test_a_kind_without_an_upcaster_for_each_old_version_is_no_kind() -> None:
    class Forgetful(Weighed):
        UPCASTS: ClassVar[dict[int, Upcast]] = {1: lambda event: event}

    with pytest.raises(ValueError, match="an upcaster for each version"):
        Registry([Forgetful])
    with pytest.raises(ValueError, match="are its own"):
        Registry([Weighed, Weighed])
