"""By the door: what was refused is mended and counts once, persons are for whoever may know, and faults are told in the
language of whoever asks."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx

GOOD = {"id": "urn:1", "kind": "harvested", "operator": "hof-1", "site": "field 1", "out_batch": "hof-1/leaf/L1"}
BAD = {name: value for name, value in GOOD.items() if name != "site"}
CHINESE = {"accept-language": "zh-CN, en;q=0.5"}


async def _refused(client: httpx.AsyncClient) -> int:
    (receipt,) = (await client.post("/v1/events", json=BAD)).json()["receipts"]
    assert receipt["outcome"] == "refused"
    return int(receipt["rejected"])


async def test_a_producer_mends_and_replays_what_it_handed_in_itself_and_it_counts_once(
    keyed: Callable[..., Any],
) -> None:
    hof, plant = await keyed("hof-1", "producer"), await keyed("plant-7", "producer")
    number = await _refused(hof)
    raw = {"raw": json.dumps(GOOD)}
    assert (await plant.post(f"/v1/rejected/{number}/mend", json=raw)).status_code == 404
    mended = await hof.post(f"/v1/rejected/{number}/mend", json=raw)
    assert (mended.status_code, mended.json()["status"], mended.json()["mended"]["by"]) == (200, "mended", "hof-1")
    outcomes = []
    for _ in range(2):
        answer = await hof.post("/v1/rejected/replay", json={"rejected": [number]})
        outcomes += [receipt["outcome"] for receipt in answer.json()["receipts"]]
    assert outcomes == ["accepted", "repeated"]
    again = await hof.post("/v1/events", json=GOOD)
    assert [receipt["outcome"] for receipt in again.json()["receipts"]] == ["repeated"]


async def test_who_mends_says_no_more_than_its_key_allows_by_now(keyed: Callable[..., Any]) -> None:
    wide, narrow = await keyed("group", "producer", operators=["hof-1"]), await keyed("group", "producer")
    number = await _refused(wide)
    raw = {"raw": json.dumps(GOOD)}
    refused = await narrow.post(f"/v1/rejected/{number}/mend", json=raw)
    assert (refused.status_code, refused.json()["rule_code"]) == (422, "operator_foreign")
    assert (await wide.post(f"/v1/rejected/{number}/mend", json=raw)).status_code == 200
    replayed = await narrow.post("/v1/rejected/replay", json={"rejected": [number]})
    assert [one["outcome"] for one in replayed.json()["receipts"]] == ["refused"]
    replayed = await wide.post("/v1/rejected/replay", json={"rejected": [number]})
    assert [one["outcome"] for one in replayed.json()["receipts"]] == ["accepted"]


async def test_an_act_that_was_refused_in_one_role_is_not_mended_in_another(keyed: Callable[..., Any]) -> None:
    acting, selling = await keyed("county", "emergency"), await keyed("county", "producer")
    act = {"id": "urn:2", "kind": "scope_closed", "scope": "scope-0a1b2c3d4e5f"}
    (receipt,) = (await acting.post("/v1/events", json=act)).json()["receipts"]
    whole = {"raw": json.dumps({**act, "reason": "done"})}
    refused = await selling.post(f"/v1/rejected/{receipt['rejected']}/mend", json=whole)
    assert (refused.status_code, refused.json()["rule_code"]) == (422, "act_role")
    assert (await acting.post(f"/v1/rejected/{receipt['rejected']}/mend", json=whole)).status_code == 200


async def test_a_mending_that_cannot_be_read_is_a_problem_with_the_code_of_the_rule(
    client: httpx.AsyncClient,
) -> None:
    number = await _refused(client)
    answer = await client.post(f"/v1/rejected/{number}/mend", json={"raw": "{"})
    said = answer.json()
    assert (answer.status_code, said["code"], said["rule_code"]) == (422, "rejected", "json_malformed")


async def test_a_person_is_shown_to_those_who_may_know_and_erased_by_an_administrator(
    client: httpx.AsyncClient, keyed: Callable[..., Any], visitor: Callable[..., httpx.AsyncClient]
) -> None:
    sold = {
        "id": "urn:2", "kind": "sold", "operator": "hof-1", "site": "shop 1", "batches": ["hof-1/leaf/L1"],
        "buyer": "buyer number 17",
    }  # fmt: skip
    hof = await keyed("hof-1", "producer")
    assert (await hof.post("/v1/events", json=sold)).status_code == 202
    pseudonym = await _pseudonym(client)
    path = f"/v1/persons/{pseudonym}"
    got = {"public": (await visitor().get(path)).status_code}
    for role in ("producer", "laboratory", "regulator", "emergency", "administrator"):
        got[role] = (await (await keyed(f"some-{role}", role)).get(path)).status_code
    assert got == {
        "public": 401, "producer": 403, "laboratory": 403, "regulator": 200, "emergency": 200, "administrator": 200,
    }  # fmt: skip
    erase = {"reason": "asked for it"}
    assert (await (await keyed("bureau", "regulator")).post(f"{path}/erase", json=erase)).status_code == 403
    erased = await (await keyed("admin-1", "administrator")).post(f"{path}/erase", json=erase)
    assert (erased.status_code, erased.json()["value"], erased.json()["erased"]["by"]) == (200, None, "admin-1")
    assert (await client.post("/v1/verify", json={})).json()["ok"]


async def _pseudonym(client: httpx.AsyncClient) -> str:
    """The one person that there is, as events name it."""
    from fieldline_trace.api.ports import Ports

    ports: Ports = client._transport.app.state.ports  # type: ignore[attr-defined]
    return str(await ports.pool.fetchval("select pseudonym from person"))


async def test_faults_and_problems_are_told_in_the_language_that_is_liked_best(
    client: httpx.AsyncClient,
) -> None:
    english = await client.post("/v1/events", json=BAD)
    chinese = await client.post("/v1/events", json=BAD, headers=CHINESE)
    assert english.json()["receipts"][0]["rule"] == "harvested needs this"
    assert chinese.json()["receipts"][0]["rule"] == "harvested 必须有此字段"
    assert chinese.json()["title"] == "字段有误"
    codes = {answer.json()["receipts"][0]["rule_code"] for answer in (english, chinese)}
    assert codes == {"field_missing_of_kind"}
    unknown = await client.get("/v1/rejected/999", headers=CHINESE)
    assert (unknown.status_code, unknown.json()["detail"]) == (404, "没有编号为 999 的被拒事件")
    listed = (await client.get("/v1/rejected", headers=CHINESE)).json()["rejected"]
    assert [row["rule"] for row in listed] == ["harvested 必须有此字段"]


async def test_a_number_that_none_can_have_is_refused_by_name_wherever_numbers_are_asked(
    client: httpx.AsyncClient,
) -> None:
    for path, more in (("replay", {}), ("dismiss", {"reason": "x"})):
        answer = await client.post(f"/v1/rejected/{path}", json={"rejected": [2**63], **more})
        assert (answer.status_code, answer.json()["field"]) == (422, "rejected[0]")
    assert (await client.get(f"/v1/rejected/{2**63}")).status_code == 422
