"""``fieldline generate``: a network drawn at random, as events, with what truly came of one lot of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from fieldline_streams.cli.session import Json, session_of


def add(app: typer.Typer) -> None:
    """Put the command into ``app``."""
    app.command(epilog="Example: fieldline generate network.ndjson --links 10000 --seed 7")(generate)


def generate(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Where the events go, one JSON object a line.")],
    links: Annotated[
        int, typer.Option(min=1_000, max=50_000_000, help="About so many links between holdings.")
    ] = 10_000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same bytes.")] = 1,
    planted: Annotated[
        Path | None, typer.Option("--truth", help="Where to say what truly came of one lot, as JSON.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Draw a network of a food chain and write its events: lots, pools, loops, shared water, partial and missing dates.
    Nothing is sent; `import` or `emit` do that."""
    from fieldline_trace.generate import events, network, truth
    from fieldline_trace.generate.events import batch_key, site_key

    session = session_of(context)
    drawn = network(links, seed)
    with file.open("wb") as out:
        out.writelines(events(drawn, seed))
    said: dict[str, object] = {
        "events": len(drawn.steps.event),
        "links": drawn.links,
        "batches": len(drawn.product),
        "sites": len(drawn.tier),
    }
    if planted is not None:
        found = truth(drawn)
        reached = [[batch_key(drawn, batch), site_key(drawn, site)] for batch, site in found.reached.tolist()]
        lot = batch_key(drawn, found.batch)
        planted.write_bytes(msgspec.json.encode({"batch": lot, "reached": reached}) + b"\n")
        said |= {"planted": lot, "reached": len(reached)}
    if as_json:
        session.print_json(said)
    else:
        session.out.print(", ".join(f"{value} {name}" for name, value in said.items()), highlight=False)
