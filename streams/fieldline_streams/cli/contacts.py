"""``fieldline contacts``: contact chains between sites, as veterinary tracing asks for them."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from fieldline_streams.cli import views
from fieldline_streams.cli.session import AsOf, AtPosition, Json, moment_of, session_of

COLUMNS = ("site", "moves away", "operator", "time")


def add(app: typer.Typer) -> None:
    """Put the command into ``app``."""
    app.command(epilog="Example: fieldline contacts farm-7 --until 2025-03-31 --days 60")(contacts)


def contacts(
    context: typer.Context,
    site: Annotated[str, typer.Argument(help="Whose contacts.")],
    until: Annotated[str | None, typer.Option(help="Last day of the window; else now.")] = None,
    days: Annotated[int, typer.Option(min=1, help="Length of the window in days.")] = 90,
    since: Annotated[str | None, typer.Option(help="First day of the window, in place of --days.")] = None,
    product: Annotated[str | None, typer.Option(help="Moves of this product alone: ISSUER/PRODUCT.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All rows, however many.")] = False,
    at_position: AtPosition = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Which sites could have passed something on to a site, and to which it could have, by moves within a window.

    A chain is a row of moves, each at or after the one before. Moves of one day follow each other in any order.
    """
    session = session_of(context)
    asked = {"site": site, "until": until, "days": days, "since": since, "product": product}
    answer = session.ask(
        "contacts",
        {name: value for name, value in asked.items() if value is not None},
        as_json=as_json,
        moment=moment_of(at_position, as_of),
    )
    if as_json:
        session.print_json(answer)
        return
    out = session.out
    out.print(f"{answer['site']}, {answer['since']} to {answer['until']}, as known at position {answer['position']}:")
    for direction, degree in (("ingoing", "in_degree"), ("outgoing", "out_degree")):
        chain = answer[direction]
        out.print(f"{direction}: {views.counted(len(chain), 'site')}, {answer[degree]} of them directly")
        rows = [_row(contact) for contact in chain]
        views.limited(out, COLUMNS, rows, None if every else views.SHORT, "sites")


def _row(contact: dict[str, Any]) -> tuple[str, str, str, str]:
    return contact["site"], str(contact["distance"]), contact["operator"] or "", contact["time"]
