"""``fieldline scenario``: play an incident that happened, and hold the end to the truth."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from fieldline_schemas.messages import language
from rich.console import Console

from fieldline_streams.cli.session import FOUND_FAULT, WRONG_USE, Json, Session, session_of
from fieldline_streams.gateway import HttpGateway
from fieldline_streams.scenario.hold import differences
from fieldline_streams.scenario.play import Picture, played
from fieldline_streams.scenario.story import DEFAULT_FOLDER, Story, names, read_story

Folder = Annotated[Path, typer.Option(help="Where the scenarios are.")]


def add(app: typer.Typer) -> None:
    """Put the commands into ``app``."""
    group = typer.Typer(
        name="scenario", help="Incidents that happened, played and held to the truth.", no_args_is_help=True
    )
    group.command("list", epilog="Example: fieldline scenario list")(list_)
    group.command(epilog="Example: fieldline scenario run sprouts-2011 --check")(run)
    app.add_typer(group)


def list_(context: typer.Context, folder: Folder = DEFAULT_FOLDER, as_json: Json = False) -> None:
    """The scenarios there are, and how many events each has."""
    session = session_of(context)
    stories = [_read(session, folder, name) for name in names(folder)]
    rows = [
        {"scenario": story.name, "title": getattr(story.about.title, language()), "events": len(story.lines)}
        for story in stories
    ]
    if as_json:
        session.print_json({"scenarios": rows})
        return
    from fieldline_streams.cli.views import show

    columns = ("scenario", "events", "what")
    show(session.out, columns, [(row["scenario"], str(row["events"]), row["title"]) for row in rows])


def run(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Which; fieldline scenario list names them.")],
    folder: Folder = DEFAULT_FOLDER,
    shuffle: Annotated[int | None, typer.Option(help="Play all events in an order by this seed, some twice.")] = None,
    speed: Annotated[float, typer.Option(min=0, help="1: two seconds between parts; 0: none.")] = 0.0,
    check: Annotated[bool, typer.Option("--check", help="Exit 1 where the end is not the truth's.")] = False,
    here: Annotated[
        bool,
        typer.Option("--here", help="Play into the service or data directory at hand; else apart."),
    ] = False,
) -> None:
    """Play a scenario: what was known when, which alert, which scope, which source ranked where."""
    session = session_of(context)
    story = _read(session, folder, name)
    with _stage(session, here=here) as stage:
        differing = stage.run(lambda found: _play(stage, found, story, shuffle=shuffle, speed=speed, check=check))
    for line in differing:
        session.err.print(line, markup=False)
    if differing:
        raise typer.Exit(FOUND_FAULT)
    if check:
        session.out.print(f"{story.name}: the end is the truth's")


def _read(session: Session, folder: Path, name: str) -> Story:
    try:
        return read_story(folder, name)
    except (LookupError, OSError, msgspec.MsgspecError) as error:
        session.err.print(f"{name}: {error.args[0] if isinstance(error, LookupError) else error}", markup=False)
        raise typer.Exit(WRONG_USE) from None


async def _play(
    session: Session, found: HttpGateway, story: Story, *, shuffle: int | None, speed: float, check: bool
) -> list[str]:
    out = session.out
    out.print(f"[bold]{getattr(story.about.title, language())}[/]")
    out.print(story.about.about, markup=False)
    async for picture in played(found, story, shuffle=shuffle, speed=speed):
        shown(out, picture)
    return await differences(found, story) if check else []


@contextmanager
def _stage(session: Session, *, here: bool) -> Iterator[Session]:
    """The session, or the same on a data directory of its own, which goes away with it."""
    if here:
        yield session
        return
    with tempfile.TemporaryDirectory(prefix="fieldline-scenario-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)  # PostgreSQL works under another user where root started it
        apart = {"data_dir": Path(folder) / "data", "database_url": None, "url": None}
        yield replace(session, settings=session.settings.model_copy(update=apart))


def shown(out: Console, picture: Picture) -> None:
    """One picture, in a few lines."""
    out.print(f"\n[bold]{_plain(picture.part)}[/] ({picture.events} events, position {picture.position})")
    for alert in picture.new:
        out.print(f"  + {alert['severity']} {alert['rule']} {alert['text']}", markup=False)
    for alert in picture.gone:
        out.print(f"  - {alert['rule']} {alert['subject']} stands no longer", markup=False)
    for scope in picture.scopes:
        out.print(f"  {_scope_said(scope)}", markup=False)
    for rank, source in enumerate(picture.sources[:3], 1):
        explains = f"{source['share']:.0%} of the clusters"
        out.print(f"  source {rank}: lot {source['lot']} of {', '.join(source['products'])}, {explains}", markup=False)


def _scope_said(scope: dict[str, Any]) -> str:
    about = scope["lot"] or scope["title"]
    return (
        f"scope of {about} ({scope['status']}, version {scope['version']}): "
        f"{scope['members']} holdings, {scope['definite']} definite"
    )


def _plain(text: str) -> str:
    return text.replace("[", "\\[")
