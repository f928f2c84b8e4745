"""A trade in herbal teas, imported from FoodChain-Lab's exchange format and answered by lot number."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import CommandLine

pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def known(data_folder: Path) -> dict[str, Any]:
    """The known answers."""
    answers: dict[str, Any] = json.loads((data_folder / "baby-tea" / "expected.json").read_text())
    return answers


@pytest.fixture(scope="module")
def teas(served: CommandLine, data_folder: Path) -> CommandLine:
    """A command line on the imported network."""
    done = served("import", "fcl", str(data_folder / "baby-tea" / "network.json"), "--json")
    assert done.code == 0
    assert (done.json["accepted"], done.json["refused"], done.json["rows_refused"]) == (206, 0, [])
    return served


def _lots(answer: dict[str, Any]) -> set[str]:
    """The lots of a trace but those asked for; a batch without a lot number goes by its delivery."""
    return {lot["lot"] if lot["labelled"] else f"unnumbered-{lot['lot']}" for lot in answer["lots"] if not lot["asked"]}


@pytest.mark.parametrize("lot", ["CapEU01", "BabDE03", "BabDE07"])
def test_a_finding_is_traced_back_to_its_ingredients_by_lot_number(
    teas: CommandLine, known: dict[str, Any], lot: str
) -> None:
    assert _lots(teas("trace", lot, "--back", "--json").json) == set(known["trace_back"][lot])


def test_exactly_two_raw_materials_explain_all_findings_and_the_more_specific_comes_first(
    teas: CommandLine, known: dict[str, Any]
) -> None:
    answer = teas("sources", *known["findings"], "--json").json
    found = [
        (source["lot"] if source["labelled"] else f"unnumbered-{source['lot']}", source["reached"])
        for source in answer["sources"]
        if source["share"] == 1 and source["raw"]
    ]
    assert [name for name, _ in found] == ["unnumbered--1475271720", "DC 17"]
    assert set(known["explains_every_finding"]) == {name for name, _ in found}
    melissa, camomile = (source for source in answer["sources"] if source["share"] == 1 and source["raw"])
    assert ("melissa" in melissa["products"][0], "camomille" in camomile["products"][0]) == (True, True)
    # The reason: both explain all, and as much is less likely by chance of what reached fewer lots.
    assert melissa["explains"] == camomile["explains"] == known["findings"]
    assert melissa["reached"] < camomile["reached"]
    assert melissa["chance"] < camomile["chance"] < 1


def test_each_of_them_is_traced_forward_to_all_that_was_made_of_it(teas: CommandLine, known: dict[str, Any]) -> None:
    for lot, answer in known["explains_every_finding"].items():
        text = lot.removeprefix("unnumbered-")
        traced = teas("trace", text, "--forward", "--json").json
        assert _lots(traced) == set(answer["batches"])
        assert len(_lots(traced)) == answer["forward_batches"]


def test_importing_again_changes_nothing(teas: CommandLine, data_folder: Path) -> None:
    again = teas("import", "fcl", str(data_folder / "baby-tea" / "network.json"), "--json").json
    assert (again["accepted"], again["repeated"]) == (0, 206)


def test_a_network_with_rows_at_fault_is_taken_but_for_these_and_ends_with_one(
    teas: CommandLine, data_folder: Path, tmp_path: Path
) -> None:
    network = json.loads((data_folder / "baby-tea" / "network.json").read_text())
    network["data"]["deliveryRelations"]["data"][0][1]["value"] = "nobody"
    file = tmp_path / "faulty.json"
    file.write_text(json.dumps(network))
    done = teas("import", "fcl", str(file))
    assert done.code == 1
    assert "relation 1: to: 'nobody': no delivery taken from this file has this id" in done.err
