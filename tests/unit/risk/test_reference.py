"""Reference data: complete, with sources, and read as it stands."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest
from fieldline_schemas.hazards import HAZARD_CLASSES
from fieldline_trace.reference import load_reference
from fieldline_trace.reference.load import microseconds


def test_every_class_of_hazards_says_how_far_it_reaches_in_both_languages() -> None:
    hazards = load_reference().hazards
    assert set(hazards) == set(HAZARD_CLASSES)
    assert all(set(hazard.names) == {"en", "zh-CN"} for hazard in hazards.values())


def test_the_table_of_hazards_is_complete_and_says_only_what_is_known() -> None:
    hazards = load_reference().hazards.values()
    windows = {
        "clean_break",
        "time_and_temperature",
        "spill",
        "operator",
        "store",
        "changeover",
        "check",
        "run",
        "room",
    }
    assert {hazard.window for hazard in hazards} == windows
    assert {hazard.kill_step for hazard in hazards} == {"demotes", "cuts", "ignored"}
    assert {hazard.origins for hazard in hazards} == {"all", "start"}
    assert [hazard.code for hazard in hazards if hazard.dilution == "exposure"] == ["residue"]
    assert [hazard.code for hazard in hazards if not hazard.back] == ["label", "temperature"]


def test_every_table_names_its_source_and_date() -> None:
    folder = files("fieldline_trace.reference")
    hazards = tomllib.loads(folder.joinpath("hazards.toml").read_text("utf-8"))
    absence = tomllib.loads(folder.joinpath("absence.toml").read_text("utf-8"))
    for table in (hazards, absence["origin"], absence["arrival"]):
        assert table["source"]
        assert table["effective"]


def test_a_class_that_is_not_known_reaches_as_far_as_any() -> None:
    unknown = load_reference().hazard("something new")
    assert (unknown.back, unknown.others) == (True, True)


@pytest.mark.parametrize(
    ("said", "hours"), [("PT1H", 1.0), ("P1D", 24.0), ("P7D", 168.0), ("P1DT1H30M", 25.5), ("PT1M", 1 / 60)]
)
def test_durations_are_read(said: str, hours: float) -> None:
    assert microseconds(said) == round(hours * 3_600_000_000)


@pytest.mark.parametrize("said", ["", "P", "PT", "1D", "P1W"])
def test_what_is_no_duration_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match="no duration"):
        microseconds(said)
