"""``fieldline topics``: the topics on Kafka, held against how they are declared, and made where they are missing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer
from fieldline_trace.errors import FieldlineError

from fieldline_streams.cli import views
from fieldline_streams.cli.session import FOUND_FAULT, Json, session_of

if TYPE_CHECKING:
    from fieldline_streams.kafka.topics import Found


def add(app: typer.Typer) -> None:
    """Put the command into ``app``."""
    app.command(epilog="Example: FIELDLINE_KAFKA=kafka:9092 fieldline topics --create")(topics)


def topics(
    context: typer.Context,
    create: Annotated[bool, typer.Option("--create", help="Make those that are missing first.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Exit code 1 where one is missing or differs.")] = False,
    again: Annotated[
        list[str] | None,
        typer.Option("--again", metavar="TOPIC", help="Have the workers read it from its beginning; may be repeated."),
    ] = None,
    grant: Annotated[
        bool, typer.Option("--grant", help="Let the services' users do what they need (ACLs), and tell what.")
    ] = False,
    as_json: Json = False,
) -> None:
    """The topics that fieldline uses on the broker of FIELDLINE_KAFKA: key, partitions, how long messages are kept, and
    in what each differs from that. What differs is left as it is: to change it is for whoever runs the broker."""
    session = session_of(context)
    from fieldline_schemas.topics import EVENTS

    from fieldline_streams.kafka import topics as kafka

    names = [topic.name for topic in EVENTS]
    for name in again or ():
        if name not in names:
            raise typer.BadParameter(f"{name!r} is none of {', '.join(names)}", param_hint="--again")

    async def asked() -> tuple[list[str], list[Found]]:
        made = await kafka.create(session.settings) if create else []
        if grant:
            from fieldline_streams.kafka.access import grant as granting

            for one in await granting(session.settings):
                session.err.print(f"{one.user} may {one.operation} {one.resource} {one.name}", markup=False)
        if again:
            await kafka.read_again(session.settings, again)
        return made, await kafka.check(session.settings)

    try:
        made, found = asyncio.run(asked())
    except FieldlineError as error:
        session.fail(error, as_json=as_json)
    if as_json:
        session.print_json(
            [
                {
                    "name": one.name,
                    "what": one.topic.what,
                    "key": one.topic.key,
                    "partitions": one.topic.partitions,
                    "days": one.topic.days,
                    "compact": one.topic.compact,
                    "made": one.name in made,
                    "differs": list(one.differs),
                }
                for one in found
            ]
        )
    else:
        rows = [(one.name, one.topic.key, str(one.topic.partitions), _kept(one), _said(one, made)) for one in found]
        session.out.print(views.table(("topic", "key", "partitions", "kept", ""), rows))
    if check and any(one.differs for one in found):
        raise typer.Exit(FOUND_FAULT)


def _kept(one: Found) -> str:
    if one.topic.compact:
        return "the last of each key"
    return "for ever" if one.topic.days is None else f"{one.topic.days} days"


def _said(one: Found, made: list[str]) -> str:
    if one.differs:
        return ", ".join(one.differs)
    return "made" if one.name in made else "as declared"
