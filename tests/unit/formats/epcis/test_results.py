"""Results among what sensors and inspections say."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.formats.epcis.saying import LOT_KEY, OTHER_KEY, OTHER_LOT, PLANT_KEY, amount, converted, event, taken

GERM, LEAD = "https://www.ncbi.nlm.nih.gov/taxonomy/1126011", "https://identifiers.org/inchikey:CZMRCDWAGMRECN"


def _found(*reports: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    reports_of = [{"type": "Dimensionless", **report} for report in reports]
    said = event(eventID="urn:x:7", bizStep="inspecting", sensorElementList=[{"sensorReport": reports_of}], **more)
    return [one for one in taken(said) if one["kind"] == "tested"]


def test_a_germ_or_a_substance_that_a_sensor_reports_is_a_result() -> None:
    germ, substance = _found({"microorganism": GERM, "value": 0.05, "uom": "C35"}, {"chemicalSubstance": LEAD})
    assert (germ["hazard_class"], germ["hazard"], germ["batch"]) == ("pathogen", GERM, LOT_KEY)
    assert germ["results"] == [{"analyte": GERM, "value": "0.05", "unit": "C35"}]
    assert (substance["hazard_class"], substance["results"][0]["value"]) == ("residue", "not said")


@pytest.mark.parametrize(
    ("disposition", "verdict"),
    [("non_conformant", "failed"), ("conformant", "passed"), ("in_progress", "inconclusive"), (None, "inconclusive")],
)
def test_the_disposition_is_the_verdict(disposition: str | None, verdict: str) -> None:
    (made,) = _found({"microorganism": GERM}, disposition=disposition)
    assert made["verdict"] == verdict


def test_a_result_without_laboratory_and_report_is_a_screening() -> None:
    (made,) = _found({"microorganism": GERM})
    assert (made["method"], made["lab"], made["report"]) == ("screening", PLANT_KEY, "urn:x:7")


def test_a_report_of_a_laboratory_is_confirmatory() -> None:
    report = "urn:epcglobal:cbv:bt:4012345000092:R-2026-981"
    (made,) = _found({"microorganism": GERM}, bizTransactionList=[{"type": "testres", "bizTransaction": report}])
    assert (made["method"], made["lab"], made["report"]) == ("confirmatory", "417/4012345000092", report)


def test_each_batch_has_its_result_and_reports_of_one_substance_are_one() -> None:
    made = _found(
        {"microorganism": GERM, "value": 1},
        {"microorganism": GERM, "value": 2},
        quantityList=[amount(), amount(OTHER_LOT)],
    )
    assert [(one["batch"], len(one["results"])) for one in made] == [(LOT_KEY, 2), (OTHER_KEY, 2)]
    assert len({one["id"] for one in made}) == 2


def test_readings_are_no_results_unless_the_temperature_was_found_wrong() -> None:
    warm = {"type": "Temperature", "value": 14, "uom": "CEL"}
    assert _found(warm) == []
    (made,) = _found(warm, disposition="non_conformant")
    assert (made["hazard_class"], made["verdict"], made["results"][0]["value"]) == ("temperature", "failed", "14")


def test_something_wrong_without_a_hazard_is_kept_and_named() -> None:
    said = converted(event(bizStep="inspecting", disposition="non_conformant"))
    assert [one["kind"] for one in said.events] == ["stored"]
    assert said.refused == []
    assert "no result comes of it" in str(said.remarks[0])
