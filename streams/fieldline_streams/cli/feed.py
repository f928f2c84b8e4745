"""``fieldline feed``: what the judge writes, as it comes."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Any

import typer

from fieldline_streams.cli.session import session_of
from fieldline_streams.gateway import HttpGateway

QUIET_SECONDS = 10.0
"""``--once`` ends when so long nothing came: positions are told each second."""
BEGINNING = "0.0"


def add(app: typer.Typer) -> None:
    """Put the command into ``app``."""
    app.command(epilog="Example: fieldline feed --since 0.0 --once")(feed)


def feed(
    context: typer.Context,
    since: Annotated[
        str | None, typer.Option(metavar="ID", help="Resume after the line with this id; 0.0 is from the beginning.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="End when all that is there has come.")] = False,
) -> None:
    """Changes of alerts, versions of scopes and ledger positions as they come: one JSON object a line.

    Each has the id to resume after. Without --since from now on; nothing is left out, and nothing comes twice.
    """
    session = session_of(context)

    async def work(found: HttpGateway) -> None:
        begin = BEGINNING if once and since is None else since
        if not once:
            async with aclosing(found.feed(begin)) as items:
                async for item in items:
                    _print(item)
            return
        reached = int((await found.call("GET", "/health/ready"))["position"])
        async with aclosing(found.feed(begin)) as items:
            await _until(items, reached)

    session.run(work)


async def _until(items: AsyncGenerator[dict[str, Any], None], reached: int) -> None:
    """Print items up to the one that says that all up to ``reached`` came."""
    while reached:
        try:
            item = await asyncio.wait_for(anext(items), QUIET_SECONDS)
        except (TimeoutError, StopAsyncIteration):
            return
        _print(item)
        if item["kind"] == "position" and item["position"] >= reached:
            return


def _print(item: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(item, ensure_ascii=False) + "\n")
    sys.stdout.flush()
