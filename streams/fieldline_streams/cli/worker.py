"""``fieldline worker``: one process of those that share the work on Kafka."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from fieldline_trace.errors import FieldlineError
from fieldline_trace.settings import PARTS, Settings

from fieldline_streams.cli.session import session_of


def add(app: typer.Typer) -> None:
    """Put the command into ``app``."""
    app.command(epilog="Example: FIELDLINE_KAFKA=kafka:9092 fieldline worker --with lane,judge")(worker)


def worker(
    context: typer.Context,
    parts: Annotated[
        str | None,
        typer.Option("--with", metavar="PARTS", help=f"What it does, of {', '.join(PARTS)}. FIELDLINE_WORKER_PARTS."),
    ] = None,
    name: Annotated[
        str | None, typer.Option("--id", help="Its name, which no other worker bears. FIELDLINE_WORKER_ID.")
    ] = None,
) -> None:
    """Run a worker on Kafka and PostgreSQL until SIGTERM: capture, judge, notices, clock.

    Any number of them share the partitions; where one ends, the others take its part. It ends (exit code 3) with a word
    where a part of it cannot go on, to be started again by what looks after it.
    """
    session = session_of(context)
    from fieldline_streams.log import configure

    configure(session.settings)
    for part in (parts or "").split(",") if parts is not None else ():
        if part not in PARTS:
            raise typer.BadParameter(f"{part!r} is none of {', '.join(PARTS)}", param_hint="--with")
    given = {"worker_parts": parts, "worker_id": name}
    settings = session.settings.model_copy(update={key: value for key, value in given.items() if value is not None})

    def told(ours: Settings) -> None:
        session.out.print(f"worker {ours.worker_id} runs: {ours.worker_parts}", markup=False)

    from fieldline_streams.kafka.worker import work

    try:
        asyncio.run(work(settings, told))
    except FieldlineError as error:
        session.fail(error)
