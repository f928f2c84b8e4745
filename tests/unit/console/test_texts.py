"""The console's texts: whole in both languages, and every text that a page asks for is there."""

from __future__ import annotations

import re
from importlib.resources import files
from string import Formatter

from fieldline_schemas.messages import LANGUAGES
from fieldline_schemas.registry import KINDS
from fieldline_trace.api.console.texts import catalogue, text, word
from fieldline_trace.api.http.roles import ROLES
from fieldline_trace.risk.registry import RULES

HOME = files("fieldline_trace.api.console")


def test_every_text_is_in_both_languages_with_the_same_arguments() -> None:
    for code, said in catalogue().items():
        assert set(said) == set(LANGUAGES), code
        arguments = {
            language: {name for _, name, _, _ in Formatter().parse(said[language]) if name} for language in LANGUAGES
        }
        assert arguments["en"] == arguments["zh-CN"], code


def test_every_text_that_a_page_asks_for_is_there() -> None:
    asked = set()
    for place in (HOME / "templates", HOME):
        for file in place.iterdir():
            if file.name.endswith((".html", ".py")):
                source = file.read_text("utf-8")
                asked |= set(re.findall(r"\bt\('([a-z_]+\.[a-z_]+)'", source))
                asked |= set(re.findall(r"\btext\(\s*\"([a-z_]+\.[a-z_]+)\"", source))
    assert len(asked) > 150
    assert asked <= set(catalogue())


def test_words_of_answers_are_said_in_both_languages() -> None:
    for part, names in {"kind": KINDS.models, "role": ROLES, "rule": RULES}.items():
        missing = [name for name in names if f"{part}.{name}" not in catalogue()]
        assert not missing, part
    assert word("kind", "harvested", "zh-CN") == "采收"
    assert word("kind", "of_the_future", "en") == "of the future"
    assert text("page.more", "zh-CN", count=3) == "还有 3 项"
