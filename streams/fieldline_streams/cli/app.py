"""The application: global options, and all groups of commands."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from fieldline_schemas.messages import language_of, speak
from fieldline_trace.api.http.roles import ROLES
from fieldline_trace.settings import Settings
from pydantic import ValidationError
from rich.console import Console

from fieldline_streams.cli import (
    about,
    access,
    alert,
    alerts,
    asking,
    backup,
    contacts,
    database,
    doctor,
    emit,
    feed,
    generate,
    imports,
    incident,
    keys,
    ledger,
    persons,
    reference,
    rejected,
    risk,
    scenario,
    scope,
    score,
    serve,
    subscribers,
    topics,
    tracing,
    worker,
)
from fieldline_streams.cli.session import WRONG_USE, Session, chosen

EXAMPLE = "Example: fieldline --as hof-1 emit events.ndjson && fieldline trace hof-1/leaf/L1 --forward"

app = typer.Typer(
    name="fieldline",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    epilog=EXAMPLE,
)


@app.callback()
def fieldline(
    context: typer.Context,
    sender: Annotated[
        str | None, typer.Option("--as", metavar="SENDER", help="Who speaks. Default: setting FIELDLINE_SENDER.")
    ] = None,
    role: Annotated[
        str | None,
        typer.Option(help="In which role: producer, laboratory, regulator, emergency, administrator. FIELDLINE_ROLE."),
    ] = None,
    data_dir: Annotated[
        Path | None, typer.Option(help="Where the data are. Default: setting FIELDLINE_DATA_DIR.")
    ] = None,
    lang: Annotated[
        str | None, typer.Option(help="Language of what is said of faults and alerts: en or zh. FIELDLINE_LANG.")
    ] = None,
) -> None:
    """Food traceability from field to table: events in; lineage, alerts and recall scopes out."""
    if data_dir is not None:
        os.environ["FIELDLINE_DATA_DIR"] = str(data_dir)
    try:
        settings = Settings()
    except ValidationError as invalid:
        first = invalid.errors(include_url=False)[0]
        name = "FIELDLINE_" + "_".join(str(part) for part in first["loc"]).upper()
        Console(stderr=True).print(f"{name}: {first['input']!r}: {first['msg']}", markup=False)
        raise typer.Exit(WRONG_USE) from None
    chosen("--lang", lang, ("en", "zh"))
    speak(language_of(lang or settings.lang) or "en")
    chosen("--role", role or settings.role, (name for name in ROLES if name != "public"))
    named = {name: value for name, value in (("sender", sender), ("role", role)) if value is not None}
    context.obj = Session(settings.model_copy(update=named))


serve.add(app)
worker.add(app)
topics.add(app)
database.add(app)
doctor.add(app)
emit.add(app)
imports.add(app)
tracing.add(app)
asking.add(app)
risk.add(app)
score.add(app)
reference.add(app)
contacts.add(app)
generate.add(app)
alerts.add(app)
alert.add(app)
feed.add(app)
scope.add(app)
incident.add(app)
rejected.add(app)
persons.add(app)
ledger.add(app)
backup.add(app)
keys.add(app)
scenario.add(app)
subscribers.add(app)
access.add(app)
about.add(app)


def main() -> None:
    """The command ``fieldline``."""
    app()
