"""Two cases of contaminated windows as events, end to end: a canteen's slicer, and a canal that irrigated fields."""

from __future__ import annotations

from typing import Any

from tests.integration.answers.conftest import Told

LISTERIA = {"hazard_class": "pathogen", "hazard": "Listeria monocytogenes"}
SLICER = {"site": "canteen-4", "location": "slicer 2"}


def said(kind: str, operator: str, site: str, at: str | None, **fields: Any) -> dict[str, Any]:
    given = {name: value for name, value in fields.items() if value is not None}
    return {"kind": kind, "operator": operator, "site": site, "at": at, "zone": "Europe/Berlin", **given}


def sliced(out: str, *ins: Any, at: str, location: str = "slicer 2") -> dict[str, Any]:
    return said(
        "prepared", "canteen", "canteen-4", at, in_batches=list(ins), out_batch=out, location=location, id=f"urn:{out}"
    )


def swabbed(sample: str, at: str, verdict: str) -> list[dict[str, Any]]:
    taken = said("sampled", "canteen", "canteen-4", at, sample=sample, place_sample="surface", location="slicer 2")
    result = {"kind": "tested", "id": f"urn:R-{sample}", "lab": "lab-1", "report": f"R-{sample}", "sample": sample}
    return [taken, {**result, "verdict": verdict, **LISTERIA}]


def places(answer: dict[str, Any], *roles: str) -> set[tuple[str, str]]:
    return {(m["batch"], m["site"]) for m in answer["members"] if not roles or m["role"] in roles}


async def canteen(told: Told) -> None:
    """Ham went over the slicer on Monday and was used up; turkey and cheese on Wednesday and Thursday, after it was
    cleaned on Tuesday night; roast was cut by hand."""
    kg = {"unit": "kg"}
    await told.say(
        said(
            "received",
            "canteen",
            "canteen-4",
            "2026-03-02",
            from_site="deli-1",
            batches=[
                {"batch": "deli/ham/H1", "quantity": "4", **kg},
                "deli/turkey/T1",
                "deli/cheese/C1",
                "deli/roast/R1",
            ],
        ),
        sliced("canteen/platter/Mon", {"batch": "deli/ham/H1", "quantity": "4", **kg}, at="2026-03-02T09:00:00"),
        said("served", "canteen", "canteen-4", "2026-03-02T12:00:00", batches=["canteen/platter/Mon"]),
        said("cleaned", "canteen", "canteen-4", "2026-03-03T20:00:00", location="slicer 2", record="CIP-7"),
        sliced("canteen/platter/Wed", "deli/turkey/T1", at="2026-03-04T09:00:00"),
        sliced("canteen/platter/Thu", "deli/cheese/C1", at="2026-03-05T09:00:00"),
        sliced("canteen/platter/Cut", "deli/roast/R1", at="2026-03-05T10:00:00", location="bench"),
        said("shipped", "canteen", "canteen-4", "2026-03-05T11:00:00", batches=["canteen/platter/Thu"], to_site="ward"),
        sender="canteen",
    )


async def test_a_swab_of_a_slicer_that_fails_finds_what_it_cut_since_it_was_cleaned(told: Told) -> None:
    await canteen(told)
    await told.say(*swabbed("S-9", "2026-03-06T08:00:00", "failed")[:1], sender="canteen")
    await told.say(*swabbed("S-9", "2026-03-06T08:00:00", "failed")[1:], sender="lab-1", role="laboratory")
    (scope,) = (await told.ask("scope list"))["scopes"]
    assert (scope["status"], scope["lot"]) == ("draft", None)
    shown = await told.ask("scope show", scope=scope["scope"])
    assert places(shown, "same_site_and_window") == {
        ("deli/turkey/T1", "canteen-4"),
        ("deli/cheese/C1", "canteen-4"),
        ("canteen/platter/Wed", "canteen-4"),
        ("canteen/platter/Thu", "canteen-4"),
    }
    assert ("canteen/platter/Thu", "ward") in places(shown, "descendant", "same_lot")
    assert not {batch for batch, _ in places(shown)} & {"deli/ham/H1", "canteen/platter/Mon", "deli/roast/R1"}
    (window,) = shown["windows"]
    assert {name: window[name] for name in ("site", "location", "event")} == {**SLICER, "event": "urn:R-S-9"}
    assert (window["since"], window["until"]) == ("2026-03-03T19:00:00Z", None)
    assert {m["event"] for m in shown["members"] if m["role"] == "same_site_and_window"} == {"urn:R-S-9"}
    assert {(m["certainty"], m["basis"]) for m in shown["members"]} == {("possible", "declared")}


