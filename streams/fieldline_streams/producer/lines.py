"""A stream of lines to Kafka, counted as one that is handed in by HTTP is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable

from fieldline_schemas.faults import Fault
from fieldline_trace.api.faults import fault_said
from fieldline_trace.errors import Unavailable
from fieldline_trace.settings import Settings

from fieldline_streams.gateway import key_of
from fieldline_streams.sending import RETRY_SECONDS, Refusal, Summary, chunks_of

from .producer import Producer


async def produce_lines(
    settings: Settings, lines: Iterable[bytes], *, told: Callable[[Summary], None] = lambda _: None
) -> Summary:
    """Write every line that is not blank to its topic, signed with the key of ``settings``, or under their sender and
    role where there is none. What cannot be read is refused here, and not sent. ``Unavailable`` where the broker stays
    away."""
    summary = Summary()
    began = time.monotonic()
    key = key_of(settings) or None
    async with Producer.opened(settings, key=key, sender=settings.sender, role=settings.role) as producer:
        chunks = chunks_of(lines, summary)
        while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
            for (line, _), placed in zip(chunk, await _until_placed(producer, [raw for _, raw in chunk]), strict=True):
                if isinstance(placed, Fault):
                    summary.refuse(Refusal(line, **fault_said(placed)))
                else:
                    summary.accepted += 1
            summary.seconds = time.monotonic() - began
            told(summary)
    summary.seconds = time.monotonic() - began
    return summary


async def _until_placed(producer: Producer, raws: list[bytes]) -> list[object]:
    deadline = time.monotonic() + RETRY_SECONDS
    while True:
        try:
            return list(await producer.send_all(raws))
        except Unavailable:
            if time.monotonic() > deadline:
                raise
