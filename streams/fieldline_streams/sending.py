"""Hands in many events: reads a stream, keeps a few requests under way, and counts what became of each line."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from fieldline_trace.api.faults import fault_of, fault_said
from fieldline_trace.errors import Unavailable

from fieldline_streams.gateway import Gateway

CHUNK_EVENTS, CHUNK_BYTES = 2000, 8_000_000
"""Most events and bytes of one request."""
UNDER_WAY = 3
"""Requests at once: one is written, one is read, one waits."""
RETRY_SECONDS = 30.0
"""How long an unavailable service is tried again, with growing pauses. Handing in again is safe: what was taken is
recognized."""
SHOWN_REFUSALS = 1000
"""Refusals that a summary keeps in full; more are counted. All are kept by the service."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that was not taken."""

    line: int
    field: str
    value: str
    rule: str
    rule_code: str = ""
    arguments: Mapping[str, Any] | None = None
    rejected: int | None = None
    where: str = ""
    """Where it stands, for people; empty: the line says it."""
    place: dict[str, Any] | None = None
    """The same for programs: sheet, row and column of a spreadsheet."""

    def text(self) -> str:
        """``field: value: rule``, empty parts left out."""
        return ": ".join(part for part in (self.field, self.value, self.rule) if part)

    def said(self) -> dict[str, Any]:
        """As JSON-ready values."""
        return {
            "line": self.line,
            "rejected": self.rejected,
            "field": self.field,
            "value": self.value,
            "rule": self.rule,
            "rule_code": self.rule_code,
            "arguments": dict(self.arguments or {}),
            **(self.place or {}),
        }


@dataclass(slots=True)
class Summary:
    """What became of a stream of lines. ``position`` is the last that something was taken at."""

    unit: str = "line"
    lines: int = 0
    bytes: int = 0
    accepted: int = 0
    repeated: int = 0
    variants: int = 0
    refused: int = 0
    position: int | None = None
    seconds: float = 0.0
    refusals: list[Refusal] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Events a second."""
        return (self.accepted + self.repeated + self.variants + self.refused) / self.seconds if self.seconds else 0.0

    def count(self, line: int, receipt: dict[str, Any]) -> None:
        """Add the receipt of the event at ``line``."""
        outcome = receipt["outcome"]
        if outcome == "refused":
            fault = fault_said(fault_of(receipt))
            self.refuse(Refusal(line, **fault, rejected=receipt["rejected"]))
            return
        if outcome == "accepted":
            self.accepted += 1
        elif outcome == "variant":
            self.variants += 1
        else:
            self.repeated += 1
        if "position" in receipt:
            self.position = max(self.position or 0, receipt["position"])

    def refuse(self, refusal: Refusal) -> None:
        """Add a line that was not taken."""
        self.refused += 1
        if len(self.refusals) < SHOWN_REFUSALS:
            self.refusals.append(refusal)

    def said(self) -> dict[str, Any]:
        """``{"lines", "accepted", "repeated", "conflicting", "refused", "refusals", "position", "seconds",
        "rate"}``."""
        return {
            "lines": self.lines,
            "accepted": self.accepted,
            "repeated": self.repeated,
            "conflicting": self.variants,
            "refused": self.refused,
            "refusals": [refusal.said() for refusal in sorted(self.refusals, key=lambda refusal: refusal.line)],
            "position": self.position,
            "seconds": round(self.seconds, 3),
            "rate": round(self.rate, 1),
        }


def lines_of(events: Iterable[Mapping[str, Any]]) -> list[bytes]:
    """Events as they are handed in, one a line."""
    return [json.dumps(event, ensure_ascii=False).encode() for event in events]


async def send_lines(
    found: Gateway,
    lines: Iterable[bytes],
    *,
    sender: str,
    role: str,
    history: bool = False,
    unit: str = "line",
    told: Callable[[Summary], None] = lambda _: None,
) -> Summary:
    """Hand in every line that is not blank, and count. ``Unavailable`` where the service stays away."""
    summary = Summary(unit)
    began = time.monotonic()

    async def send(chunk: list[tuple[int, bytes]]) -> None:
        receipts = await _until_taken(found, [raw for _, raw in chunk], sender, role, history)
        for (line, _), receipt in zip(chunk, receipts, strict=True):
            summary.count(line, receipt)

    under_way: set[asyncio.Task[None]] = set()
    try:
        chunks = chunks_of(lines, summary)
        # In a thread, since a pipe may keep us waiting for its next line while receipts come in.
        while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
            if len(under_way) >= UNDER_WAY:
                done, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
                summary.seconds = time.monotonic() - began
                told(summary)
            under_way.add(asyncio.create_task(send(chunk)))
        for task in [*under_way]:
            await task
    finally:
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
    summary.seconds = time.monotonic() - began
    summary.refusals.sort(key=lambda refusal: refusal.line)
    told(summary)
    return summary


async def _until_taken(
    found: Gateway, raws: list[bytes], sender: str, role: str, history: bool
) -> list[dict[str, Any]]:
    pause, deadline = 0.05, time.monotonic() + RETRY_SECONDS
    while True:
        try:
            return await found.hand_in(raws, sender=sender, role=role, history=history)
        except Unavailable:
            if time.monotonic() + pause > deadline:
                raise
            await asyncio.sleep(pause)
            pause = min(2 * pause, 2.0)


def chunks_of(lines: Iterable[bytes], summary: Summary) -> Iterator[list[tuple[int, bytes]]]:
    """What is not blank among ``lines``, numbered, in parts that one request may hold; counts lines and bytes."""
    chunk: list[tuple[int, bytes]] = []
    size = 0
    for number, line in enumerate(lines, 1):
        summary.lines = number
        summary.bytes += len(line)
        raw = line.removeprefix(b"\xef\xbb\xbf").strip() if number == 1 else line.strip()
        if not raw:
            continue
        chunk.append((number, raw))
        size += len(raw)
        if len(chunk) >= CHUNK_EVENTS or size >= CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk
