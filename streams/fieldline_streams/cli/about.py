"""``fieldline schema`` and ``settings``: what may be said, and what may be set."""

from __future__ import annotations

from typing import Annotated

import typer
from fieldline_schemas.json_schema import schema_of
from fieldline_schemas.registry import KINDS
from fieldline_trace.settings import Settings

from fieldline_streams.cli import views
from fieldline_streams.cli.session import Json, session_of


def add(app: typer.Typer) -> None:
    """Put the commands into ``app``."""
    app.command(epilog="Example: fieldline schema transformed > transformed.schema.json")(schema)
    app.command(epilog="Example: FIELDLINE_CAPTURE_WINDOW_MS=20 fieldline settings")(settings)


def schema(
    context: typer.Context,
    kind: Annotated[str | None, typer.Argument(help="A kind of event; none lists the kinds.")] = None,
    as_json: Json = False,
) -> None:
    """The JSON Schema of a kind of event, or the kinds that there are."""
    session = session_of(context)
    if kind is None:
        rows = [(name, (model.__doc__ or "").split("\n", 1)[0]) for name, model in sorted(KINDS.models.items())]
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
        (f"FIELDLINE_{name.upper()}", getattr(session.settings, name), field.description)
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
