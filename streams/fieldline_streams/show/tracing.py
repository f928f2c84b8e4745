"""``python -m fieldline_streams.show.tracing DATA_DIR KNOWN SECONDS RATE``: traces lots of the trade at a steady rate,
forward and back in turn; prints, as JSON, what :meth:`Steady.said` has."""

from __future__ import annotations

import json
import random
import sys
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

from fieldline_streams.show.chain import events
from fieldline_streams.show.steady import Answered, Steady, requests_to


def trace(data_dir: Path, known: int, seconds: int, rate: int) -> Steady:
    """Trace lots of the first ``known`` events."""
    raws = list(events(known, datetime.now(UTC).date(), fails=0.0))
    lots = [json.loads(raw)["out_batches"][0]["batch"] for raw in raws if b'"transformed"' in raw]
    chance = random.Random(7)  # noqa: S311  (no secret: the same lots each time)
    send = requests_to(data_dir, {})

    def ask(number: int) -> Answered:
        asked = {"batch": chance.choice(lots), "direction": ("back", "forward")[number % 2]}
        return send("GET", f"/v1/trace?{urlencode(asked)}", None, 200)

    return Steady.kept(ask, seconds * rate, 1 / rate)


if __name__ == "__main__":
    done = trace(Path(sys.argv[1]), *(int(text) for text in sys.argv[2:5]))
    sys.stdout.write(json.dumps(done.said()) + "\n")
