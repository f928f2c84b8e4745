"""``fieldline serve``: the service that other commands find."""

from __future__ import annotations

import asyncio

import typer
from fieldline_trace.errors import FieldlineError

from fieldline_streams.cli.session import session_of
from fieldline_streams.embedded.directory import Service


def add(app: typer.Typer) -> None:
    """Put the command into ``app``."""
    app.command(epilog="Example: FIELDLINE_DATA_DIR=./data fieldline serve")(serve)


def serve(context: typer.Context) -> None:
    """Run fieldline on the data directory until SIGTERM: PostgreSQL, capture, judge, and the HTTP door.

    With FIELDLINE_KAFKA set it is a replica instead: workers capture and judge, and any number of replicas answer.

    Other commands of the same user find it by service.json in the data directory. One process a directory: a second is
    refused (3). The first time it makes an administrator's key and prints it, once.
    """
    session = session_of(context)
    from fieldline_streams.log import configure

    configure(session.settings)

    def told(service: Service) -> None:
        session.out.print(f"ready: {service.address} (process {service.pid}, data in {session.settings.data_dir})")
        if service.administrator:
            session.out.print(
                f"the first administrator's key, shown this once: {service.administrator}", markup=False, soft_wrap=True
            )

    from fieldline_streams.embedded.serve import serve as run

    try:
        asyncio.run(run(session.settings, told))
    except FieldlineError as error:
        session.fail(error)
