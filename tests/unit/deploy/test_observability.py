"""The page on observability says of every metric what the code says of it; logs hold numbers and no secrets."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from fieldline_streams.log import configure
from fieldline_streams.watching import tell
from fieldline_trace.metrics import Metrics, listed
from fieldline_trace.notices.posting import Poster
from fieldline_trace.settings import Settings
from fieldline_trace.store.condition import Condition

PAGE = Path(__file__).resolve().parents[3] / "docs" / "operations" / "observability.md"


def rows(first: str) -> list[list[str]]:
    """The rows of the table whose head begins so."""
    lines = PAGE.read_text("utf-8").split(f"\n| {first} |")[1].splitlines()[2:]
    table = lines[: next(number for number, line in enumerate(lines) if not line.startswith("|"))]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table]


def test_every_metric_is_documented_with_kind_unit_labels_and_meaning() -> None:
    assert rows("metric") == [
        [f"`{one.name}`", one.kind, one.unit, ", ".join(f"`{label}`" for label in one.labels), one.what]
        for one in listed()
    ]


def test_every_metric_is_ours_ends_in_its_unit_and_is_exposed() -> None:
    names = [one.name for one in listed()]
    assert len(names) == len(set(names)) == len(list(Metrics().registry.collect()))
    assert all(name.startswith("fieldline_") for name in names)
    assert [one.name for one in listed() if one.kind == "histogram" and one.unit not in ("seconds", "events")] == []


def test_how_the_whole_stands_is_told_by_every_gauge_of_it() -> None:
    metrics = Metrics()
    tell(metrics, Condition(9, 7, 6, 5, 1.5, 0.0, 3, 4, 2, tail_whole=False, skew_seconds=-0.25, stopped_at=8))

    def of(name: str, **labels: str) -> float | None:
        return metrics.registry.get_sample_value(f"fieldline_{name}", labels)

    assert of("ledger_position") == 9
    assert [of("follower_position", follower=name) for name in ("judge", "notices", "topics")] == [7, 6, 5]
    assert of("judge_behind_seconds") == 1.5
    assert of("judge_stopped_position") == 8
    assert of("rejected_open_events") == 3
    assert (of("notices_waiting"), of("notices_dead")) == (4, 2)
    assert of("chain_whole") == 0
    assert of("clock_skew_seconds") == -0.25


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What is logged as JSON while a test runs."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    out = io.StringIO()
    configure(Settings(log_format="json"), out)
    yield out
    root.handlers[:], root.level = before, level
    for name in ("mode", "faust", "aiokafka"):
        logging.getLogger(name).setLevel(logging.NOTSET)


def test_a_line_has_the_numbers_it_is_about_as_fields(logged: io.StringIO) -> None:
    logging.getLogger("fieldline.x").warning("refused: %s", "unknown_kind", extra={"position": 7, "rejected": 3})
    line = json.loads(logged.getvalue())
    assert (line["event"], line["position"], line["rejected"], line["level"], line["logger"]) == (
        "refused: unknown_kind", 7, 3, "warning", "fieldline.x",
    )  # fmt: skip
    assert line["timestamp"].endswith("Z")


@pytest.mark.parametrize(
    "secret",
    [
        "flk_5c9f6f90b8a4_XfcBzPF5E43vWfiaHdyK1-hftjP2rServHrbQST0-Y0",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLw",
        "webhook-signature: v1,MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLwabcdefghijkl0=",
        "postgresql://owner:hunter2@db/fieldline",
        "password=hunter2",
        "sasl_plain_password='hunter2'",
    ],
)
def test_a_secret_is_cut_out_of_sentence_fields_and_traceback(logged: io.StringIO, secret: str) -> None:
    try:
        raise ValueError(secret)
    except ValueError:
        logging.getLogger("fieldline.x").exception("failed with %s", secret, extra={"why": secret})
    line = logged.getvalue()
    assert "Traceback" in line
    assert not any(part in line for part in ("hunter2", "XfcBzPF5E43", "MfKQ9r8GKYq"))


def test_for_people_it_is_one_line_a_thing(logged: io.StringIO) -> None:
    configure(Settings(), logged)
    logging.getLogger("fieldline.x").info("not published", extra={"position": 7})
    assert "not published" in logged.getvalue()
    assert "position=7" in logged.getvalue()
    assert logged.getvalue().count("\n") == 1


@pytest.mark.parametrize("level", ["info", "debug"])
async def test_where_notices_are_posted_to_is_not_told(logged: io.StringIO, level: Literal["info", "debug"]) -> None:
    """Of many receivers the address is the secret."""
    configure(Settings(log_format="json", log_level=level), logged)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        writer.close()

    receiver = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = receiver.sockets[0].getsockname()[1]
    poster = Poster(seconds=5, loopback=True)
    try:
        posted = await poster.post(f"http://127.0.0.1:{port}/hooks/very-secret", "n1", b"{}", ["whsec_" + "A" * 44])
    finally:
        await poster.close()
        receiver.close()
    assert posted.arrived
    assert "very-secret" not in logged.getvalue()


def test_the_timers_of_the_framework_are_not_told_unless_everything_is(logged: io.StringIO) -> None:
    logging.getLogger("mode.timers").info("woke up too late")
    assert logged.getvalue() == ""
    configure(Settings(log_level="debug"), logged)
    logging.getLogger("mode.timers").info("woke up too late")
    assert "woke up too late" in logged.getvalue()
