"""A served console with an incident on it, and a real Chromium in front."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
import pytest
from fieldline_streams.demo import greens
from fieldline_streams.show.process import ServeProcess
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.chromium import NoChromium, chromium

T = TypeVar("T")
NOT_THERE = "there is no Chromium, and none could be installed: browser tests did not run"
FOREIGN = ("hof-9", "field 9", "root/L9", "/L9")
"""Names of a chain that the firm hof-1, its laboratory and its county have nothing to do with."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All browser tests go to one worker: they share one service and one Chromium."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("browser"))


def _run(doing: Coroutine[Any, Any, T]) -> T:
    """What a coroutine gives. In a thread of its own: Chromium's driver keeps a loop running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, doing).result()


@dataclass
class Stage:
    """The served console: where it is, and who may come in with which key."""

    base: str
    local: httpx.Client
    process: ServeProcess
    keys: dict[str, str]
    scope: str = ""
    draft: str = ""
    alert: str = ""
    batch: str = greens.FAILED
    refused: int = 0
    before: int = 0
    """A position before anything was found at fault."""

    def said(self, events: list[dict[str, Any]], sender: str, role: str = "producer") -> int:
        """Hand events in; the last position."""
        position = 0
        for event in events:
            answer = self.local.post(
                "/v1/events", json=event, headers={"x-fieldline-sender": quote(sender), "x-fieldline-role": role}
            )
            assert answer.status_code == 202, answer.text
            position = answer.json()["receipts"][0].get("position") or position
        return position

    @contextmanager
    def visitor(self, role: str) -> Iterator[httpx.Client]:
        """Who is logged in as a role, without a browser."""
        with httpx.Client(base_url=self.base, timeout=30) as client:
            if role != "public":
                answer = client.post("/login", data={"key": self.keys[role], "next": "/"})
                assert answer.status_code == 303, answer.text
            yield client

    def killed(self) -> None:
        """The service ends as by a power cut."""
        _run(self.process.kill())

    def started(self) -> None:
        """It is there again, at the same address."""
        self.local.headers["authorization"] = f"Bearer {_run(self.process.start()).key}"

    def views(self) -> dict[str, str]:
        """Every view, by name, with something on it."""
        batch, scope = quote(self.batch, safe=""), self.scope
        return {
            "board": "/",
            "lineage": f"/lineage?batch={batch}",
            "why": f"/lineage?batch={batch}&sel={quote(f'{greens.PLOTS[0]}@{greens.COOPERATIVE}', safe='')}",
            "scope": f"/scope/{scope}",
            "draft": f"/scope/{self.draft}",
            "calls": f"/scope/{scope}/calls",
            "known": f"/scope/{scope}/known",
            "where": f"/scope/{scope}/where",
            "legs": "/legs",
            "hypothesis": f"/legs?suspects={quote(greens.PLOTS[0], safe='')}",
            "window": f"/window?site={quote(greens.KITCHEN, safe='')}",
            "alert": f"/alert/{self.alert}",
            "batch": f"/batch?batch={batch}",
            "shelf life": "/batch?batch=hof-1/leaf/L1",
            "event": "/event?id=demo:greens-failed",
            "corrected event": "/event?id=demo:greens-lunch-2",
            "records": "/records",
            "refused": f"/records/{self.refused}",
            "search": "/search?q=nothing-of-that-name",
            "own": "/own",
            "past": f"/lineage?batch={batch}&at={self.before}",
            "label": f"/label?batch={quote(greens.DRESSING, safe='')}",
            "goods": "/goods?gtin=04012345123456&lot=D-12",
            "login": "/login",
            "problem": "/alert/alert-none",
        }


def harvested(sender: str, site: str, lot: str, grid: str) -> dict[str, Any]:
    """A harvest."""
    return {"kind": "harvested", "operator": sender, "site": site, "out_batch": lot, "grid_unit": grid}


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    """The service, with a scope that is open, one in draft, an input that was refused, and two firms that know nothing
    of each other."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # Not among pytest's own folders, which keep out the user who runs PostgreSQL.
    folder = Path(tempfile.mkdtemp(prefix="fieldline-console-"))
    process = ServeProcess(folder / "data")
    kept = os.environ.get("FIELDLINE_PORT")
    os.environ["FIELDLINE_PORT"] = str(port)  # the same again after a restart
    service = _run(process.start())
    client = httpx.Client(base_url=service.address, headers={"authorization": f"Bearer {service.key}"}, timeout=60)
    try:
        yield _told(Stage(service.address, client, process, {}))
    finally:
        client.close()
        _run(process.stop())
        shutil.rmtree(folder)
        if kept is None:
            os.environ.pop("FIELDLINE_PORT", None)
        else:
            os.environ["FIELDLINE_PORT"] = kept


