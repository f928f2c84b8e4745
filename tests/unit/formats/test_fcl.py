"""FoodChain-Lab's exchange format, read into events: what each row becomes, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fieldline_schemas.faults import Fault
from fieldline_trace.formats.fcl import Conversion, events_of, read


def _rows(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"data": [[{"id": key, "value": value} for key, value in row.items()] for row in rows]}


STATIONS = _rows(
    {"ID": "1", "Name": "Grower", "Country": "EG"},
    {"ID": "2", "Name": "Blender"},
    {"ID": "3", "Name": "Le Bio"},
    {"ID": "4", "Name": "Le Bio"},
)


def _network(
    deliveries: dict[str, Any],
    relations: dict[str, Any] | None = None,
    stations: dict[str, Any] | None = None,
    **more: Any,
) -> Conversion:
    document = {
        "version": "1.0.0",
        "data": {
            "version": "1.0.0",
            "stations": stations or STATIONS,
            "deliveries": deliveries,
            "deliveryRelations": relations or _rows(),
        },
        **more,
    }
    return events_of(read(json.dumps(document).encode()))


def _delivery(name: str, origin: str, target: str, **more: Any) -> dict[str, Any]:
    return {"ID": name, "from": origin, "to": target, "Name": "herbs", **more}


def test_a_delivery_is_a_batch_of_its_own_that_keeps_its_lot_number() -> None:
    said = _network(_rows(_delivery("d1", "1", "2", **{"Lot Number": "DC 17", "Date Delivery": "2018-02-26"})))
    event = said.events[0]
    assert event["kind"] == "shipped"
    assert event["site"] == "Grower (1)"
    assert event["to_site"] == "Blender (2)"
    assert event["batches"] == [{"batch": "Grower (1)/herbs/d1", "label": "DC 17"}]
    assert event["at"] == "2018-02-26"
    assert event["arrived"] is None
    assert said.refused == []


def test_the_relations_into_one_delivery_are_one_timeless_event_at_the_station_in_the_middle() -> None:
    said = _network(
        _rows(_delivery("a", "1", "2"), _delivery("b", "1", "2"), _delivery("c", "2", "3")),
        _rows({"from": "a", "to": "c"}, {"from": "b", "to": "c"}),
    )
    (made,) = [event for event in said.events if event["kind"] == "transformed"]
    assert made["site"] == "Blender (2)"
    assert made["timeless"] is True
    assert made["in_batches"] == ["Grower (1)/herbs/a", "Grower (1)/herbs/b"]
    assert made["out_batches"] == ["Blender (2)/herbs/c"]


def test_relations_of_older_files_that_say_id_and_next_are_read() -> None:
    said = _network(_rows(_delivery("a", "1", "2"), _delivery("c", "2", "3")), _rows({"ID": "a", "Next": "c"}))
    assert [event["kind"] for event in said.events] == ["shipped", "shipped", "transformed", "tracing_marked"]


def test_stations_of_one_name_stay_apart() -> None:
    said = _network(_rows(_delivery("a", "2", "3"), _delivery("b", "2", "4")))
    assert {event["to_site"] for event in said.events if event["kind"] == "shipped"} == {"Le Bio (3)", "Le Bio (4)"}


@pytest.mark.parametrize(
    ("typed", "read_as"),
    [
        ("2018-10-08", "2018-10-08"),
        ("2018-10", "2018-10"),
        ("2018", "2018"),
        ("9/2018", "2018-09"),
        ("09.2018", "2018-09"),
        ("21/1/2019", "2019-01-21"),
        ("1/21/2019", "2019-01-21"),
        ("3/4/2018", {"from": "2018-03-04", "to": "2018-04-03"}),
        ("5/5/2018", "2018-05-05"),
        ("End 2023", "2023"),
        ("end of 9/2018", "2018-09"),
        ("2018-10-08T00:00:00", "2018-10-08"),
    ],
)
def test_an_odd_date_is_read_as_the_widest_that_its_words_allow(typed: str, read_as: Any) -> None:
    said = _network(_rows(_delivery("a", "1", "2", **{"Date Delivery": typed})))
    assert said.events[0]["at"] == read_as
    assert said.refused == []


@pytest.mark.parametrize("typed", ["soon", "2018-02-30", "13/2018", "31/31/2018"])
def test_a_date_that_is_none_is_named_and_the_delivery_is_kept_without_it(typed: str) -> None:
    said = _network(_rows(_delivery("a", "1", "2", **{"Date Delivery Arrival": typed})))
    assert said.events[0]["arrived"] is None
    (refused,) = said.refused
    assert (refused.row, refused.fault.field, refused.fault.value, refused.kept) == (
        "delivery a",
        "Date Delivery Arrival",
        typed,
        True,
    )


def test_a_missing_date_is_unknown_and_no_fault() -> None:
    said = _network(_rows(_delivery("a", "1", "2", **{"Date Delivery": None})))
    assert said.events[0]["at"] is None
    assert said.refused == []


@pytest.mark.parametrize(
    ("amount", "quantity", "unit"),
    [
        ("25.0 bags 20kg", "500", "kg"),
        ("2.0 paletts 18.4kg", "36.8", "kg"),
        ("100.0 bundles 200g", "20000", "g"),
        ("12 kg", "12", "kg"),
    ],
)
def test_an_amount_that_says_containers_and_size_is_their_product(amount: str, quantity: str, unit: str) -> None:
    said = _network(_rows(_delivery("a", "1", "2", Amount=amount)))
    assert said.events[0]["batches"][0] == {"batch": "Grower (1)/herbs/a", "quantity": quantity, "unit": unit}


@pytest.mark.parametrize("amount", ["a few", "3 boxes", "0 kg", "-5 kg"])
def test_an_amount_that_says_no_mass_stays_text(amount: str) -> None:
    said = _network(_rows(_delivery("a", "1", "2", Amount=amount)))
    assert "quantity" not in said.events[0]["batches"][0]
    assert said.events[0]["x-fcl"]["delivery"]["Amount"] == amount


@pytest.mark.parametrize(
    ("deliveries", "relations", "row", "field", "rule"),
    [
        ([_delivery("", "1", "2")], [], "delivery 2", "ID", "needs an id"),
        ([_delivery("x", "1", "9")], [], "delivery 2", "to", "no station"),
        ([{"ID": "x", "to": "2"}], [], "delivery 2", "from", "needs the station"),
        ([_delivery("good", "1", "2")], [], "delivery 2", "ID", "earlier delivery"),
        ([_delivery("x" * 129, "1", "2")], [], "delivery 2", "ID", "at most 128"),
        ([], [{"from": "good", "to": "nowhere"}], "relation 1", "to", "no delivery"),
        ([], [{"to": "good"}], "relation 1", "from", "names two"),
        ([_delivery("far", "3", "4")], [{"from": "good", "to": "far"}], "relation 1", "from, to", "do not meet"),
        (
            [_delivery("next", "2", "3")],
            [{"from": "good", "to": "next"}] * 2,
            "relation 2",
            "from, to",
            "stated before",
        ),
        ([_delivery("loop", "2", "2")], [{"from": "loop", "to": "loop"}], "relation 1", "from, to", "made of itself"),
    ],
)
def test_a_row_at_fault_is_refused_by_field_and_rule_and_the_rest_goes_on(
    deliveries: list[dict[str, Any]], relations: list[dict[str, Any]], row: str, field: str, rule: str
) -> None:
    said = _network(_rows(_delivery("good", "1", "2"), *deliveries), _rows(*relations))
    assert said.events[0]["batches"] == [{"batch": "Grower (1)/herbs/good"}]
    (refused,) = said.refused
    assert (refused.row, refused.fault.field) == (row, field)
    assert rule in refused.fault.rule


def test_a_station_given_twice_keeps_its_first_row() -> None:
    said = _network(
        _rows(_delivery("a", "1", "2")), stations=_rows({"ID": "1", "Name": "A"}, {"ID": "1", "Name": "B"}, {"ID": "2"})
    )
    assert said.events[0]["site"] == "A (1)"
    assert said.events[0]["to_site"] == "2"
    assert [(refused.row, refused.fault.field) for refused in said.refused] == [("station 2", "ID")]


def test_ids_stay_when_a_date_is_mended_or_weights_change() -> None:
    def one(date: str, weight: float) -> str:
        marks = {"tracing": {"nodes": [], "deliveries": [{"id": "a", "weight": weight}]}}
        said = _network(_rows(_delivery("a", "1", "2", **{"Date Delivery": date})), **marks)
        return str(said.events[0]["id"])

    assert one("2018-01-01", 0) == one("2018-01-02", 0) == one("2018-01-01", 1.0)


def test_the_marks_of_a_file_are_one_event_that_says_all_of_them() -> None:
    tracing = {
        "enforceTemporalOrder": False,
        "nodes": [
            {"id": "2", "weight": -0.5, "crossContamination": True},
            {"id": "1", "killContamination": True, "weight": 0},
            {"id": "3", "observed": False, "weight": None},
        ],
        "deliveries": [{"id": "a", "weight": 1, "observed": True}],
    }
    said = _network(_rows(_delivery("a", "1", "2")), tracing=tracing)
    event = said.events[-1]
    assert event["kind"] == "tracing_marked"
    assert event["marks"] == [
        {"site": "Blender (2)", "cross_contamination": True, "weight": "-0.5"},
        {"site": "Grower (1)", "kill_step": True},
        {"batch": "Grower (1)/herbs/a", "observed": True, "weight": "1"},
    ]
    assert (event["whole"], event["temporal_order"]) == (True, False)
    assert said.refused == []


def test_other_marks_are_another_event_and_the_same_ones_a_repeat() -> None:
    def one(weight: float) -> str:
        said = _network(_rows(_delivery("a", "1", "2")), tracing={"deliveries": [{"id": "a", "weight": weight}]})
        return str(said.events[-1]["id"])

    assert one(1) == one(1.0)
    assert one(1) != one(2)


def test_stations_without_deliveries_are_named_with_the_marks() -> None:
    said = _network(_rows(_delivery("a", "1", "2")))
    assert said.events[-1]["x-fcl"] == {"stations": {"Le Bio (3)": "3", "Le Bio (4)": "4"}}


@pytest.mark.parametrize(
    ("tracing", "row", "field"),
    [
        ({"nodes": [{"id": "9", "weight": 1}]}, "tracing of node 9", "id"),
        ({"deliveries": [{"id": "z", "observed": True}]}, "tracing of delivery z", "id"),
        ({"nodes": [{"id": "2", "weight": 1e30}]}, "tracing of node 2", "weight"),
    ],
)
def test_a_mark_that_cannot_be_taken_is_named_and_the_rest_goes_on(
    tracing: dict[str, Any], row: str, field: str
) -> None:
    said = _network(_rows(_delivery("a", "1", "2")), tracing=tracing)
    assert [(refused.row, refused.fault.field) for refused in said.refused] == [(row, field)]
    assert said.events[0]["kind"] == "shipped"


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (b"{", "document"),
        (b"[]", "document"),
        (b"no JSON \xff", "document"),
        (b'{"version": "1.0.0"}', "data"),
        (b'{"version": "1.0.0", "data": {"stations": {"data": [[{"id": "ID"}]]}}}', "data.stations.data[0][0].value"),
        (
            b'{"version": "2.0.0", "data": {"stations": {"data": []}, "deliveries": {"data": []}, '
            b'"deliveryRelations": {"data": []}}}',
            "version",
        ),
    ],
)
def test_a_document_that_is_no_network_is_refused_whole_by_its_field(raw: bytes, field: str) -> None:
    with pytest.raises(Fault) as fault:
        read(raw)
    assert fault.value.field == field


@pytest.mark.data
def test_a_whole_trade_in_teas_is_read_with_nothing_refused(data_folder: Path) -> None:
    said = events_of(read((data_folder / "baby-tea" / "network.json").read_bytes()))
    kinds = [event["kind"] for event in said.events]
    assert (kinds.count("shipped"), kinds.count("transformed")) == (110, 95)
    assert sum(len(event["in_batches"]) for event in said.events if event["kind"] == "transformed") == 437
    assert said.refused == []
    assert len({event["id"] for event in said.events}) == len(said.events)


@pytest.mark.data
def test_every_amount_of_a_trade_in_teas_is_what_others_read_it_as(data_folder: Path) -> None:
    folder = data_folder / "baby-tea"
    kilograms = {row["id"]: row["amount_kg"] for row in json.loads((folder / "case.json").read_text())["deliveries"]}
    for event in events_of(read((folder / "network.json").read_bytes())).events:
        if event["kind"] == "shipped":
            batch = event["batches"][0]
            grams = 1000 if batch["unit"] == "kg" else 1
            assert float(batch["quantity"]) * grams == pytest.approx(kilograms[event["x-fcl"]["delivery"]["ID"]] * 1000)
