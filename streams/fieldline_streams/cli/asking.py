"""Questions of investigators, firms and consumers: ``fieldline why``, ``paths``, ``dead-ends``, ``present`` and others.

What each answers as JSON stands in the guide to answers; here it is told in tables. Long because each command says
its own arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

import typer

from fieldline_streams.cli import views
from fieldline_streams.cli.session import AsOf, AtPosition, Json, chosen, moment_of, session_of
from fieldline_streams.cli.tracing import LOTS, Batch

Rows = Sequence[Mapping[str, Any]]
PATH = ("batch", "site", "operator", "certainty", "kind", "event", "by")
END = ("batch", "site", "why", "ask", "certainty", "events")


def add(app: typer.Typer) -> None:
    """Put the commands into ``app``."""
    for name, command, example in (
        ("why", why, "why school-3/lunch/2025-03-04 --of hof-1/spinach/S7"),
        ("paths", paths, "paths hof-1/spinach/S7 school-3/lunch/2025-03-04"),
        ("accountable", accountable, "accountable plant-7/salad/M12"),
        ("dead-ends", dead_ends, "dead-ends plant-7/salad/M12"),
        ("hypothesis", hypothesis, "hypothesis hof-1/spinach/S7 --explains M12 --explains M13"),
        ("present", present, "present plant-7 --from 2025-03-03 --to 2025-03-04"),
        ("span", span, "span --product plant-7/salad"),
        ("proof", proof, "proof plant-7/salad/M12"),
        ("areas", areas, "areas --batch plant-7/salad/M12 --digits 4"),
        ("balance", balance, "balance plant-7/salad/M12"),
        ("share", share, "share hof-1/spinach/S7 plant-7/salad/M12"),
        ("steps", steps, "--as plant-7 steps plant-7/salad/M12"),
        ("story", story, "story school-3/lunch/2025-03-04"),
        ("event", event, "event plant-7:2"),
        ("activity", activity, "activity"),
        ("changed", changed, "changed plant-7/salad/M12 --since-position 3"),
    ):
        app.command(name, context_settings=LOTS, epilog=f"Example: fieldline {example}")(command)


def why(
    context: typer.Context,
    batch: Batch,
    scope: Annotated[str | None, typer.Option(help="In this scope.")] = None,
    of: Annotated[str | None, typer.Option(help="Or in what came of, or went into, this batch.")] = None,
    site: Annotated[str | None, typer.Option(help="What lies of it at this site alone.")] = None,
    at_position: AtPosition = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Why a batch is in: the strongest path to it, with all events on it."""
    if (scope is None) == (of is None):
        raise typer.BadParameter("say --scope or --of")
    asked = {"batch": batch, "scope": scope, "of": of, "site": site}
    tell(context, "why", asked, _why, at_position, as_of, as_json)


def _why(out: Any, said: dict[str, Any]) -> None:
    out.print(f"{said['batch']} and {said['of']}: {said['certainty']}, {said['basis']}", markup=False)
    table(out, PATH, said["path"])


