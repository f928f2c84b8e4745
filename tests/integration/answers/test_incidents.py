"""Incidents: proposed from what scopes share, joined by a person, walked in six steps of which none is skipped."""

from __future__ import annotations

from typing import Any

from .conftest import Told

SEED, LEAF, OTHER, SALAD = "seed-co/seed/S1", "hof-1/leaf/L1", "hof-1/leaf/L2", "plant-7/salad/M1"


def failed(batch: str, number: str, hazard: str = "Listeria") -> dict[str, Any]:
    return {
        "id": number, "kind": "tested", "batch": batch, "site": "plant-7", "lab": "lab-1", "report": number,
        "hazard_class": "pathogen", "hazard": hazard, "verdict": "failed",
    }  # fmt: skip


async def scopes(told: Told) -> list[str]:
    """Two scopes that share the salad."""
    await told.say(
        {"kind": "harvested", "operator": "hof-1", "site": "hof-1", "out_batch": LEAF, "sources": [SEED]},
        {"kind": "harvested", "operator": "hof-1", "site": "hof-1", "out_batch": OTHER, "sources": [SEED]},
        {
            "kind": "transformed", "operator": "plant-7", "site": "plant-7", "in_batches": [LEAF, OTHER],
            "out_batches": [SALAD],
        },
    )  # fmt: skip
    await told.say(failed(LEAF, "R1"), failed(OTHER, "R2"), role="laboratory")
    return sorted(one["scope"] for one in (await told.ask("scope list"))["scopes"])


async def act(told: Told, **event: Any) -> None:
    await told.say({"reason": "x", **event}, sender="office", role="emergency")


async def test_scopes_that_share_definite_members_are_proposed_until_a_person_joins_them(told: Told) -> None:
    names = await scopes(told)
    (proposal,) = (await told.ask("incident list"))["proposed"]
    assert (proposal["scopes"], proposal["examples"]) == (names, [{"batch": SALAD, "site": "plant-7"}])
    await act(told, kind="incident_joined", id="j1", incident="salad", scopes=names, title="Salad, March")
    answer = await told.ask("incident list")
    assert answer["proposed"] == []
    assert [(one["incident"], one["title"], one["scopes"]) for one in answer["incidents"]] == [
        ("salad", "Salad, March", names)
    ]
    show = await told.ask("incident show", incident="salad")
    assert [(one["lot"], one["share"]) for one in show["sources"]] == [("S1", 1.0)]


async def test_no_step_is_skipped_and_order_of_arrival_does_not_matter(told: Told) -> None:
    names = await scopes(told)
    await act(told, kind="incident_joined", id="j1", incident="salad", scopes=names)
    await act(told, kind="incident_stepped", id="s2", incident="salad", step="first_response")
    show = await told.ask("incident show", incident="salad")
    assert (show["step"], show["ahead"]) == (None, ["first_response"])
    await act(told, kind="incident_stepped", id="s1", incident="salad", step="report")
    show = await told.ask("incident show", incident="salad")
    assert (show["step"], show["ahead"]) == ("first_response", [])
    assert [(one["step"], one["by"], one["counts"]) for one in show["steps"]] == [
        ("report", "office", True), ("first_response", "office", True),
    ]  # fmt: skip
    target = {"id": "s1", "sender": "office"}
    await act(told, kind="corrected", id="c1", target=target, action="withdraw")
    assert (await told.ask("incident show", incident="salad"))["step"] is None
