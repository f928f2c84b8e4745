"""Without a mouse, without JavaScript, on paper; and what forms do."""

from __future__ import annotations

import re

import pytest
from fieldline_streams.demo import greens
from playwright.sync_api import expect

from tests.browser.conftest import Comes, Stage


def test_all_is_reached_by_keyboard_alone(stage: Stage, comes: Comes) -> None:
    page = comes().new_page()
    page.goto(stage.views()["lineage"])
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.classList.contains('row')"):
            break
    chosen = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    page.wait_for_url("**sel=**")
    expect(page.locator("#why")).to_be_visible()
    assert page.evaluate("document.activeElement.id") == "why"
    assert page.locator("#why code").first.inner_text() in chosen


def test_it_is_useful_without_javascript(stage: Stage, comes: Comes) -> None:
    context = comes(java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    page.fill("#q", greens.FAILED)
    page.click("form[role=search] button")
    assert page.locator("svg a.row").count() > 5
    page.locator("svg a.row.r-suspect").first.click()
    assert page.locator("#why .chain").count() >= 1
    page.select_option("#is", "suspect")
    page.click("#holdings form button")
    assert set(page.locator("#holdings tbody td:nth-child(4)").all_inner_texts()) == {"? suspect source"}
    page.goto(f"/scope/{stage.scope}/known")
    page.fill("#from", "0")
    page.fill("#to", "1")
    page.click("form.picks button")
    assert page.locator("tr.ch-added").count() > 5


def test_a_lineage_is_printed_on_landscape_a4(stage: Stage, comes: Comes) -> None:
    page = comes().new_page()
    page.goto(stage.views()["lineage"])
    paper = page.pdf(format="A4", landscape=True, prefer_css_page_size=True)
    sizes = {tuple(round(float(one)) for one in found) for found in _boxes(paper)}
    assert sizes == {(842, 595)}
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 1055, "height": 725})  # A4 less its margins, at 96 to the inch
    assert page.evaluate("document.documentElement.scrollWidth") <= 1055
    picture = page.locator(".picture svg").bounding_box()
    assert picture is not None
    assert picture["height"] + picture["y"] < 725, "the picture is on the first sheet, whole"
    assert not page.locator("nav.ways").is_visible()


def test_calls_are_a_list_to_print(stage: Stage, comes: Comes) -> None:
    page = comes().new_page()
    page.goto(stage.views()["calls"])
    assert len(list(_boxes(page.pdf(prefer_css_page_size=True)))) >= 1
    page.emulate_media(media="print")
    assert page.locator(".sheet tbody").count() >= 4
    assert not page.locator(".sheet button").first.is_visible()


def _boxes(paper: bytes) -> list[tuple[bytes, bytes]]:
    return re.findall(rb"/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)\s*\]", paper)


def test_a_draft_is_opened_a_member_released_and_an_alert_taken_on_with_a_reason_each(
    stage: Stage, comes: Comes
) -> None:
    page = comes().new_page()
    page.goto(stage.views()["draft"])
    page.fill("#o_reason", "confirmed twice")
    page.click("form[action$='/open'] button")
    page.wait_for_url("**done=opened**")
    assert page.locator(".tile b").first.inner_text() == "open"
    page.locator("#members details summary").first.click()
    page.locator("#members details[open] input[name=reason]").fill("it was destroyed")
    page.locator("#members details[open] button").click()
    page.wait_for_url("**done=released**")
    assert "it was destroyed" in page.locator(".versions").inner_text()
    page.goto(stage.views()["alert"])
    page.fill("#note", "the shop is called")
    page.click("form[action$='/acknowledge'] button")
    page.wait_for_url("**done=acknowledged**")
    kept = stage.local.get("/v1/scope", params={"scope": stage.draft}).json()
    assert [(act["kind"], act["by"], act["because"]) for act in kept["acts"]] == [
        ("scope_opened", "team-1", "confirmed twice"), ("member_released", "team-1", "it was destroyed"),
    ]  # fmt: skip


def test_a_call_is_noted_and_what_was_answered(stage: Stage, comes: Comes) -> None:
    page = comes().new_page()
    page.goto(stage.views()["calls"])
    page.locator("form[action$='/told'] button").first.click()
    page.wait_for_url("**done=noted**")
    page.locator("details:has(form[action$='/answered']) summary").first.click()
    page.locator("form[action$='/answered'] input[name=note]").first.fill("all on hold")
    page.locator("form[action$='/answered'] input[name=held]").first.fill("60")
    page.locator("form[action$='/answered'] input[name=passed_on]").first.check()
    page.locator("form[action$='/answered'] button").first.click()
    page.wait_for_url("**done=noted**")
    assert "all on hold" in page.locator(".sheet").inner_text()
    assert "passed on" in page.locator(".sheet").inner_text()
    assert "60 kg" in page.locator("#progress").inner_text()


