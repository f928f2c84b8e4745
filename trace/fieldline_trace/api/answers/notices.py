"""Public notices of recalls: what an authority approved for everybody to read, and nothing else.

``{"position", "notices": [{"scope", "titles", "texts", "recall_class", "areas", "approved"}]}``; ``titles`` and
``texts`` are by language, ``zh-CN`` and, where there is one, ``en``. Of each scope the latest that stands.
"""

from __future__ import annotations

from typing import Any

from fieldline_schemas.kinds.notice_approved import NoticeApproved
from fieldline_schemas.registry import code_of
from fieldline_schemas.whole import read_if_known
from pydantic import BaseModel, ConfigDict, Field

from fieldline_trace.api.answers.desk import Desk
from fieldline_trace.store import Q


class NoticesArguments(BaseModel):
    """Of which scope, for which area."""

    model_config = ConfigDict(extra="forbid")

    scope: str | None = Field(default=None, description="Of this scope alone.")
    area: str | None = Field(default=None, description="For this administrative code, and so for all it lies in.")


async def notices(desk: Desk, asked: NoticesArguments) -> dict[str, Any]:
    """Approved notices, the latest first."""
    rows = await desk.conn.fetch(Q["answer_events_of_kind"], code_of("notice_approved"), desk.position)
    numbers = [row["number"] for row in rows if desk.world.standing_of(row["number"]) != "withdrawn"]
    events = await desk.events(numbers)
    latest: dict[str, dict[str, Any]] = {}
    for row in rows:
        said = read_if_known(row["body"])
        if row["number"] not in events or not isinstance(said, NoticeApproved):
            continue
        latest.pop(said.scope, None)
        latest[said.scope] = {
            "scope": said.scope,
            "titles": _languages(said.title_zh, said.title_en),
            "texts": _languages(said.text_zh, said.text_en),
            "recall_class": said.recall_class,
            "areas": list(said.areas),
            "approved": events[row["number"]]["received"],
        }
    return {
        "position": desk.position,
        "notices": [
            one
            for one in reversed(latest.values())
            if asked.scope in (None, one["scope"]) and (asked.area is None or _is_for(asked.area, one["areas"]))
        ],
    }


def _languages(chinese: str, english: str | None) -> dict[str, str]:
    return {"zh-CN": chinese} if english is None else {"zh-CN": chinese, "en": english}


def _is_for(area: str, areas: list[str]) -> bool:
    return not areas or any(area.startswith(one) or one.startswith(area) for one in areas)
