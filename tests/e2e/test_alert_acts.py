"""What people do about an alert, by command: each act is kept with who did it and why, and the alert stands on."""

from __future__ import annotations

import pytest

from .conftest import CommandLine

FAILED = {
    "kind": "tested", "id": "t1", "lab": "lab-north", "report": "R1", "batch": "hof-1/leaf/L1",
    "hazard_class": "pathogen", "hazard": "Listeria", "verdict": "failed", "method": "confirmatory",
}  # fmt: skip


@pytest.fixture(scope="module")
def raised(served: CommandLine) -> str:
    """The id of an alert that stands."""
    assert served.emit(FAILED, sender="lab-north", role="laboratory").code == 0
    [alert] = served("alerts", "--rule", "TEST_FAILED", "--json").json["alerts"]
    assert alert["state"] == "new"
    return str(alert["id"])


@pytest.mark.parametrize(("act", "said", "state"), [
    ("acknowledge", ("--note", "sampled again"), "acknowledged"),
    ("assign", ("--to", "county-office-2", "--reason", "lies in its county"), "assigned"),
    ("escalate", ("--to", "city-office", "--reason", "three counties"), "escalated"),
    ("dismiss", ("--reason", "a drill"), "dismissed"),
])  # fmt: skip
def test_an_act_on_an_alert_is_kept_with_who_did_it_and_why(
    served: CommandLine, raised: str, act: str, said: tuple[str, ...], state: str
) -> None:
    done = served("--as", "duty", "--role", "emergency", "alert", act, raised, *said, "--json")
    assert done.code == 0, done.err
    alert, last = done.json["alert"], done.json["handled"][-1]
    assert (alert["state"], alert["standing"]) == (state, True)
    assert (last["state"], last["by"], last["reason"]) == (state, "duty", said[-1])
    assert last["to"] == (said[1] if "--to" in said else None)


def test_what_was_done_is_shown_and_how_long_it_took(served: CommandLine, raised: str) -> None:
    shown = served("alert", "show", raised)
    assert shown.code == 0, shown.err
    assert f"{raised} TEST_FAILED critical, stands: " in shown.out
    assert "event to alert: " in shown.out


def test_who_may_not_act_is_told_so_and_an_alert_that_is_not_known_is_named(served: CommandLine, raised: str) -> None:
    refused = served("--as", "lab-north", "--role", "laboratory", "alert", "acknowledge", raised)
    assert (refused.code, "emergency" in refused.err) == (1, True), refused.err
    unknown = served("--role", "emergency", "alert", "acknowledge", "alert-nowhere")
    assert (unknown.code, "alert-nowhere" in unknown.err) == (1, True), unknown.err
    assert served("--role", "emergency", "alert", "dismiss", raised).code == 2
