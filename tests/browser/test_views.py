"""Every view, in both languages, in a real browser."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import Comes, Stage

VIEWS = (
    "board", "lineage", "why", "scope", "draft", "calls", "known", "where", "legs", "hypothesis", "window", "alert",
    "batch", "shelf life", "event", "corrected event", "records", "refused", "search", "own", "past", "label", "goods",
    "login", "problem",
)  # fmt: skip
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def test_every_view_is_tested(stage: Stage) -> None:
    assert set(stage.views()) == set(VIEWS)


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("view", VIEWS)
def test_a_view_is_whole_and_can_be_used_by_everybody(
    view: str, language: str, stage: Stage, readers: dict[str, Page]
) -> None:
    page = readers[language]
    said: list[str] = []

    def hear(message: Any) -> None:
        if message.type in ("error", "warning"):
            said.append(message.text)

    page.on("console", hear)
    answer = page.goto(stage.views()[view])
    assert answer is not None
    assert answer.status == (404 if view == "problem" else 200)
    assert page.get_attribute("html", "lang") == language
    if view != "problem":
        assert said == []
    assert page.locator("main").inner_text().strip()
    assert bool(CHINESE.search(page.locator("h1").inner_text())) == (language == "zh-CN")
    page.remove_listener("console", hear)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("view", ["board", "lineage", "scope", "calls", "legs"])
def test_nothing_but_tables_and_pictures_is_wider_than_a_telephone(view: str, stage: Stage, comes: Comes) -> None:
    page = comes(viewport={"width": 390, "height": 800}).new_page()
    page.goto(stage.views()[view])
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_five_tiles_say_it_and_a_row_says_why(stage: Stage, comes: Comes) -> None:
    page = comes().new_page()
    page.goto(stage.views()["lineage"])
    assert page.locator(".tile").count() == 5
    assert "P-0412" in page.locator(".tile.failed").inner_text()
    page.locator("svg a.row.r-suspect").first.click()
    page.wait_for_selector("#why")
    assert page.locator("#why .chain li").count() >= 2
    assert "does not clear it" in page.locator("#why").inner_text()
    assert "sel=" in page.url


def test_a_page_speaks_the_language_that_was_chosen_from_then_on(stage: Stage, comes: Comes) -> None:
    page = comes().new_page()
    page.goto("/")
    page.click("header a[hreflang=zh-CN]")
    page.goto(stage.views()["scope"])
    assert page.get_attribute("html", "lang") == "zh-CN"
    assert "召回范围" in page.locator("h1").inner_text()


def test_what_was_known_is_an_address_that_can_be_sent(stage: Stage, comes: Comes) -> None:
    page = comes().new_page()
    page.goto(stage.views()["past"])
    assert f"position {stage.before}" in page.locator(".past").inner_text()
    assert page.locator(".tile.failed").count() == 0
    page.click(".past a")
    assert page.locator(".tile.failed").count() == 1


def test_how_long_it_keeps_is_a_line_that_says_so_in_words(stage: Stage, comes: Comes) -> None:
    page = comes().new_page()
    page.goto(stage.views()["shelf life"])
    assert re.search(
        r"Made .*, today .*, shelf life until ", page.locator("svg.shelf").get_attribute("aria-label") or ""
    )
    assert re.search(r"\b(8|9|10) days left", page.locator("#shelf").inner_text())


def test_what_comes_in_is_a_picture_that_says_so_in_words(stage: Stage, comes: Comes) -> None:
    page = comes().new_page()
    page.goto("/")
    picture = page.locator("svg.columns").first
    assert re.search(
        r"\d+ events in the last 2,000 entries; judge behind by \d+", picture.get_attribute("aria-label") or ""
    )
    assert picture.locator("rect.bar").count() >= 1
