"""``fieldline trace``, ``sources`` and ``batch``: lineage."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.tree import Tree

from fieldline_streams.cli.session import Json, Session, session_of
from fieldline_streams.cli.shown import MEMBER_COLUMNS, batch_text, limited, member_row, table

Batch = Annotated[str, typer.Argument(help="A batch in any spelling, or a lot number as printed.")]


def add(app: typer.Typer) -> None:
    """Put the commands into ``app``."""
    app.command(epilog="Example: fieldline trace hof-1/leaf/L1 --forward --json")(trace)
    app.command(epilog="Example: fieldline sources BabDE03 BabDE07 CapEU01")(sources)
    app.command(epilog="Example: fieldline batch '(01)09506000134352(10)B7'")(batch)


def trace(
    context: typer.Context,
    batch: Batch,
    back: Annotated[bool, typer.Option("--back", help="What it came from.")] = False,
    forward: Annotated[bool, typer.Option("--forward", help="What came of it, and where that is.")] = False,
    times: Annotated[str, typer.Option(help="trusted, or ignore: dates exclude nothing.")] = "trusted",
    depth: Annotated[int | None, typer.Option(min=0, help="Steps to go at most.")] = None,
    site: Annotated[str | None, typer.Option(help="Begin at this site alone.")] = None,
    events: Annotated[bool, typer.Option("--events", help="List the events that brought members in.")] = False,
    inferred: Annotated[bool, typer.Option("--inferred", help="List members known by inference alone.")] = False,
    excluded: Annotated[bool, typer.Option("--excluded", help="List what dates alone keep out.")] = False,
    every: Annotated[bool, typer.Option("--all", help="All rows, however many.")] = False,
    as_json: Json = False,
) -> None:
    """Trace a batch back or forward: every holding, how sure, since when, and the event that says so."""
    if back == forward:
        raise typer.BadParameter("say --back or --forward")
    if times not in ("trusted", "ignore"):
        raise typer.BadParameter("--times is trusted or ignore")
    session = session_of(context)
    answer = session.ask(
        "trace",
        {
            "batch": batch,
            "direction": "forward" if forward else "back",
            "times": times,
            "depth": depth,
            "site": site,
        },
        as_json=as_json,
    )
    if as_json:
        session.print_json(answer)
        return
    members = answer["members"]
    known = [member for member in members if inferred or member["basis"] != "inferred"]
    session.out.print(
        f"{batch} {'forward' if forward else 'back'}, as known at position {answer['position']}: "
        f"{len(members)} holdings in {len(answer['lots'])} lots at {len(answer['sites'])} sites"
    )
    limited(session.out, MEMBER_COLUMNS, [member_row(member) for member in known], every=every, what="holdings")
    if len(known) < len(members):
        session.out.print(f"+ {len(members) - len(known)} known by inference alone; --inferred lists them")
    out = answer["excluded_by_times"]
    if out and excluded:
        session.out.print(table(("kept out by dates", "site"), [(place["batch"], place["site"]) for place in out]))
    elif out:
        session.out.print(f"+ {len(out)} that dates alone keep out; --excluded lists them, --times ignore lets them in")
    if events:
        _print_events(session, answer["events"])


def sources(
    context: typer.Context,
    batches: Annotated[list[str] | None, typer.Argument(help="What has to be explained, each a finding.")] = None,
    cases: Annotated[bool, typer.Option("--cases", help="The clusters of illness cases are findings.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="Most sources that are named.")] = 20,
    as_json: Json = False,
) -> None:
    """What could explain all findings, or most: where their back-traces meet, by the share explained, then the most
    specific."""
    if not batches and not cases:
        raise typer.BadParameter("name batches, or say --cases")
    session = session_of(context)
    answer = session.ask("sources", {"batches": batches or [], "cases": cases, "limit": limit}, as_json=as_json)
    if as_json:
        session.print_json(answer)
        return
    findings = answer["findings"]
    session.out.print(f"{len(findings)} findings, as known at position {answer['position']}:")
    for finding in findings:
        cases_text = f" ({finding['cases']} cases)" if finding["cases"] else ""
        session.out.print(f"  {finding['name']}{cases_text}", markup=False)
    session.out.print(
        table(
            ("share", "lot", "product", "at", "start", "reached", "chance", "steps", "leaves unexplained"),
            [
                (
                    f"{len(source['explains'])}/{len(findings)}",
                    source["lot"],
                    ", ".join(source["products"]),
                    ", ".join(source["sites"]),
                    "yes" if source["raw"] else "",
                    source["reached"],
                    "" if source["chance"] is None else f"{source['chance']:.3g}",
                    source["hops"],
                    ", ".join(source["unexplained"]),
                )
                for source in answer["sources"]
            ],
        )
    )
    if answer["more"]:
        session.out.print(f"… and {answer['more']} more; --limit lists them")


def batch(context: typer.Context, batch: Batch, as_json: Json = False) -> None:
    """One batch: its spellings, where it is, how much, and what was said of it."""
    session = session_of(context)
    answer = session.ask("batch", {"batch": batch}, as_json=as_json)
    if as_json:
        session.print_json(answer)
        return
    for key in answer["batches"]:
        tree = Tree(batch_text({"batch": key, "labels": answer["labels"]}), highlight=False)
        for holding in answer["holdings"]:
            if holding["batch"] == key:
                amount = f"{holding['quantity']} {holding['unit']}" if holding["quantity"] else "quantity not known"
                tree.add(
                    f"{holding['site']}: {amount}" + (f", held by {holding['operator']}" if holding["operator"] else "")
                )
        session.out.print(tree)
    session.out.print("spelled " + ", ".join(answer["spellings"]), markup=False)
    _print_events(session, answer["events"])


def _print_events(session: Session, events: list[dict[str, Any]]) -> None:
    rows = [(event["kind"], event["standing"], event["id"], event["sender"], event["site"]) for event in events]
    session.out.print(table(("event", "standing", "id", "said by", "site"), rows))
