"""``python -m fieldline_streams.show.load DATA_DIR SKIP COUNT RATE``: hands events in at a steady rate; prints the
rate kept.

A process of its own with as little of its own as can be, so that who measures beside it, on the same few cores, is not
slowed down by it.
"""

from __future__ import annotations

import http.client
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from fieldline_trace.errors import Unavailable

from fieldline_streams.embedded.directory import DataDirectory
from fieldline_streams.show.chain import events

TICK_SECONDS, UNDER_WAY = 0.01, 12
"""A few events each tick; so many requests at once."""


def load(data_dir: Path, skip: int, count: int, rate: int) -> float:
    """Hand ``count`` events of the trade in, those after the first ``skip``; the events a second that were kept."""
    service = DataDirectory(data_dir).service()
    if service is None:
        raise Unavailable(f"no service answers for {data_dir}")
    raws = list(events(skip + count, datetime.now(UTC).date(), fails=0.0))[skip:]
    size = max(1, int(rate * TICK_SECONDS))
    headers = {
        "authorization": f"Bearer {service.key}",
        "content-type": "application/x-ndjson",
        "x-fieldline-sender": "trade",
    }
    mine = threading.local()

    def send(part: list[bytes]) -> None:
        if not hasattr(mine, "connection"):
            mine.connection = http.client.HTTPConnection(urlsplit(service.address).netloc)
        mine.connection.request("POST", "/v1/events", b"\n".join(part), headers)
        answer = mine.connection.getresponse()
        answer.read()
        if answer.status != 202:
            raise Unavailable(f"the service answers {answer.status}")

    began = time.monotonic()
    with ThreadPoolExecutor(UNDER_WAY) as sending:
        sent = []
        for number, start in enumerate(range(0, len(raws), size)):
            ahead = began + number * TICK_SECONDS - time.monotonic()
            if ahead > 0:
                time.sleep(ahead)
            sent.append(sending.submit(send, raws[start : start + size]))
        for done in sent:
            done.result()
    return count / (time.monotonic() - began)


if __name__ == "__main__":
    sys.stdout.write(f"{load(Path(sys.argv[1]), *(int(text) for text in sys.argv[2:5])):.1f}\n")
