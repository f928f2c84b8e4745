"""Pictures of the console's main views, of the demo and, where ``FIELDLINE_DATA`` names the collected data, of a trade
in herbal teas: written to ``.bench/pictures/`` for a person to look at."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from fieldline_trace.errors import Unavailable
from fieldline_trace.formats import fcl
from rich.console import Console

from fieldline_streams.demo import greens, sprouts
from fieldline_streams.show.figures import FOLDER, Figure, equal
from fieldline_streams.show.process import ServeProcess

SIZE = {"width": 1600, "height": 1000}
PAPER = {"width": 1055, "height": 725}
"""A4 across, less its margins, at 96 to the inch."""
NARROW = {"width": 390, "height": 844}
FAILED = (
    "Smarthé (Smart-T) (506035242)/Smart-T: Womens balance/1810387353",
    "La Source des Herbes (-1636899622)/Naturmädel: Babys Erster/2017641292",
    "La Source des Herbes (-1636899622)/Naturmädel: Babys Erster/61038176",
)
"""The lot of the teas that failed, and the two that were suspected."""
MELISSA = "Royaume des plantes (1588145489)/Dried organic melissa leaves/-1475271720"


async def show(folder: Path, console: Console) -> list[Figure]:
    """Serve, tell, look, and write what is seen."""
    target = Path.cwd() / FOLDER / "pictures"
    target.mkdir(parents=True, exist_ok=True)
    found = await _chromium()
    figures = []
    named = os.environ.get("FIELDLINE_DATA")
    for name, told in (("demo", _demo), ("teas", _teas)):
        if name == "teas" and not named:
            console.print("FIELDLINE_DATA is not set: no pictures of the teas", markup=False)
            continue
        process = ServeProcess(folder / name)
        service = await process.start()
        headers = {"authorization": f"Bearer {service.key}"}
        try:
            async with httpx.AsyncClient(base_url=service.address, headers=headers, timeout=120) as client:
                views = await told(client, Path(named or ""))
            began = time.perf_counter()
            seen = await _seen(
                found, service.address, service.key, {f"{name}-{view}": at for view, at in views.items()}, target
            )
        finally:
            await process.stop()
        figures += [
            equal(f"pictures of the {name}", len(seen), "", len(views) + 6),
            Figure(f"a picture of the {name}, each", round((time.perf_counter() - began) / len(seen), 2), "s"),
        ]
    console.print(f"pictures are in {target}", markup=False)
    return figures


async def _demo(client: httpx.AsyncClient, _: Path) -> dict[str, str]:
    """Both outbreaks of the demo: views by name."""
    days = greens.Days(date.today())
    parts = (sprouts.cases, sprouts.meals, sprouts.sprouts, sprouts.seeds, sprouts.late)
    await _said(client, [event for part in parts for event in part()], "demo", "producer")
    await _said(client, greens.chain(days), "demo", "producer")
    position = await _said(client, greens.sample(days), "lab", "laboratory")
    scope = await _scope(client, greens.FAILED, position)
    opened = {"kind": "scope_opened", "scope": scope, "reason": "chlorpyrifos above its limit"}
    await _said(client, [opened], "team-1", "emergency")
    position = await _said(client, [greens.late_shipment(days), greens.correction(days)], "demo", "producer")
    await _scope(client, greens.FAILED, position)
    return {
        "board": "/",
        "lineage": f"/lineage?batch={quote(greens.FAILED, safe='')}",
        "scope": f"/scope/{scope}",
        "calls": f"/scope/{scope}/calls",
        "known": f"/scope/{scope}/known",
        "where": f"/scope/{scope}/where",
        "window": f"/window?site={quote(greens.KITCHEN, safe='')}",
        "legs": "/legs",
        "sprouts": "/lineage?batch=48088",
        "batch": f"/batch?batch={quote(greens.FAILED, safe='')}",
        "event": "/event?id=demo:greens-lunch-2",
        "label": f"/label?batch={quote(greens.DRESSING, safe='')}",
    }


async def _teas(client: httpx.AsyncClient, data: Path) -> dict[str, str]:
    """The teas: views by name."""
    raw = await asyncio.to_thread((data / "baby-tea" / "network.json").read_bytes)
    await _said(client, fcl.events_of(fcl.read(raw)).events, "bfr", "regulator")
    failed = [
        {
            "kind": "tested", "batch": batch, "lab": "lab-eu", "report": f"R-{number}", "verdict": "failed",
            "hazard_class": "residue", "hazard": "pyrrolizidine alkaloids", "at": "2019-02-01",
        }
        for number, batch in enumerate(FAILED, 742)
    ]  # fmt: skip
    position = await _said(client, failed, "lab-eu", "laboratory")
    scope = await _scope(client, FAILED[0], position)
    lineage = f"/lineage?batch={quote(FAILED[0], safe='')}"
    return {
        "board": "/",
        "lineage": lineage,
        "why": f"{lineage}&sel={quote(f'{MELISSA}@La Source des Herbes (-1636899622)', safe='')}",
        "legs": "/legs",
        "scope": f"/scope/{scope}",
        "calls": f"/scope/{scope}/calls",
    }


async def _said(client: httpx.AsyncClient, events: list[dict[str, Any]], sender: str, role: str) -> int:
    """Hand events in; the last position. ``Unavailable`` where one was refused."""
    body = "\n".join(json.dumps(event, ensure_ascii=False) for event in events).encode()
    headers = {"x-fieldline-sender": sender, "x-fieldline-role": role, "content-type": "application/x-ndjson"}
    answer = await client.post("/v1/events", content=body, headers=headers)
    receipts = answer.json().get("receipts", [])
    if len(receipts) != len(events) or any(receipt["outcome"] == "refused" for receipt in receipts):
        raise Unavailable(f"what is shown was refused: {answer.text[:500]}")
    return max(int(receipt.get("position", 0)) for receipt in receipts)


async def _scope(client: httpx.AsyncClient, lot: str, position: int) -> str:
    """The scope about a lot, once all up to a position is judged."""
    answer = await client.get("/v1/scopes", params={"at_least": position, "wait": 60})
    return next(str(one["scope"]) for one in answer.json()["scopes"] if one["lot"] == lot)


async def _chromium() -> dict[str, Any]:
    """Path and environment of a Chromium, as the tests find or install it. ``Unavailable`` where there is none."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.browser.chromium", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    said, wrong = await process.communicate()
    if process.returncode:
        raise Unavailable(f"there is no Chromium: {wrong.decode(errors='replace')[-300:]}")
    found: dict[str, Any] = json.loads(said)
    return found


