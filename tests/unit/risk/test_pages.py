"""The page of the rules is what the rules say of themselves."""

from __future__ import annotations

from fieldline_trace.risk.pages import PAGE, page
from fieldline_trace.risk.proposals import clears
from fieldline_trace.risk.registry import RULES


def test_the_page_of_the_rules_is_as_the_rules_say() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: python -m fieldline_trace.risk.pages"


def test_every_rule_proposes_one_of_four_and_says_what_clears_it_in_both_languages() -> None:
    for rule in RULES.values():
        assert rule.proposes in ("hold", "confirm", "draft_scope", "nothing"), rule.name
        assert clears(rule.name, "en").isascii()
        assert not clears(rule.name, "zh-CN").isascii()
