"""For each of the questions that investigators ask first there is a place on a page where its answer stands."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

import pytest
from fieldline_streams.demo import greens
from playwright.sync_api import Page

from tests.browser.conftest import Stage

GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "console.md"
LOT = quote(greens.FAILED, safe="")
SITE = quote(greens.KITCHEN, safe="")
ANSWERS = {
    1: ("/batch?batch={lot}", "#where", "central kitchen"),
    2: ("/scope/{scope}/calls", "#calls", "not told yet"),
    3: ("/window?site={site}", "#lots", "P-0412"),
    4: ("/legs", "#legs", "Left unexplained"),
    5: ("/batch?batch={lot}", "#span", "Shipped"),
    6: ("/window?site={site}", "#bounds", "clean breaks"),
    7: ("/batch?batch={lot}", "#ends", "farmer-a"),
    8: ("/batch?batch={lot}", "#proof", "R-77"),
    9: ("/batch?batch={lot}", "#span", "Still made or sold?"),
    10: ("/scope/{scope}/calls", "#progress", "Made"),
    11: ("/scope/{scope}/where", "#areas", "41"),
    12: ("/scope/{scope}/known", "#changes", "Because of"),
}
"""Number of the question: address, place on the page, what stands there in the demo."""


@pytest.mark.parametrize("number", ANSWERS)
def test_the_answer_stands_where_the_guide_says(number: int, stage: Stage, readers: dict[str, Page]) -> None:
    address, place, words = ANSWERS[number]
    page = readers["en"]
    page.goto(address.format(lot=LOT, site=SITE, scope=stage.scope))
    assert words in page.locator(place).inner_text()
    readers["zh-CN"].goto(address.format(lot=LOT, site=SITE, scope=stage.scope))
    assert readers["zh-CN"].locator(place).is_visible()


def test_the_guide_has_each_question_with_its_address() -> None:
    told = dict(re.findall(r"^\| (\d+) [^|]*\| `([^`]+)`", GUIDE.read_text("utf-8"), re.MULTILINE))
    assert {int(number): address for number, address in told.items()} == {
        number: re.sub(r"\{\w+\}", "…", address.replace("{scope}", "ID")) + place
        for number, (address, place, _) in ANSWERS.items()
    }
