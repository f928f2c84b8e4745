"""Who a person is stands in known places of an event; a spot within a site is told from the site."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fieldline_schemas import KINDS, fast
from fieldline_schemas.contract import Envelope, shapes_of
from fieldline_schemas.personal import personal_paths
from fieldline_schemas.sites import location_key, location_of, location_parts
from hypothesis import given
from hypothesis import strategies as st

NAMES = st.text(min_size=1, max_size=20)


def test_each_text_that_tells_who_a_person_is_has_its_path() -> None:
    assert personal_paths("complaint") == (("informant",), ("contact",))
    assert personal_paths("input_sold") == (("buyer",), ("buyer_id",))
    assert personal_paths("shipped") == ()


@pytest.mark.parametrize("kind", KINDS.models)
def test_what_is_marked_as_personal_is_read_as_such_and_no_key(kind: str) -> None:
    model = KINDS.models[kind]
    marked = {
        name
        for name, field in model.model_fields.items()
        if isinstance(field.json_schema_extra, dict) and field.json_schema_extra.get("x-personal")
    }
    assert marked == {path[0] for path in personal_paths(kind) if len(path) == 1}
    assert not marked & {shape.name for shape in shapes_of(Envelope)}


@pytest.mark.parametrize("kind", [kind for kind in KINDS.models if personal_paths(kind)])
def test_a_pseudonym_may_stand_where_a_person_does(kind: str) -> None:
    sample = json.loads(_sample(kind))["said"]
    for path in personal_paths(kind):
        assert sample[path[0]].startswith("person-")
    assert fast.read(json.dumps(sample).encode()).kind == kind


SAMPLES = Path(__file__).parents[2] / "contract" / "schemas" / "samples"


def _sample(kind: str) -> str:
    return (SAMPLES / f"{kind}.v1.json").read_text("utf-8")


@pytest.mark.parametrize(
    ("site", "location"),
    [
        ("urn:epc:id:sgln:4012345.00001.line%203", "line 3"),
        ("urn:epc:id:sgln:4012345.00001.0", None),
        ("urn:epc:id:sgln:4012345.00001", None),
        ("https://id.gs1.org/414/4012345000016/254/dock-2?x=1", "dock-2"),
        ("https://id.gs1.org/414/4012345000016", None),
        ("(414)4012345000016(254)R 7", "R 7"),
        (" (414)4012345000016(254)R 7", "R 7"),
        ("plant-7 line 3", None),
        ("https://example.org/sites/7", None),
    ],
)
def test_the_extension_of_a_sites_gln_names_the_location(site: str, location: str | None) -> None:
    assert location_of(site) == location
    said = fast.read(json.dumps({"kind": "cleaned", "operator": "o", "site": site}).encode())
    assert said.location == (location or "")


def test_a_location_that_is_said_comes_before_the_extension() -> None:
    event = {"kind": "cleaned", "operator": "o", "site": "urn:epc:id:sgln:4012345.00001.9", "location": "room 2"}
    said = fast.read(json.dumps(event).encode())
    assert (said.site, said.location) == ("414/4012345000016", "room 2")


@given(NAMES, NAMES, NAMES, NAMES)
def test_two_places_have_one_key_only_if_they_are_one(site: str, location: str, other: str, there: str) -> None:
    assert location_parts(location_key(site, location)) == (site, location)
    same = (site, location) == (other, there)
    assert (location_key(site, location) == location_key(other, there)) == same
