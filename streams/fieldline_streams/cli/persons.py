"""``fieldline person``: who is meant by a pseudonym, and forgetting it."""

from __future__ import annotations

from typing import Annotated

import typer

from fieldline_streams.cli import views
from fieldline_streams.cli.session import Json, session_of

Pseudonym = Annotated[str, typer.Argument(help="As events and answers name the person: person-…")]


def add(app: typer.Typer) -> None:
    """Put the commands into ``app``."""
    group = typer.Typer(no_args_is_help=True, help="Who is meant by a pseudonym.", rich_markup_mode=None)
    group.command("show", epilog="Example: fieldline person show person-0a1b2c3d4e5f60718293a4b5c6d7e8f9")(person_show)
    group.command(
        "erase", epilog='Example: fieldline person erase person-0a1b… --reason "asked for it on 3 March, file 17"'
    )(person_erase)
    app.add_typer(group, name="person")


def person_show(context: typer.Context, pseudonym: Pseudonym, as_json: Json = False) -> None:
    """Who it is. The ledger and all answers name the pseudonym alone."""
    session = session_of(context)
    answer = session.ask("person show", {"pseudonym": pseudonym}, as_json=as_json)
    if as_json:
        session.print_json(answer)
        return
    erased = answer["erased"]
    rows = [("pseudonym", answer["pseudonym"]), ("since", answer["since"])]
    rows += [("value", answer["value"])] if not erased else []
    rows += [("erased", f"{erased['at']} by {erased['by']}: {erased['reason']}")] if erased else []
    session.out.print(views.table(("", ""), rows))


def person_erase(
    context: typer.Context,
    pseudonym: Pseudonym,
    reason: Annotated[str, typer.Option(help="Why it is forgotten.")],
    as_json: Json = False,
) -> None:
    """Forget who it is, also in what was refused. The events that name the pseudonym stay, and so does every hash."""
    session = session_of(context)
    asked = {"pseudonym": pseudonym, "reason": reason, "by": session.sender}
    answer = session.ask("person erase", asked, as_json=as_json)
    if as_json:
        session.print_json(answer)
    else:
        session.out.print(
            f"{pseudonym} is erased, and the text of {answer['refused']} refused inputs that named it", markup=False
        )
