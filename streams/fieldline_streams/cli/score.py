"""``fieldline score`` and ``mark``: FoodChain-Lab's score of stations and deliveries, and the settings that it rests
on."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from fieldline_streams.cli import views
from fieldline_streams.cli.acting import Reason, handed_in
from fieldline_streams.cli.session import AsOf, AtPosition, Json, chosen, moment_of, session_of
from fieldline_streams.gateway import Gateway

TIMES = ("marked", "trusted", "ignore")


def add(app: typer.Typer) -> None:
    """Put the commands into ``app``."""
    app.command(epilog="Example: fieldline score --json > scores.json")(score)
    app.command(epilog='Example: fieldline mark --batch BabDE03 --weight 1 --reason "patient ate it"')(mark)


def score(
    context: typer.Context,
    times: Annotated[
        str, typer.Option(help="marked (as the settings say), trusted, or ignore: dates exclude nothing.")
    ] = "marked",
    every: Annotated[bool, typer.Option("--all", help="All rows, however many, also those that score 0.")] = False,
    at_position: AtPosition = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """FoodChain-Lab's score: the weight at or forward of each station and delivery, over all weight.

    Weights, cross-contamination, kill steps and what is observed come with `import fcl` and with `mark`.
    """
    chosen("--times", times, TIMES)
    session = session_of(context)
    answer = session.ask("score", {"times": times}, as_json=as_json, moment=moment_of(at_position, as_of))
    if as_json:
        session.print_json(answer)
    else:
        views.scores(session.out, answer, short=None if every else views.SHORT)


def mark(
    context: typer.Context,
    reason: Reason,
    batches: Annotated[
        list[str] | None, typer.Option("--batch", help="What is marked: a batch in any spelling, or a lot number.")
    ] = None,
    sites: Annotated[list[str] | None, typer.Option("--site", help="What is marked: a site, in any spelling.")] = None,
    weight: Annotated[str | None, typer.Option(help="Weight of the finding; may be below 0; 0: none.")] = None,
    cross_contamination: Annotated[
        bool | None,
        typer.Option("--cross-contamination/--no-cross-contamination", help="What is there may get into all else."),
    ] = None,
    kill_step: Annotated[bool | None, typer.Option("--kill-step/--no-kill-step", help="Nothing survives here.")] = None,
    observed: Annotated[bool | None, typer.Option("--observed/--not-observed", help="Shown forward and back.")] = None,
    temporal_order: Annotated[
        bool | None,
        typer.Option("--temporal-order/--no-temporal-order", help="Whether dates exclude at cross-contaminated sites."),
    ] = None,
    clear: Annotated[bool, typer.Option("--clear", help="What was marked before counts no more.")] = False,
    as_json: Json = False,
) -> None:
    """Set how batches and sites count in `score`. What is not said stays as it was; lineage and recalls never change
    by it."""
    said = {
        name: value
        for name, value in (
            ("weight", weight),
            ("cross_contamination", cross_contamination),
            ("kill_step", kill_step),
            ("observed", observed),
        )
        if value is not None
    }
    if bool(said) != bool(batches or sites):
        raise typer.BadParameter("name what is marked with --batch or --site, and say how it counts, such as --weight")
    if not said and not clear and temporal_order is None:
        raise typer.BadParameter("nothing is marked")
    session = session_of(context)

    async def work(found: Gateway) -> dict[str, Any]:
        named: dict[str, None] = {}
        for batch in batches or ():
            named.update(dict.fromkeys((await found.ask("name", {"batch": batch}))["batches"]))
        event = {
            "kind": "tracing_marked",
            "marks": [{"batch": key, **said} for key in named] + [{"site": site, **said} for site in sites or ()],
            "whole": clear,
            "reason": reason,
            "temporal_order": temporal_order,
        }
        receipt = await handed_in(session, found, event)
        return {"event": receipt["id"], "marks": event["marks"], "position": receipt.get("position")}

    answer = session.run(work, as_json=as_json)
    if as_json:
        session.print_json(answer)
    else:
        what = views.counted(len(answer["marks"]), "mark") if answer["marks"] else "the settings"
        session.out.print(f"{what} set, at position {answer['position']}", markup=False)
