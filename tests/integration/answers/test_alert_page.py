"""One alert as an authority reads it: the page of the guide says what is answered, in both languages."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from fieldline_schemas.messages import Language
from fieldline_trace.api.console.texts import text, word

from .conftest import Told

PAGE = Path(__file__).parents[3] / "docs/guide/alert.md"


def _read(alert: dict[str, Any], spoken: Language) -> list[tuple[str, str]]:
    """The alert as labels and values."""
    args = alert["args"]
    return [
        (text("alert.rule", spoken), f"{word('rule', alert['rule'], spoken)} ({alert['rule']})"),
        (text("alert.title", spoken), alert["text"]),
        (word("fact", "severity", spoken), word("severity", alert["severity"], spoken)),
        (text("alert.confidence", spoken), word("confidence", alert["confidence"], spoken)),
        (word("fact", "limit", spoken), f"{args['limit']} {args['limit_unit']}"),
        (word("fact", "clause", spoken), f"{args['standard']}, {args['clause']}"),
        (word("fact", "in_force", spoken), args["in_force"]),
        (text("alert.proposes", spoken), word("proposes", alert["proposes"], spoken)),
        (text("alert.clears", spoken), alert["clears"]),
        (text("alert.evidence", spoken), ", ".join(alert["evidence"])),
    ]


async def test_the_page_says_what_is_answered_in_both_languages(told: Told) -> None:
    page = PAGE.read_text("utf-8")
    for block in re.findall(r"```json\n(.*?)```", page, re.DOTALL):
        event = json.loads(block)
        await told.say(
            event, sender=event["operator"], role="laboratory" if "lab" in event["operator"] else "regulator"
        )
    assert [one["confidence"] for one in (await told.ask("alerts", rule="SCREENING_POSITIVE"))["alerts"]] == [
        "confirmed"
    ]
    answers = [
        (await told.ask("alerts", rule="LIMIT_EXCEEDED", language=spoken))["alerts"] for spoken in ("en", "zh-CN")
    ]
    english, chinese = (next(one for one in said if one["args"]["report"] == "R-981") for said in answers)
    rows = zip(_read(english, "en"), _read(chinese, "zh-CN"), strict=True)
    table = [f"| {label} | {value} | {named} | {said} |" for (label, value), (named, said) in rows]
    assert "\n".join(["| | | | |", "|---|---|---|---|", *table]) in page