async def test_a_preview_of_a_window_is_what_opening_it_holds_and_leaves_nothing_behind(told: Told) -> None:
    await canteen(told)
    bounds = {"since": "2026-03-01T23:00:00Z", "until": "2026-03-02T22:59:59Z"}
    before = await told.ask("trace", batch="deli/ham/H1", direction="forward")
    preview = await told.ask("scope preview", **SLICER, **bounds, hazard="Listeria monocytogenes")
    assert places(preview, "same_site_and_window") >= {
        ("deli/ham/H1", "canteen-4"),
        ("canteen/platter/Mon", "canteen-4"),
    }
    assert ("canteen/platter/Wed", "canteen-4") not in places(preview)
    after = await told.ask("trace", batch="deli/ham/H1", direction="forward")
    assert places(after) == places(before)
    opened = {"kind": "scope_opened", "id": "urn:act", "seeds": [{**SLICER, **bounds}], "reason": "x", **LISTERIA}
    await told.say(opened, sender="duty", role="emergency")
    shown = await told.ask("scope show", opened_by=["duty", "urn:act"])
    assert places(shown) == places(preview)
    held = {(m["batch"], m["site"]) for m in shown["members"] if m["held"]}
    assert held == places(shown, "same_site_and_window", "descendant", "same_lot")


async def test_a_canal_that_was_bad_for_three_weeks_leads_to_the_lots_of_the_fields_it_watered_then(told: Told) -> None:
    """Romaine, many farms, one canal; the strain was found in its water."""

    def field(farm: str, watered: str, cut: str) -> list[dict[str, Any]]:
        plot, lot = f"{farm}/plot/~P1", f"{farm}/romaine/{cut}"
        return [
            said(
                "input_applied",
                farm,
                farm,
                watered,
                inputs=["canal/water/~"],
                applied_to=[plot],
                purpose="irrigation",
            ),
            said("harvested", farm, farm, cut, in_batches=None, out_batch=lot),
            said("transformed", farm, farm, cut, in_batches=[plot], out_batches=[lot]),
            said("shipped", farm, farm, cut, batches=[lot], to_site="packer", arrived=cut),
        ]

    for farm, watered, cut in (
        ("farm-1", "2026-02-03", "2026-02-05"),
        ("farm-2", "2026-02-20", "2026-03-02"),
        ("farm-3", "2026-02-25", "2026-03-04"),
        ("farm-4", "2026-03-20", "2026-03-29"),
    ):
        await told.say(*(event for event in field(farm, watered, cut) if event["kind"] != "harvested"), sender=farm)
    await told.say(
        said("transformed", "packer", "packer", "2026-03-05", in_batches=["farm-2/romaine/2026-03-02"],
             out_batches=["packer/bags/B7"]),
        said("transformed", "packer", "packer", "2026-03-05", in_batches=["farm-1/romaine/2026-02-05"],
             out_batches=["packer/bags/B1"]),
        sender="packer",
    )  # fmt: skip
    declared = {
        "kind": "contamination_declared",
        "id": "urn:canal",
        "site": "farm-2",
        "source": "canal/water/~",
        "since": "2026-02-15",
        "until": "2026-03-10",
        "hazard_class": "pathogen",
        "hazard": "STEC O157:H7",
        "reason": "The strain was found in the canal",
    }
    await told.say(
        {**declared, "site": "farm-2"},
        {**declared, "id": "urn:canal-3", "site": "farm-3"},
        sender="county",
        role="regulator",
    )
    scopes = (await told.ask("scope list"))["scopes"]
    found: set[str] = set()
    for scope in scopes:
        shown = await told.ask("scope show", scope=scope["scope"])
        found |= {batch for batch, _ in places(shown, "descendant", "same_lot", "same_site_and_window")}
    assert {"farm-2/romaine/2026-03-02", "farm-3/romaine/2026-03-04", "packer/bags/B7"} <= found
    assert not {"farm-1/romaine/2026-02-05", "farm-4/romaine/2026-03-29", "packer/bags/B1"} & found


async def test_a_windows_node_is_no_batch_of_anybodys(told: Told) -> None:
    await canteen(told)
    declared = {"kind": "contamination_declared", "id": "urn:w1", **SLICER, **LISTERIA, "reason": "Swab 14"}
    await told.say({**declared, "since": "2026-03-04"}, sender="county", role="regulator")
    trace = await told.ask("trace", batch="deli/turkey/T1", direction="forward")
    (member,) = [m for m in trace["members"] if m["batch"] == "canteen/platter/Thu" and m["site"] == "canteen-4"]
    assert (member["basis"], member["certainty"], member["event"]) == ("declared", "possible", "urn:w1")
    assert "urn:w1" in {event["id"] for event in trace["events"]}
    every = str({"trace": trace, "list": await told.ask("scope list"), "name": await told.ask("name", batch="T1")})
    assert "window/" not in every
    (scope,) = (await told.ask("scope list"))["scopes"]
    shown = await told.ask("scope show", scope=scope["scope"])
    called = await told.ask("scope consignees", scope=scope["scope"])
    gaps = [alert for alert in (await told.ask("alerts"))["alerts"] if alert["rule"] == "CHAIN_GAP"]
    assert "window/" not in str([shown, called])
    assert gaps == []
    assert shown["acts"][0]["because"] == "Swab 14"