def test_a_batch_is_put_into_a_scope_and_a_member_left_out_of_it_with_a_reason_each(stage: Stage, comes: Comes) -> None:
    page = comes().new_page()
    page.goto(stage.views()["scope"])
    page.locator("summary", has_text="Put in a member").click()
    page.fill("#i_batch", "hof-9/root/L9")
    page.fill("#i_reason", "the driver says so")
    page.click("form[action$='/include'] button")
    page.wait_for_url("**done=noted**")
    assert "put in by a person" in page.locator("#members tbody tr", has_text="L9").first.inner_text()
    surely = page.locator("#members tbody tr.r-failed").first
    assert surely.locator("form[action$='/release']").count() == 1
    assert surely.locator("form[action$='/exclude']").count() == 0, "what is surely of the lot is released"
    row = page.locator("#members tbody tr", has_text="shares a source").first
    row.locator("summary", has_text="Leave out").click()
    row.locator("form[action$='/exclude'] input[name=reason]").fill("never unpacked")
    with page.expect_navigation():
        row.locator("form[action$='/exclude'] button").click()
    kept = stage.local.get("/v1/scope", params={"scope": stage.scope}).json()
    told = [(act["kind"], act["by"], act["because"]) for act in kept["acts"]]
    assert ("member_included", "team-1", "the driver says so") in told
    assert ("member_excluded", "team-1", "never unpacked") in told


@pytest.mark.parametrize(("action", "to"), [("assign", "county-41"), ("escalate", "province-41"), ("dismiss", "")])
def test_an_alert_is_assigned_escalated_and_dismissed_with_a_reason_each(
    action: str, to: str, stage: Stage, comes: Comes
) -> None:
    page = comes().new_page()
    page.goto(stage.views()["alert"])
    page.locator("summary", has_text="Assign").click()
    page.select_option("#action", action)
    page.fill("#to", to)
    page.fill("#h_reason", f"to {action}")
    page.click("form[action$='/handle'] button")
    page.wait_for_url("**done=noted**")
    handled = stage.local.get(f"/v1/alerts/{stage.alert}").json()["handled"]
    assert (handled[-1]["by"], handled[-1]["reason"]) == ("team-1", f"to {action}")
    assert f"to {action}" in page.locator("aside").inner_text()


def test_a_scope_is_opened_on_batches_and_closed_with_a_reason_each(stage: Stage, comes: Comes) -> None:
    page = comes().new_page()
    page.goto("/")
    page.locator("summary", has_text="Open a scope on batches").click()
    page.fill("#o_batches", "hof-9/root/L9")
    page.fill("#o_hazard", "Listeria")
    page.fill("#o_title", "roots of the ninth")
    page.fill("#o_reason", "an informant")
    page.click("form[action='/scopes'] button")
    page.wait_for_url("**done=opened**")
    page.click("text=roots of the ninth")
    page.fill("#c_reason", "all destroyed")
    page.click("form[action$='/close'] button")
    page.wait_for_url("**done=closed**")
    assert page.locator(".tile b").first.inner_text() == "closed"
    assert "all destroyed" in page.locator(".versions").inner_text()
    page.fill("#c_reason", "nothing came for a year")
    with page.expect_navigation():
        page.click("form[action$='/close'] button")
    assert page.locator(".tile b").first.inner_text() == "archived"


def test_every_event_that_is_named_leads_to_its_page(stage: Stage, comes: Comes) -> None:
    page = comes().new_page()
    for view in ("why", "scope", "calls", "window", "alert", "batch"):
        page.goto(stage.views()[view])
        assert "/event?" in (page.locator("a.event").first.get_attribute("href") or ""), view
    page.locator("a.event").first.click()
    page.wait_for_url("**/event?**")
    assert len(page.locator(".hashes code").first.inner_text()) == 64
    page.goto(stage.views()["corrected event"])
    assert "greens-lunch-2-taken-back" in page.locator("article").inner_text()
    page.locator("article a.event").first.click()
    page.wait_for_url("**taken-back**")


def test_a_bar_of_the_history_leads_by_keyboard_to_what_that_version_changed(stage: Stage, comes: Comes) -> None:
    page = comes().new_page()
    page.goto(stage.views()["scope"])
    bars = page.locator("svg.history a")
    assert bars.count() >= 2
    assert re.search(r"version 2: \d+ \(\+\d+ −\d+\)", bars.nth(1).get_attribute("aria-label") or "")
    bars.nth(1).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/known?from=1&to=2**")
    assert page.locator("table.changes tbody tr").count() >= 1


def test_what_was_refused_is_laid_aside_with_a_reason(stage: Stage, comes: Comes) -> None:
    page = comes().new_page()
    page.goto(stage.views()["refused"])
    page.fill("#reason", "sent by mistake")
    page.click("form[action$='/dismiss'] button")
    page.wait_for_url("**done=dismissed**")
    assert "sent by mistake" in page.locator("main").inner_text()


def test_what_was_refused_is_mended_and_taken_in(stage: Stage, comes: Comes) -> None:
    page = comes("administrator").new_page()
    page.goto("/records")
    page.locator("#refused tbody a").first.click()
    page.fill("#raw", '{"kind": "harvested", "operator": "hof-1", "site": "field 1", "out_batch": "hof-1/leaf/L2"}')
    page.click("button[name=replay]")
    page.wait_for_url("**done=replayed**")
    assert "taken in" in page.locator(".strip .chip").inner_text()


def test_where_something_is_at_fault_the_page_names_field_value_and_rule(stage: Stage, comes: Comes) -> None:
    page = comes().new_page()
    page.goto("/window?site=field+1&since=yesterday")
    assert "yesterday" in page.locator("main").inner_text()
    page.goto("/?at=-1")
    assert "a position is a whole number" in page.locator("main").inner_text()