async def _seen(found: dict[str, Any], base: str, key: str, views: dict[str, str], target: Path) -> list[Path]:
    """The pictures: each view in English, the lineage and the board in Chinese, on paper and on a telephone, too."""
    from playwright.async_api import async_playwright  # a tool of development

    asked = [(name, at, "en", SIZE) for name, at in views.items()]
    for name, at in list(views.items())[:2]:
        asked += [(f"{name}-zh", at, "zh-CN", SIZE), (f"{name}-print", at, "en", PAPER)]
        asked += [(f"{name}-narrow", at, "zh-CN", NARROW)]
    written = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=found["path"],
            args=["--no-sandbox", "--disable-gpu", "--no-zygote"],
            env={**os.environ, **found["environment"]},
        )
        page = await browser.new_page(base_url=base, viewport=SIZE)  # type: ignore[arg-type]
        await page.goto("/login")
        await page.fill("#key", key)
        await page.click("summary")
        await page.select_option("#role", "emergency")
        await page.fill("#sender", "team-1")
        await page.click("main button.act")
        for name, at, language, size in asked:
            await page.set_viewport_size(size)  # type: ignore[arg-type]
            await page.emulate_media(media="print" if size is PAPER else "screen")
            await page.goto(f"{at}{'&' if '?' in at else '?'}lang={language}")
            path = target / f"{name}.png"
            await page.screenshot(path=path)
            written.append(path)
        await browser.close()
    return written
