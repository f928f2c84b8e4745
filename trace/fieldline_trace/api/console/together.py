"""Who asks for the same page at the same moment, with the same eyes, gets one answer: it is made once, and each reading
is written down. What was begun before somebody acted by a form is shown to nobody who comes after."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from fastapi.responses import Response

from fieldline_trace.api.console.asking import Visit
from fieldline_trace.api.console.page import Page

View = Callable[..., Awaitable[Page | Response]]


class Together:
    """The pages that are being made."""

    def __init__(self) -> None:
        self._making: dict[Any, tuple[Visit, asyncio.Task[Page | Response]]] = {}
        self._acts = 0
        self.joined = 0
        """Visits that were answered with a page that was being made for another."""

    def acted(self) -> None:
        """Somebody acted: what is asked for from now on is made anew."""
        self._acts += 1

    async def made(self, view: View, visit: Visit, parameters: dict[str, Any]) -> Page | Response:
        """What ``view`` shows to ``visit``."""
        caller, url = visit.caller, visit.request.url
        door = url.scheme, url.netloc  # a label says at which address it is read
        key = replace(caller, key_id=""), caller.local, door, url.path, url.query, visit.spoken, self._acts
        if key not in self._making:
            task = asyncio.ensure_future(view(visit, **parameters))
            self._making[key] = visit, task
            task.add_done_callback(lambda done: self._done(key, done))
            return await asyncio.shield(task)
        first, task = self._making[key]
        found = await asyncio.shield(task)
        if not isinstance(found, Page):
            return await view(visit, **parameters)
        self.joined += 1
        for operation, subject, whose in first.readings:
            await visit.access.seen(caller, operation, subject, whose)
        visit.position, visit.as_of = first.position, first.as_of
        return found

    def _done(self, key: Any, task: asyncio.Task[Page | Response]) -> None:
        del self._making[key]
        if not task.cancelled():
            task.exception()  # it is told to whoever waits; where all went away, to nobody
