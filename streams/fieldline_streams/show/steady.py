"""Requests at a steady rate, whether or not those before were answered, and how long each took.

The clock of a request begins when it was due, not when it was sent: a service that stalls cannot hide it by keeping
those who would have asked waiting.
"""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fieldline_trace.errors import Unavailable

from fieldline_streams.embedded.directory import DataDirectory

UNDER_WAY = 12
"""Requests at once."""
Answered = str
"""What went wrong with a request; empty where nothing did."""


@dataclass(slots=True)
class Steady:
    """What became of requests at a steady rate."""

    seconds: float = 0.0
    milliseconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @classmethod
    def kept(cls, ask: Callable[[int], Answered], count: int, every_seconds: float) -> Steady:
        """Call ``ask(0)``, ``ask(1)`` … ``count`` times, one each ``every_seconds``."""
        steady, began = cls(), time.monotonic()

        def one(number: int) -> tuple[float, str]:
            due = began + number * every_seconds
            trouble = ask(number)
            return 1000 * (time.monotonic() - due), trouble

        with ThreadPoolExecutor(UNDER_WAY) as asking:
            sent: list[Future[tuple[float, str]]] = []
            for number in range(count):
                ahead = began + number * every_seconds - time.monotonic()
                if ahead > 0:
                    time.sleep(ahead)
                sent.append(asking.submit(one, number))
            for done in sent:
                took, trouble = done.result()
                steady.milliseconds.append(took)
                if trouble:
                    steady.errors.append(trouble)
        steady.seconds = time.monotonic() - began
        return steady

    def said(self, count: int | None = None) -> dict[str, Any]:
        """``{"rate", "p50", "p99", "errors", "trouble"}``: ``count`` things (requests, if not said) a second,
        milliseconds, how many went wrong, and the first of these."""
        return {
            "rate": (len(self.milliseconds) if count is None else count) / self.seconds,
            "p50": percentile(self.milliseconds, 50),
            "p99": percentile(self.milliseconds, 99),
            "errors": len(self.errors),
            "trouble": self.errors[0] if self.errors else "",
        }


def percentile(values: list[float], percent: int) -> float:
    """The value that ``percent`` of ``values`` do not exceed, to a tenth; 0 of none."""
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, len(ordered) * percent // 100)], 1) if ordered else 0.0


def requests_to(data_dir: Path, headers: dict[str, str]) -> Callable[[str, str, bytes | None, int], Answered]:
    """``send(method, path, body, status)`` to the service on ``data_dir``, with one connection a thread; says what was
    wrong if the answer is not of that status. ``Unavailable`` where no service answers."""
    service = DataDirectory(data_dir).service()
    if service is None:
        raise Unavailable(f"no service answers for {data_dir}")
    where, said = urlsplit(service.address).netloc, {"authorization": f"Bearer {service.key}", **headers}
    mine = threading.local()

    def send(method: str, path: str, body: bytes | None, status: int) -> Answered:
        if not hasattr(mine, "connection"):
            mine.connection = http.client.HTTPConnection(where, timeout=60)
        try:
            mine.connection.request(method, path, body, said)
            answer = mine.connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException) as error:
            mine.connection.close()
            return f"{type(error).__name__}: {error}"
        return "" if answer.status == status else f"{answer.status}: {text[:300]!r}"

    return send
