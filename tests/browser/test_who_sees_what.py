"""Roles on pages: cut exactly as at the HTTP door, to the last byte; sessions and forms are nobody else's."""

from __future__ import annotations

from urllib.parse import quote

import httpx
import pytest

from tests.browser.conftest import FOREIGN, Stage

ALLOWED = {
    "producer": {"board", "records", "refused", "search", "own", "label", "goods", "login"},
    "laboratory": {"board", "records", "search", "own", "goods", "login"},
    "public": {"goods", "login"},
}


@pytest.mark.parametrize("role", ["producer", "laboratory", "regulator", "public"])
def test_no_name_that_a_role_may_not_see_is_in_the_bytes_sent(role: str, stage: Stage) -> None:
    with stage.visitor(role) as client:
        foreign = stage.local.get("/v1/scopes").json()["scopes"]
        foreign = next(one["scope"] for one in foreign if one["lot"] == "hof-9/root/L9")
        asked = {
            **stage.views(),
            "foreign lineage": "/lineage?batch=hof-9/root/L9", "foreign batch": "/batch?batch=L9x",
            "foreign scope": f"/scope/{foreign}", "foreign calls": f"/scope/{foreign}/calls",
            "foreign window": "/window?site=the+other+field", "by lot": "/search?q=L9x",
            "foreign event": "/event?id=hof-9:first",
        }  # fmt: skip
        for view, path in asked.items():
            answer = client.get(path, follow_redirects=False)
            assert answer.status_code in (200, 303, 403, 404, 422), (view, answer.text)
            # What somebody typed comes back to them; nothing else may name it.
            typed = next(
                (httpx.URL(path).params[name] for name in ("batch", "id") if name in httpx.URL(path).params), "\0"
            )
            said = answer.text.replace(typed, "").replace(quote(typed, safe=""), "")
            assert not [name for name in FOREIGN if name in said], view


def test_an_events_page_is_its_own_senders_without_what_it_set_off(stage: Stage) -> None:
    with stage.visitor("producer") as client:
        page = client.get("/event?id=hof-1:first").text
        assert "L1" in page
        assert "/alert/" not in page
        assert client.get("/event?id=hof-9:first").status_code == 404
    with stage.visitor("emergency") as client:
        assert "hof-9/root/L9" in client.get("/event?id=hof-9:first").text


def test_who_may_see_all_sees_it(stage: Stage) -> None:
    for role in ("emergency", "administrator"):
        with stage.visitor(role) as client:
            assert "hof-9" in client.get("/lineage?batch=hof-9/root/L9").text


def test_a_page_shows_a_role_what_the_door_gives_it(stage: Stage) -> None:
    for role in ("producer", "laboratory", "regulator"):
        with stage.visitor(role) as client:
            headers = {"authorization": f"Bearer {stage.keys[role]}"}
            alerts = stage.local.get("/v1/alerts", headers=headers).json()["alerts"]
            shown = client.get("/?all=1").text
            assert alerts
            for alert in alerts:
                assert f"/alert/{alert['id']}" in shown
            assert shown.count('href="/alert/') == len(alerts)


def test_without_a_session_every_view_leads_to_the_login_and_back(stage: Stage) -> None:
    with stage.visitor("public") as client:
        for view, path in stage.views().items():
            answer = client.get(path)
            assert answer.status_code == (200 if view in ALLOWED["public"] else 303), view
            if answer.status_code == 303:
                assert answer.headers["location"].startswith("/login?next=%2F")
        answer = client.post("/login", data={"key": stage.keys["emergency"], "next": "/legs"})
        assert answer.headers["location"] == "/legs"
        answer = client.post("/login", data={"key": stage.keys["emergency"], "next": "//elsewhere.example/x"})
        assert answer.headers["location"] == "/"


def test_the_session_is_a_cookie_that_no_script_and_no_other_site_gets(stage: Stage) -> None:
    with stage.visitor("public") as client:
        answer = client.post("/login", data={"key": stage.keys["regulator"], "next": "/"})
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert stage.keys["regulator"].split("_")[2] not in answer.headers["set-cookie"]
        policy = client.get("/").headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy


def test_a_session_ends_with_its_key_and_with_logging_out(stage: Stage) -> None:
    made = stage.local.post("/v1/keys", json={"sender": "guest", "role": "emergency"}).json()
    with httpx.Client(base_url=stage.base) as client, httpx.Client(base_url=stage.base) as other:
        for one in (client, other):
            assert one.post("/login", data={"key": made["key"]}).status_code == 303
            assert one.get("/").status_code == 200
        kept = dict(client.cookies)
        token = client.get("/").text.partition('name="token" value="')[2].partition('"')[0]
        assert client.post("/logout", data={"token": token}).status_code == 303
        client.cookies.update(kept)
        assert client.get("/").status_code == 303
        stage.local.post(f"/v1/keys/{made['made']['id']}/revoke", json={})
        for _ in range(100):  # half a second is what is known of a key may be old
            if other.get("/").status_code == 303:
                break
        assert other.get("/").status_code == 303


def test_a_cookie_that_was_changed_opens_nothing(stage: Stage) -> None:
    with stage.visitor("producer") as client:
        whole = client.cookies["fieldline_session"]
        for changed in (
            whole.replace(".producer.", ".administrator."), whole.replace(".hof-1.", ".hof-9."), whole[:-1] + "0",
            "local.administrator.local.99999999999.x." + "0" * 64, "", ".....",
        ):  # fmt: skip
            if changed == whole:
                continue
            client.cookies.clear()
            answer = client.get("/", headers={"cookie": f"fieldline_session={changed}"})
            assert answer.status_code == 303, changed


def test_a_form_of_another_page_does_nothing(stage: Stage) -> None:
    with stage.visitor("emergency") as client:
        form = {"reason": "not mine", "token": ""}
        assert client.post(f"/scope/{stage.scope}/close", data=form).status_code == 403
        token = client.get("/").text.partition('name="token" value="')[2].partition('"')[0]
        elsewhere = {"sec-fetch-site": "cross-site"}
        answer = client.post(f"/scope/{stage.scope}/close", data=form | {"token": token}, headers=elsewhere)
        assert answer.status_code == 403
    assert stage.local.get("/v1/scope", params={"scope": stage.scope}).json()["status"] == "open"


def test_a_role_that_may_not_act_gets_no_form_and_its_own_form_is_refused(stage: Stage) -> None:
    with stage.visitor("administrator") as client:
        page = client.get(f"/scope/{stage.scope}").text
        assert "/close" not in page
        token = page.partition('name="token" value="')[2].partition('"')[0]
        answer = client.post(f"/scope/{stage.scope}/close", data={"reason": "x", "token": token})
        assert answer.status_code == 403


def test_a_reading_on_a_page_is_written_down_as_one_at_the_door(stage: Stage) -> None:
    with stage.visitor("emergency") as client:
        client.get("/batch?batch=hof-1/leaf/L1")
    accesses = stage.local.get("/v1/access", params={"limit": 50, "whose": "hof-1"}).json()["accesses"]
    assert ("batch", "hof-1/leaf/L1", "team-1") in {
        (one["operation"], one["subject"], one["sender"]) for one in accesses
    }


def test_a_scanned_link_leads_to_what_everybody_may_know(stage: Stage) -> None:
    with stage.visitor("public") as client:
        answer = client.get("/01/04012345123456/10/D-12")
        assert answer.headers["location"] == "/goods?gtin=04012345123456&lot=D-12"
        page = client.get(answer.headers["location"]).text
        assert "D-12" in page
        assert "kitchen" not in page
        assert client.get("/01/04012345123457/10/D-12").status_code == 422
