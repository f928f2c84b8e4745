"""The pictures of the guide: taken of the pages as they are, and kept where GUIDE_PICTURES=1 asks for it."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.browser.conftest import Comes, Stage, harvested

DOCS = Path(__file__).parents[2] / "docs"
KEPT = DOCS / "pictures"
LARGEST = 60_000
"""Bytes of a picture."""
SIZE = {"width": 1200, "height": 720}
SMALLER = 0.7
"""Points of a picture to one of a screen."""
QUALITY = 45
PICTURES = {
    "producer-own": ("producer", "own", "#main"),
    "producer-mend": ("producer", "refused", "#raw"),
    "regulator-situation": ("regulator", "board", "table"),
    "regulator-lineage": ("regulator", "lineage", ".picture svg"),
    "emergency-scope": ("emergency", "scope", "#members"),
    "emergency-calls": ("emergency", "calls", ".sheet"),
    "emergency-known": ("emergency", "known", "table.changes"),
}
"""Name of the picture: who looks at which view, and what is to be seen on it."""


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_of_the_guide_shows_a_page_that_is_there(
    name: str, stage: Stage, comes: Comes, tmp_path: Path
) -> None:
    role, view, seen = PICTURES[name]
    page = comes(role, viewport=SIZE, device_scale_factor=SMALLER).new_page()
    answer = page.goto(f"/records/{_refused(stage)}" if view == "refused" else stage.views()[view])
    assert answer is not None
    assert answer.status == 200
    assert page.locator(seen).first.is_visible()
    folder = KEPT if os.environ.get("GUIDE_PICTURES") == "1" else tmp_path
    folder.mkdir(exist_ok=True)
    raw = page.screenshot(path=folder / f"{name}.jpg", type="jpeg", quality=QUALITY)
    assert len(raw) < LARGEST


def _refused(stage: Stage) -> int:
    """The number of something that the producer handed in and that waits to be mended."""
    event = harvested("hof-1", "field 1", "hof-1/leaf/L3", "410101") | {"at": "2026-02-30"}
    answer = stage.local.post("/v1/events", json=event, headers={"x-fieldline-sender": "hof-1"})
    return int(answer.json()["receipts"][0]["rejected"])


def test_the_guide_shows_all_of_them_and_each_is_kept_small() -> None:
    told = re.findall(r"!\[[^]]+\]\(\.\./pictures/([a-z-]+)\.jpg\)", (DOCS / "guide" / "console.md").read_text("utf-8"))
    assert sorted(told) == sorted(PICTURES)
    assert sorted(path.stem for path in KEPT.glob("*")) == sorted(PICTURES)
    assert all(path.stat().st_size < LARGEST for path in KEPT.glob("*.jpg"))