def paths(
    context: typer.Context,
    origin: Annotated[str, typer.Argument(help="Where material came from.")],
    target: Annotated[str, typer.Argument(help="Where it got to.")],
    times: Annotated[str, typer.Option(help="trusted, or ignore: dates exclude nothing.")] = "trusted",
    limit: Annotated[int, typer.Option(min=1, max=50, help="Paths, at most.")] = 5,
    at_position: AtPosition = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """All ways from one batch to another, the strongest first."""
    chosen("--times", times, ("trusted", "ignore"))
    asked = {"origin": origin, "target": target, "times": times, "limit": limit}
    tell(context, "paths", asked, _paths, at_position, as_of, as_json)


def _paths(out: Any, said: dict[str, Any]) -> None:
    out.print(f"{views.counted(len(said['paths']), 'path')}{', and more' if said['more'] else ''}")
    for one in said["paths"]:
        out.print(f"{one['certainty']}, {one['basis']}, {views.counted(one['hops'], 'step')}")
        table(out, PATH, one["path"])
    if said["excluded_by_times"]:
        out.print(f"+ {len(said['excluded_by_times'])} that dates alone keep out; --times ignore lets them in")


def accountable(
    context: typer.Context,
    batch: Batch,
    forward: Annotated[bool, typer.Option("--forward", help="Along what came of it; else what it came from.")] = False,
    to: Annotated[str | None, typer.Option(help="Along the strongest path to this batch alone.")] = None,
    at_position: AtPosition = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Who did what along a trace: operator by operator, with sites, batches and events."""
    asked = {"batch": batch, "direction": "forward" if forward else "back", "to": to}
    tell(context, "accountable", asked, _accountable, at_position, as_of, as_json)


def _accountable(out: Any, said: dict[str, Any]) -> None:
    rows = [
        {**one, "did": ", ".join(f"{act['kind']} {act['event']}" for act in one["did"])}
        for one in said["operators"] or ()
    ]
    table(out, ("operator", "sites", "batches", "did", "said_by"), rows)


def dead_ends(
    context: typer.Context,
    batch: Batch,
    forward: Annotated[bool, typer.Option("--forward", help="Where to; else where from.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="Ends that are named.")] = 200,
    at_position: AtPosition = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Where the records stop, and which operator to ask."""
    asked = {"batch": batch, "direction": "forward" if forward else "back", "limit": limit}
    tell(context, "dead ends", asked, _ends, at_position, as_of, as_json)


def _ends(out: Any, said: dict[str, Any]) -> None:
    out.print(f"{views.counted(len(said['ends']), 'end')}, {said['begins'] or 0} begin by a record of their own")
    table(out, END, [{**one, "why": one["why"].replace("_", " ")} for one in said["ends"]])
    if said["more"]:
        out.print(f"… and {said['more']} more; --limit lists them")


def hypothesis(
    context: typer.Context,
    suspects: Annotated[list[str], typer.Argument(help="What is supposed to be the source.")],
    explains: Annotated[list[str] | None, typer.Option("--explains", help="A finding that it has to explain.")] = None,
    cases: Annotated[bool, typer.Option("--cases", help="The clusters of illness cases are findings.")] = False,
    at_position: AtPosition = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Which findings a supposed source explains, and which leg it leaves unexplained."""
    asked = {"suspects": suspects, "batches": explains or [], "cases": cases}
    tell(context, "hypothesis", asked, _legs, at_position, as_of, as_json)


def _legs(out: Any, said: dict[str, Any]) -> None:
    out.print(f"explains {len(said['explained'])} of {len(said['explained']) + len(said['unexplained'])}")
    table(out, ("name", "cases", "certainty", "hops"), said["explained"])
    if said["unexplained"]:
        out.print("unexplained:")
        rows = [
            {**one, "ask": [end["ask"] for end in one.get("ends") or () if end["ask"]]} for one in said["unexplained"]
        ]
        table(out, ("name", "cases", "excluded_by_times", "ask"), rows)


def present(
    context: typer.Context,
    site: Annotated[str, typer.Argument(help="The place.")],
    location: Annotated[str | None, typer.Option(help="A line, room or equipment of it alone.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="From then on: a time or date.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="And until then.")] = None,
    product: Annotated[str | None, typer.Option(help="Lots of this product alone: OPERATOR/PRODUCT.")] = None,
    at_position: AtPosition = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Which lots could have been at a place in a window, as clean breaks bound it."""
    asked = {"site": site, "location": location, "since": since, "until": until, "product": product}
    tell(context, "present", asked, _present, at_position, as_of, as_json)


def _present(out: Any, said: dict[str, Any]) -> None:
    out.print(f"{views.counted(len(said['lots']), 'lot')} at {said['site']}", markup=False)
    table(out, ("batch", "labels", "from", "until", "made_there"), said["lots"])


def span(
    context: typer.Context,
    batch: Annotated[str | None, typer.Argument(help="A batch in any spelling, or a lot number.")] = None,
    product: Annotated[str | None, typer.Option(help="Or all lots of a product: OPERATOR/PRODUCT.")] = None,
    at_position: AtPosition = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """First and last production, shipment, arrival, sale and serving: is it still made or sold?"""
    if (batch is None) == (product is None):
        raise typer.BadParameter("name a batch, or a product with --product")
    tell(context, "span", {"batch": batch, "product": product}, _span, at_position, as_of, as_json)


def _span(out: Any, said: dict[str, Any]) -> None:
    rows = [
        {"what": f"{when} {way}", **(said[when][way] or {})}
        for way in said["first"] or ()
        for when in ("first", "last")
    ]
    table(out, ("what", "from", "to", "batch", "site", "event"), [row for row in rows if len(row) > 1])


def proof(
    context: typer.Context,
    batch: Batch,
    along: Annotated[str, typer.Option(help="batch, back, forward or both.")] = "both",
    at_position: AtPosition = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Which evidence there is along the lineage: positives, negatives, cases, and what is of one strain or cluster."""
    chosen("--along", along, ("batch", "back", "forward", "both"))
    tell(context, "proof", {"batch": batch, "along": along}, _proof, at_position, as_of, as_json)


def _proof(out: Any, said: dict[str, Any]) -> None:
    results = [*said["positives"], *said["negatives"], *said["inconclusive"]]
    table(out, ("verdict", "hazard", "batch", "site", "lab", "report", "cluster", "event"), results)
    table(out, ("case", "cluster", "hazard", "confirmed", "batches", "event"), said["cases"] or ())
    table(out, ("cluster", "cases", "results", "batches"), said["clusters"] or ())


def areas(
    context: typer.Context,
    scope: Annotated[str | None, typer.Argument(help="A scope.")] = None,
    batch: Annotated[str | None, typer.Option(help="Or what came of a batch.")] = None,
    digits: Annotated[int, typer.Option(min=2, max=12, help="Of the administrative code: 2, 4 or 6.")] = 2,
    at_position: AtPosition = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Which provinces, cities or counties it reached, and which countries."""
    if (batch is None) == (scope is None):
        raise typer.BadParameter("name a scope, or a batch with --batch")
    tell(context, "areas", {"scope": scope, "batch": batch, "digits": digits}, _areas, at_position, as_of, as_json)


def _areas(out: Any, said: dict[str, Any]) -> None:
    table(out, ("area", "holdings", "definite", "held", "operators"), said["areas"] or ())
    if said["unknown"]:
        out.print(f"+ {views.counted(said['unknown'], 'holding')} at sites whose area nobody named")
    table(out, ("country", "batches", "events"), said["countries"] or ())


def balance(
    context: typer.Context,
    batch: Batch,
    site: Annotated[str | None, typer.Option(help="What became of it at this site alone.")] = None,
    at_position: AtPosition = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """How much of a batch is where, what became of it, loss and yield of its steps, and what does not add up."""
    tell(context, "balance", {"batch": batch, "site": site}, _balance, at_position, as_of, as_json)


def _balance(out: Any, said: dict[str, Any]) -> None:
    if said["totals"]:
        told = [f"{way.replace('_', ' ')} {_amounts(sums)}" for way, sums in said["totals"].items() if sums]
        out.print("; ".join(told) or "no amounts are recorded", markup=False)
    ways = ("produced", "received", "used", "served", "sold", "shipped", "destroyed", "on_hand")
    rows = [{**one, **{way: _amounts(one[way]) for way in ways}} for one in said["places"]]
    shown = [way for way in ways if any(row[way] for row in rows)]
    table(out, ("batch", "site", *shown), rows)
    steps = [{**one, "put_in": _amounts(one["put_in"]), "made": _amounts(one["made"])} for one in said["steps"] or ()]
    table(out, ("event", "kind", "site", "put_in", "made", "yield"), steps)
    for odd in said["odds"] or ():
        where = odd["event"] or odd["site"]
        what = odd["what"].replace("_", " ")
        out.print(f"does not add up: {what} at {where}: {odd['one']} and {odd['other']} {odd['unit']}", markup=False)


def share(
    context: typer.Context,
    source: Annotated[str, typer.Argument(help="The source.")],
    batch: Batch,
    unit: Annotated[str, typer.Option(help="kg, l or piece.")] = "kg",
    at_position: AtPosition = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """How much of a source can be in a batch, at least and at most, holding by holding."""
    chosen("--unit", unit, ("kg", "l", "piece"))
    tell(context, "share", {"source": source, "batch": batch, "unit": unit}, _share, at_position, as_of, as_json)


def _share(out: Any, said: dict[str, Any]) -> None:
    rows = [{"batch": said["batch"], "site": "(whole)", **said["whole"]}] if said["whole"] else []
    rows += said["places"]
    rows = [{**row, "most": row["most"] or "not known", "unit": said["unit"]} for row in rows]
    table(out, ("batch", "site", "least", "most", "unit"), rows)


def steps(
    context: typer.Context,
    batch: Batch,
    site: Annotated[str | None, typer.Option(help="At this site alone.")] = None,
    at_position: AtPosition = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """One step back and one step forward: from whom a batch came, and to whom it went."""
    tell(context, "steps", {"batch": batch, "site": site}, _steps, at_position, as_of, as_json)


def _steps(out: Any, said: dict[str, Any]) -> None:
    for way in ("back", "forward"):
        out.print(f"one step {way}:")
        rows = [one for one in said[way]["members"] if one["hops"]]
        table(out, ("batch", "site", "operator", "certainty", "event"), rows)


def story(
    context: typer.Context, batch: Batch, at_position: AtPosition = None, as_of: AsOf = None, as_json: Json = False
) -> None:
    """From field to table, for who eats it: stages, days and areas; nobody is named."""
    tell(context, "story", {"batch": batch}, _story, at_position, as_of, as_json)


def _story(out: Any, said: dict[str, Any]) -> None:
    table(out, ("from", "to", "stage", "did", "product", "area"), said["stages"])
    out.print(f"tests along the way: {said['tested']['passed']} passed, {said['tested']['failed']} failed")
    if said["origin"]:
        out.print(f"imported from {', '.join(said['origin'])}")


def event(
    context: typer.Context,
    event: Annotated[str, typer.Argument(metavar="ID", help="The event's id.")],
    sender: Annotated[str | None, typer.Option(help="Of this sender alone.")] = None,
    at_position: AtPosition = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """One event: who said it, where it stands in the ledger, what became of it and what it brought about."""
    tell(context, "event", {"id": event, "sender": sender}, _event, at_position, as_of, as_json)


def _event(out: Any, said: dict[str, Any]) -> None:
    table(out, ("kind", "sender", "role", "received", "position", "standing", "variant", "variants"), said["events"])
    for one in said["events"]:
        out.print(f"leaf {one['leaf']} in entry {one['entry_hash']} at {one['position']}", markup=False)
        table(out, ("batch", "site", "as", "quantity", "unit"), one["batches"])
        table(out, ("id", "kind", "by", "because"), one["corrected_by"])
        table(out, ("alert", "rule", "standing"), one["alerts"] or ())
        table(out, ("scope", "version"), one["scopes"] or ())


def activity(
    context: typer.Context,
    entries: Annotated[int, typer.Option(min=1, max=20_000, help="The last so many entries.")] = 2_000,
    as_json: Json = False,
) -> None:
    """How many events came in lately, and how far the judge is behind."""
    tell(context, "activity", {"entries": entries}, _activity, None, None, as_json)


def _activity(out: Any, said: dict[str, Any]) -> None:
    behind = f"{said['position'] - said['judged']} entries, {said['behind_seconds']:.1f} s"
    out.print(f"ledger position {said['position']}, judged to {said['judged']} (behind {behind})", markup=False)
    table(out, ("from", "events", "waiting"), [one for one in said["spans"] if one["events"]])


def changed(
    context: typer.Context,
    batch: Batch,
    forward: Annotated[bool, typer.Option("--forward", help="What came of it; else what it came from.")] = False,
    since_position: Annotated[int | None, typer.Option(min=0, help="What was known at this position.")] = None,
    since: Annotated[str | None, typer.Option(help="Or what had been received by this time.")] = None,
    at_position: AtPosition = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """What a trace says now that it did not say at an earlier time, and the other way round."""
    if (since is None) == (since_position is None):
        raise typer.BadParameter("say --since-position or --since")
    session = session_of(context)
    query = [("batch", batch), ("direction", "forward" if forward else "back")]
    query += [
        (name, str(value))
        for name, value in (("since_position", since_position), ("since", since))
        if value is not None
    ]
    query += list(moment_of(at_position, as_of).items())
    answer = session.call("GET", "/v1/changed", query, as_json=as_json)
    if as_json:
        session.print_json(answer)
        return
    session.out.print(f"from position {answer['before']} to {answer['position']}")
    table(session.out, ("change", "batch", "site", "before", "after", "event"), answer["changes"])
    views.cut(session.out, answer)


def tell(
    context: typer.Context,
    question: str,
    asked: dict[str, Any],
    view: Callable[[Any, dict[str, Any]], None],
    at_position: int | None,
    as_of: str | None,
    as_json: bool,
) -> None:
    """Ask and print: as JSON, or by ``view`` and whether something was cut. What is None was not asked."""
    session = session_of(context)
    known = {name: value for name, value in asked.items() if value is not None}
    answer = session.ask(question, known, as_json=as_json, moment=moment_of(at_position, as_of))
    if as_json:
        session.print_json(answer)
        return
    view(session.out, answer)
    views.cut(session.out, answer)


def table(out: Any, columns: Sequence[str], rows: Rows) -> None:
    """Rows as a table of these columns; nothing where there are none."""
    if rows:
        views.show(
            out, [one.replace("_", " ") for one in columns], [[_cell(row.get(c)) for c in columns] for row in rows]
        )


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else ""
    return views.first_of(value) if isinstance(value, list) else value


def _amounts(sums: Mapping[str, str]) -> str:
    return ", ".join(f"{amount} {unit}" for unit, amount in sums.items())
