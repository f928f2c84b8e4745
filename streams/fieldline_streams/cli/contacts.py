"""``fieldline contacts``: contact chains between sites, as veterinary tracing asks for them."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import Console

from fieldline_streams.cli import views
from fieldline_streams.cli.asking import tell
from fieldline_streams.cli.session import AsOf, AtPosition, Json

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
    asked = {"site": site, "until": until, "days": days, "since": since, "product": product}

    def shown(out: Console, answer: dict[str, Any]) -> None:
        _shown(out, answer, None if every else views.SHORT)

    tell(context, "contacts", asked, shown, at_position, as_of, as_json)


def _shown(out: Console, answer: dict[str, Any], short: int | None) -> None:
    out.print(f"{answer['site']}, {answer['since']} to {answer['until']}, as known at position {answer['position']}:")
    for direction, degree in (("ingoing", "in_degree"), ("outgoing", "out_degree")):
        chain = answer[direction]
        out.print(f"{direction}: {views.counted(len(chain), 'site')}, {answer[degree]} of them directly")
        views.limited(out, COLUMNS, [_row(contact) for contact in chain], short, "sites")


def _row(contact: dict[str, Any]) -> tuple[str, str, str, str]:
    return contact["site"], str(contact["distance"]), contact["operator"] or "", contact["time"]
