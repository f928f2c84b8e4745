"""``fieldline trace``, ``sources`` and ``batch``: lineage."""

from __future__ import annotations

from typing import Annotated

import typer

from fieldline_streams.cli import views
from fieldline_streams.cli.session import AsOf, AtPosition, Json, chosen, moment_of, session_of

LOTS = {"ignore_unknown_options": True}
"""A lot number may begin with a dash (``-1475271720``), and is no option then."""
Batch = Annotated[str, typer.Argument(help="A batch in any spelling, or a lot number as printed.")]


def add(app: typer.Typer) -> None:
    """Put the commands into ``app``."""
    app.command(context_settings=LOTS, epilog="Example: fieldline trace hof-1/leaf/L1 --forward --json")(trace)
    app.command(context_settings=LOTS, epilog="Example: fieldline sources BabDE03 BabDE07 CapEU01")(sources)
    app.command(context_settings=LOTS, epilog="Example: fieldline batch '(01)09506000134352(10)B7'")(batch)


def trace(
    context: typer.Context,
    batch: Batch,
    back: Annotated[bool, typer.Option("--back", help="What it came from.")] = False,
    forward: Annotated[bool, typer.Option("--forward", help="What came of it, and where that is.")] = False,
    times: Annotated[str, typer.Option(help="trusted, or ignore: dates exclude nothing.")] = "trusted",
    depth: Annotated[int | None, typer.Option(min=0, help="Steps to go at most.")] = None,
    site: Annotated[str | None, typer.Option(help="Begin at this site alone.")] = None,
    stage: Annotated[str | None, typer.Option(help="Only farm, processing, distribution or catering.")] = None,
    product: Annotated[str | None, typer.Option(help="Only this product: ISSUER/PRODUCT, or PRODUCT.")] = None,
    place: Annotated[str | None, typer.Option(help="Only what lies at this site, or with this operator.")] = None,
    certainty: Annotated[str | None, typer.Option(help="Only definite, or only possible.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="Only what may have been there then or later.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Only what may have been there then or earlier.")] = None,
    events: Annotated[bool, typer.Option("--events", help="List the events that say so.")] = False,
    inferred: Annotated[bool, typer.Option("--inferred", help="List members known by inference alone.")] = False,
    excluded: Annotated[bool, typer.Option("--excluded", help="List what dates alone keep out.")] = False,
    every: Annotated[bool, typer.Option("--all", help="All rows, however many.")] = False,
    at_position: AtPosition = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Trace a batch back or forward: every holding, how sure, since when, and the event that says so."""
    if back == forward:
        raise typer.BadParameter("say --back or --forward")
    if times not in ("trusted", "ignore"):
        raise typer.BadParameter("--times is trusted or ignore")
    chosen("--stage", stage, ("farm", "processing", "distribution", "catering"))
    chosen("--certainty", certainty, ("definite", "possible"))
    session = session_of(context)
    answer = session.ask(
        "trace",
        {
            "batch": batch,
            "direction": "forward" if forward else "back",
            "times": times,
            "depth": depth,
            "site": site,
            "stage": stage,
            "product": product,
            "place": place,
            "certainty": certainty,
            "since": since,
            "until": until,
        },
        as_json=as_json,
        moment=moment_of(at_position, as_of),
    )
    if as_json:
        session.print_json(answer)
        return
    views.trace(
        session.out,
        answer,
        short=None if every else views.SHORT,
        inferred=inferred,
        excluded=excluded,
        events_too=events,
    )


def sources(
    context: typer.Context,
    batches: Annotated[list[str] | None, typer.Argument(help="What has to be explained, each a finding.")] = None,
    forward: Annotated[bool, typer.Option("--forward", help="What they came into together.")] = False,
    cases: Annotated[bool, typer.Option("--cases", help="The clusters of illness cases are findings.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="Most sources that are named.")] = 20,
    at_position: AtPosition = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """What could explain all findings, or most: where their back-traces meet, by the share explained, then the most
    specific."""
    options = [text for text in batches or () if text.startswith("--")]
    if options:
        raise typer.BadParameter(f"there is no option {options[0]}")
    if not batches and not cases:
        raise typer.BadParameter("name batches, or say --cases")
    session = session_of(context)
    answer = session.ask(
        "sources",
        {
            "batches": batches or [],
            "cases": cases,
            "limit": limit,
            "direction": "forward" if forward else "back",
        },
        as_json=as_json,
        moment=moment_of(at_position, as_of),
    )
    if as_json:
        session.print_json(answer)
        return
    views.sources(session.out, answer)


def batch(
    context: typer.Context,
    batch: Batch,
    at_position: AtPosition = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """One batch: its spellings, where it is, how much, and what was said of it."""
    session = session_of(context)
    answer = session.ask("batch", {"batch": batch}, as_json=as_json, moment=moment_of(at_position, as_of))
    if as_json:
        session.print_json(answer)
        return
    views.batch(session.out, answer)
