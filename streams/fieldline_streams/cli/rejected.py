"""``fieldline rejected``: what was refused, and why."""

from __future__ import annotations

from typing import Annotated

import typer

from fieldline_streams.cli import views
from fieldline_streams.cli.session import Json, session_of


def add(app: typer.Typer) -> None:
    """Put the commands into ``app``."""
    group = typer.Typer(no_args_is_help=True, help="What was refused, and why.", rich_markup_mode=None)
    group.command("list", epilog="Example: fieldline rejected list --limit 10")(rejected_list)
    group.command("show", epilog="Example: fieldline rejected show 17")(rejected_show)
    app.add_typer(group, name="rejected")


def rejected_list(
    context: typer.Context,
    sender: Annotated[str | None, typer.Option(help="Of this sender alone.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Most that are listed, the latest first.")] = 50,
    as_json: Json = False,
) -> None:
    """What was refused, the latest first: field, value and rule of each."""
    session = session_of(context)
    answer = session.ask("rejected list", {"sender": sender, "limit": limit}, as_json=as_json)
    if as_json:
        session.print_json(answer)
        return
    views.rejected_list(session.out, answer)


def rejected_show(
    context: typer.Context,
    number: Annotated[int, typer.Argument(help="Its number, as receipts and the list name it.")],
    as_json: Json = False,
) -> None:
    """One that was refused, with all of what was handed in: to mend it and hand it in again."""
    session = session_of(context)
    answer = session.ask("rejected show", {"rejected": number}, as_json=as_json)
    if as_json:
        session.print_json(answer)
        return
    fields = ("id", "received", "sender", "channel", "status", "field", "value", "rule")
    session.out.print(views.table(("", ""), [(name, answer[name]) for name in fields]))
    session.out.print(answer["raw"], markup=False, soft_wrap=True)
