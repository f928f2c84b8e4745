"""Contact chains from movements that were imported, asked as anybody asks."""

from __future__ import annotations

import pytest
from fieldline_trace.errors import Rejected
from fieldline_trace.formats import movements

from tests.integration.answers.conftest import Told

REGISTER = b"""from,to,day,animal,head,species
a,b,2025-03-01,,10,cattle
b,c,2025-03-01,DE7,1,cattle
c,d,2025-02-27,,5,cattle
c,e,2025-03-20,DE7,1,cattle
x,b,2025-01-02,,3,pigs
"""


async def imported(told: Told) -> list[dict[str, object]]:
    rows = [row for row in movements.read(REGISTER) if isinstance(row, movements.Movement)]
    said = movements.events_of(rows)
    await told.say(*said)
    return said


def sites(chain: list[dict[str, object]]) -> list[object]:
    return [contact["site"] for contact in chain]


async def test_chains_go_by_day_within_the_window_both_ways(told: Told) -> None:
    await imported(told)
    answer = await told.ask("contacts", site="c", since="2025-02-01", until="2025-03-31")
    assert sites(answer["ingoing"]) == ["b", "a"]
    assert sites(answer["outgoing"]) == ["d", "e"]
    assert (answer["in_degree"], answer["out_degree"]) == (1, 2)
    assert [contact["distance"] for contact in answer["ingoing"]] == [1, 2]
    earlier = await told.ask("contacts", site="a", since="2025-02-01", until="2025-03-10")
    assert sites(earlier["outgoing"]) == ["b", "c"], "to d it went before, to e only later"


async def test_a_product_parts_the_contacts(told: Told) -> None:
    await imported(told)
    asked = {"site": "b", "since": "2025-01-01", "until": "2025-12-31"}
    assert sites((await told.ask("contacts", **asked))["ingoing"]) == ["a", "x"]
    assert sites((await told.ask("contacts", product="register/pigs", **asked))["ingoing"]) == ["x"]


async def test_a_movement_that_is_taken_back_is_no_contact(told: Told) -> None:
    said = await imported(told)
    wrong = next(event for event in said if event["kind"] == "shipped" and event["to_site"] == "e")
    await told.say(
        {"id": "back", "kind": "corrected", "target": {"id": wrong["id"]}, "action": "withdraw", "reason": "x"}
    )
    answer = await told.ask("contacts", site="c", since="2025-02-01", until="2025-03-31")
    assert sites(answer["outgoing"]) == ["d"]


async def test_a_trace_of_the_animal_goes_through_the_herds_it_was_in(told: Told) -> None:
    await imported(told)
    trace = await told.ask("trace", batch="register/cattle/DE7", direction="back")
    assert ("register/cattle/~", "a") in {(member["batch"], member["site"]) for member in trace["members"]}


async def test_a_window_that_ends_before_it_begins_is_refused_by_name(told: Told) -> None:
    await imported(told)
    with pytest.raises(Rejected, match="until"):
        await told.ask("contacts", site="a", since="2025-03-02", until="2025-03-01")
