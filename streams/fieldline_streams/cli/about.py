"""``fieldline schema`` and ``settings``: what may be said, and what may be set."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer
from fieldline_trace.settings import Settings

from fieldline_streams.cli import views
from fieldline_streams.cli.session import Json, session_of


def add(app: typer.Typer) -> None:
    """Put the commands into ``app``."""
    app.command(epilog="Example: fieldline schema sheet shipped received -o deliveries.xlsx")(schema)
    app.command(epilog="Example: FIELDLINE_CAPTURE_WINDOW_MS=20 fieldline settings")(settings)


def schema(
    context: typer.Context,
    kind: Annotated[
        str | None, typer.Argument(help="A kind of event, or the word sheet; none lists the kinds.")
    ] = None,
    kinds: Annotated[list[str] | None, typer.Argument(help="After sheet: the kinds that it is for.")] = None,
    form: Annotated[str | None, typer.Option("--format", help="Of a sheet: csv or xlsx. Default: as -o says.")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="The file to write.", dir_okay=False)] = None,
    as_json: Json = False,
) -> None:
    """The JSON Schema of a kind of event, or the kinds that there are; with sheet, a spreadsheet to fill in and `emit`,
    with an example and what each column means."""
    session = session_of(context)
    from fieldline_schemas.json_schema import schema_of
    from fieldline_schemas.registry import KINDS

    from fieldline_streams.cli import sheets

    if kind == "sheet":
        sheets.write_template(session, kinds or [], form, output, as_json=as_json)
        return
    if kinds or form or output:
        raise typer.BadParameter("only fieldline schema sheet KIND takes more")
    if kind is None:
        rows = [(name, _first_sentence(model.__doc__ or "")) for name, model in sorted(KINDS.models.items())]
        if as_json:
            session.print_json([{"kind": name, "what": what} for name, what in rows])
        else:
            session.out.print(views.table(("kind", "what"), rows))
        return
    if kind not in KINDS.models:
        raise typer.BadParameter(f"there is no kind {kind!r}; there are {', '.join(sorted(KINDS.models))}")
    session.print_json(schema_of(kind))


def settings(context: typer.Context, as_json: Json = False) -> None:
    """All settings, each with its value and what it means. They are read from the environment."""
    session = session_of(context)
    rows = [
        (f"FIELDLINE_{name.upper()}", _shown(getattr(session.settings, name)), field.description)
        for name, field in Settings.model_fields.items()
    ]
    if as_json:
        session.print_json(
            [
                {"setting": name, "value": None if value is None else str(value), "what": what}
                for name, value, what in rows
            ]
        )
    else:
        session.out.print(views.table(("setting", "value", "what"), rows))


def _shown(value: object) -> object:
    """A setting as it may be shown: without the password that an address may hold."""
    return re.sub(r"(?<=://)([^/:@]*):[^/@]+(?=@)", r"\1:…", value) if isinstance(value, str) else value


def _first_sentence(said: str) -> str:
    """The first sentence of a docstring, in one line and without its marks of code."""
    return " ".join(said.split()).replace("``", "").partition(". ")[0].rstrip(".") + "."