def _told(stage: Stage) -> Stage:
    days = greens.Days(date.today())
    stage.before = position = stage.said(greens.chain(days), "demo")
    stage.said(greens.sample(days), "lab", "laboratory")
    for sender, site, lot, grid, lab in (
        ("hof-1", "field 1", "hof-1/leaf/L1", "410101", "lab-1"),
        ("hof-9", "field 9", "hof-9/root/L9", "520101", "lab-9"),
    ):
        keeps = {"batch": lot, "expires": (date.today() + timedelta(days=9)).isoformat()}
        stage.said([harvested(sender, site, lot, grid) | {"id": f"{sender}:first", "out_batch": keeps}], sender)
        failed = {
            "kind": "tested", "batch": lot, "lab": lab, "report": f"R-{lab}", "verdict": "failed", "site": site,
            "grid_unit": grid, "hazard_class": "pathogen", "hazard": "Salmonella",
        }  # fmt: skip
        position = stage.said([failed], lab, "laboratory")
    for sender, role in (("hof-1", "producer"), ("team-1", "emergency")):
        headers = {"x-fieldline-sender": sender, "x-fieldline-role": role}
        answer = stage.local.post("/v1/events", json={"kind": "eaten"}, headers=headers)
        stage.refused = answer.json()["receipts"][0]["rejected"]
    asked: dict[str, str | int] = {"at_least": position, "wait": 30}
    alerts = stage.local.get("/v1/alerts", params=asked).json()["alerts"]
    scopes = {one["lot"]: one["scope"] for one in stage.local.get("/v1/scopes").json()["scopes"]}
    stage.scope, stage.draft = scopes[greens.FAILED], scopes["hof-1/leaf/L1"]
    stage.alert = next(one["id"] for one in alerts if one["subject"] == greens.FAILED)
    act = {"kind": "scope_opened", "scope": stage.scope, "reason": "above its limit"}
    position = stage.said([act], "team-1", "emergency")
    position = stage.said([greens.late_shipment(days), greens.correction(days)], "demo")
    stage.local.get("/v1/alerts", params={"at_least": position, "wait": 30})
    for role, more in (
        ("producer", {"sender": "hof-1"}),
        ("laboratory", {"sender": "lab-1"}),
        ("regulator", {"sender": "county-41", "grid": "4101"}),
        ("emergency", {"sender": "team-1"}),
        ("administrator", {"sender": "admin-1"}),
    ):
        made = stage.local.post("/v1/keys", json={"role": role, **more})
        assert made.status_code == 201, made.text
        stage.keys[role] = made.json()["key"]
    return stage


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests. Without one they skip; with REQUIRE_BROWSER=1 they fail."""
    try:
        found = chromium()
    except NoChromium as none:
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(f"{NOT_THERE}, though REQUIRE_BROWSER=1 ({none})")
        pytest.skip(NOT_THERE)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=str(found.path),
            args=["--no-sandbox", "--disable-gpu", "--no-zygote"],
            env={**os.environ, **found.environment},
        )
        yield running
        running.close()


Comes = Callable[..., BrowserContext]


@pytest.fixture
def comes(browser: Browser, stage: Stage) -> Iterator[Comes]:
    """A browser of its own for somebody, logged in: ``comes("emergency", locale="zh-CN")``."""
    opened: list[BrowserContext] = []

    def found(role: str = "emergency", **options: Any) -> BrowserContext:
        context = browser.new_context(
            **{"locale": "en", "viewport": {"width": 1600, "height": 1000}, "base_url": stage.base, **options}
        )
        context.set_default_timeout(15_000)
        opened.append(context)
        if role != "public":
            page = context.new_page()
            page.goto("/login")
            page.fill("#key", stage.keys[role])
            page.click("main button.act")
            page.wait_for_url("**/")
            page.close()
        return context

    yield found
    for context in opened:
        context.close()


@pytest.fixture(scope="session")
def readers(browser: Browser, stage: Stage) -> Iterator[dict[str, Page]]:
    """A page for each language, logged in once for all views."""
    pages = {}
    for language in ("en", "zh-CN"):
        context = browser.new_context(locale=language, viewport={"width": 1600, "height": 1000}, base_url=stage.base)
        page = context.new_page()
        page.goto("/login")
        page.fill("#key", stage.keys["emergency"])
        page.click("main button.act")
        pages[language] = page
    yield pages
    for page in pages.values():
        page.context.close()
