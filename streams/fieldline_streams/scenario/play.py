"""Playing a scenario: parts go in one after another, and after each the picture is what is known by then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import msgspec
from fieldline_trace.errors import NotFound, Rejected

from fieldline_streams.gateway import Gateway
from fieldline_streams.scenario.story import Story, acts

PAUSE_SECONDS = 2.0
"""Between two parts at speed 1."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What is known after a part."""

    part: str
    events: int
    position: int
    new: list[dict[str, Any]]
    """Alerts that stand now and did not before."""
    gone: list[dict[str, Any]]
    """Alerts that stood before and do no longer."""
    scopes: list[dict[str, Any]]
    sources: list[dict[str, Any]]
    """The best first; none where no cases are known."""


async def played(
    found: Gateway, story: Story, *, shuffle: int | None = None, speed: float = 0.0
) -> AsyncIterator[Picture]:
    """Hand the story in; a picture after each part. ``speed``: 1 waits two seconds between parts, 2 one; 0 waits not
    at all. ``Rejected`` where an event of the story cannot be read."""
    own = story.ids
    standing: dict[str, dict[str, Any]] = {}
    cases = any(b'"illness_case"' in bytes(line.event) for line in story.lines)
    for number, (part, handed) in enumerate(groupby(acts(story, shuffle), lambda act: act.part)):
        if number and speed:
            await asyncio.sleep(PAUSE_SECONDS / speed)
        events = 0
        for act in handed:
            events += len(act.raws)
            await _hand_in(found, act.raws, act.sender, act.role)
        answer = await found.ask("alerts", {})
        now = {one["id"]: one for one in answer["alerts"] if own & set(one["evidence"])}
        yield Picture(
            part,
            events,
            answer["position"],
            [one for name, one in now.items() if name not in standing],
            [one for name, one in standing.items() if name not in now],
            [one for one in (await found.ask("scope list", {}))["scopes"] if one["status"] != "lapsed"],
            await _sources(found) if cases else [],
        )
        standing = now


async def _sources(found: Gateway) -> list[dict[str, Any]]:
    """Where the clusters meet; none while no case is known."""
    try:
        ranked: list[dict[str, Any]] = (await found.ask("sources", {"cases": True}))["sources"]
    except NotFound:
        return []
    return ranked


async def _hand_in(found: Gateway, raws: list[bytes], sender: str, role: str) -> None:
    receipts = await found.hand_in(raws, sender=sender, role=role)
    for raw, receipt in zip(raws, receipts, strict=True):
        if receipt["outcome"] == "refused":
            from fieldline_trace.api.faults import fault_of

            name = msgspec.json.decode(raw).get("id")
            raise Rejected(fault_of({**receipt, "value": f"{receipt['value']} of {name}"}))
