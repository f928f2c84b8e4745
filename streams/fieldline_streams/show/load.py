"""``python -m fieldline_streams.show.load DATA_DIR SKIP COUNT RATE FAILS``: hands events in at a steady rate; prints,
as JSON, the rate that was kept, how long the requests took and what failed.

A process of its own with as little of its own as can be, so that who measures beside it, on the same few cores, is not
slowed down by it.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from fieldline_streams.show.chain import events
from fieldline_streams.show.steady import Answered, Steady, requests_to

TICK_SECONDS = 0.01
"""A few events each tick, in one request."""
SENDER = "trade"


def load(data_dir: Path, skip: int, count: int, rate: int, fails: float) -> Steady:
    """Hand ``count`` events of the trade in, those after the first ``skip``; a share ``fails`` are failed tests."""
    raws = list(events(skip + count, datetime.now(UTC).date(), fails=fails))[skip:]
    size = max(1, int(rate * TICK_SECONDS))
    headers = {"content-type": "application/x-ndjson", "x-fieldline-sender": SENDER}
    send = requests_to(data_dir, headers)
    parts = [b"\n".join(raws[start : start + size]) for start in range(0, len(raws), size)]

    def hand_in(number: int) -> Answered:
        return send("POST", "/v1/events", parts[number], 202)

    return Steady.kept(hand_in, len(parts), TICK_SECONDS)


if __name__ == "__main__":
    began = time.monotonic()
    skip, count, rate = (int(text) for text in sys.argv[2:5])
    done = load(Path(sys.argv[1]), skip, count, rate, float(sys.argv[5]))
    sys.stdout.write(json.dumps(done.said(count)) + "\n")
