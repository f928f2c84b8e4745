"""``fieldline access``: who read whose data."""

from __future__ import annotations

from typing import Annotated

import typer

from fieldline_streams.cli import views
from fieldline_streams.cli.session import Json, session_of

COLUMNS = ("at", "sender", "role", "key", "operation", "subject", "whose")


def add(app: typer.Typer) -> None:
    """Put the commands into ``app``."""
    group = typer.Typer(no_args_is_help=True, help="Who read whose data.", rich_markup_mode=None)
    group.command("list", epilog="Example: fieldline access list --whose hof-1")(listed)
    app.add_typer(group, name="access")


def listed(
    context: typer.Context,
    whose: Annotated[str | None, typer.Option(help="Of this sender's or operator's data alone.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Most that are listed, the latest first.")] = 50,
    before: Annotated[int | None, typer.Option(min=0, help="Those before this number.")] = None,
    as_json: Json = False,
) -> None:
    """Each reading of another's data, the latest first: administrators see all, others who read their own."""
    session = session_of(context)
    said = (("limit", limit), ("whose", whose), ("before", before))
    query = [(name, str(value)) for name, value in said if value is not None]
    answer = session.call("GET", "/v1/access", query, as_json=as_json)
    if as_json:
        session.print_json(answer)
        return
    rows = [[*(row[name] for name in COLUMNS[:-1]), views.first_of(row["whose"])] for row in answer["accesses"]]
    views.show(session.out, COLUMNS, rows)
