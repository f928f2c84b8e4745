"""New data: told and never pushed, over one stream a browser, which may break."""

from __future__ import annotations

from itertools import count

from playwright.sync_api import expect

from tests.browser.conftest import Comes, Stage, harvested

_numbers = count(100)


def news(stage: Stage) -> int:
    """Something new; its position."""
    return stage.said([harvested("hof-1", "field 1", f"hof-1/leaf/N{next(_numbers)}", "410101")], "hof-1")


def test_new_data_is_told_and_the_readers_place_is_left_alone(stage: Stage, comes: Comes) -> None:
    page = comes(viewport={"width": 1600, "height": 500}).new_page()
    page.goto(stage.views()["lineage"])
    expect(page.locator("#live")).to_have_text("live")
    page.evaluate("window.scrollTo(0, 400)")
    before = page.locator("main").inner_html()
    position = news(stage)
    expect(page.locator("#news a")).to_contain_text(f"New data: position {position:,}")
    assert page.evaluate("window.scrollY") == 400
    assert page.locator("main .box").count() == before.count('class="box')
    page.locator("#news a").click()
    expect(page.locator(".known")).to_contain_text(f"position {position:,}")


def test_eight_tabs_share_one_stream(stage: Stage, comes: Comes) -> None:
    context = comes()
    streams: list[str] = []
    context.on("request", lambda asked: streams.append(asked.url) if "/live" in asked.url else None)
    pages = [context.new_page() for _ in range(8)]
    for page in pages:
        page.goto("/")
        expect(page.locator("#live")).to_have_text("live")
    position = news(stage)
    for page in pages:
        expect(page.locator("#news a")).to_contain_text(f"{position:,}")
    assert len(streams) == 1
    pages[0].close()  # whoever listened is gone: the next one does
    position = news(stage)
    for page in pages[1:]:
        expect(page.locator("#news a")).to_contain_text(f"{position:,}")


def test_a_tab_without_locks_listens_itself_while_it_is_looked_at(stage: Stage, comes: Comes) -> None:
    context = comes()
    context.add_init_script("Object.defineProperty(navigator, 'locks', { value: undefined })")
    page = context.new_page()
    page.goto("/")
    expect(page.locator("#live")).to_have_text("live")
    position = news(stage)
    expect(page.locator("#news a")).to_contain_text(f"{position:,}")


def test_a_feed_that_breaks_is_told_and_taken_up_again(stage: Stage, comes: Comes) -> None:
    page = comes().new_page()
    page.goto("/")
    expect(page.locator("#live")).to_have_text("live")
    stage.killed()
    expect(page.locator("#live")).to_have_text("reconnecting")
    stage.started()
    position = news(stage)
    expect(page.locator("#live")).to_have_text("live", timeout=30_000)
    expect(page.locator("#news a")).to_contain_text(f"{position:,}")
