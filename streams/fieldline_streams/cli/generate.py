"""``fieldline generate``: a network drawn at random, as events, with what truly came of one lot of it; with planted
failures and the alerts that they deserve, where asked for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from fieldline_streams.cli.session import FOUND_FAULT, Json, Session, session_of

if TYPE_CHECKING:
    from fieldline_trace.generate.faults import Planting
    from fieldline_trace.generate.faults.check import Row


def add(app: typer.Typer) -> None:
    """Put the command into ``app``."""
    app.command(
        epilog="Examples: fieldline generate network.ndjson --links 10000 --seed 7; "
        "fieldline generate planted --with-faults --check"
    )(generate)


def generate(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="Where the events go, one JSON object a line; with --with-faults a folder.")
    ],
    links: Annotated[
        int, typer.Option(min=1_000, max=50_000_000, help="About so many links between holdings.")
    ] = 10_000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same bytes.")] = 1,
    planted: Annotated[
        Path | None, typer.Option("--truth", help="Where to say what truly came of one lot, as JSON.")
    ] = None,
    with_faults: Annotated[
        bool, typer.Option("--with-faults", help="Plant failures of each rule, and cases that just are none.")
    ] = False,
    each: Annotated[int, typer.Option(min=1, max=10_000, help="So many of each rule.")] = 5,
    check: Annotated[
        bool,
        typer.Option("--check", help="Play it through the rules; exit 1 where an exact one errs."),
    ] = False,
    orders: Annotated[int, typer.Option(min=1, max=20, help="With --check: in so many orders.")] = 2,
    as_json: Json = False,
) -> None:
    """Draw a network of a food chain and write its events: lots, pools, loops, shared water, partial and missing dates.
    Nothing is sent; `import` or `emit` do that. --with-faults writes a scenario, which `scenario run` plays."""
    from fieldline_trace.generate import events, network, truth
    from fieldline_trace.generate.events import batch_key, site_key

    if check and not with_faults:
        raise typer.BadParameter("--check is for --with-faults")
    session = session_of(context)
    drawn = network(links, seed)
    said: dict[str, Any] = {
        "events": len(drawn.steps.event),
        "links": drawn.links,
        "batches": len(drawn.product),
        "sites": len(drawn.tier),
    }
    if planted is not None:
        found = truth(drawn)
        reached = [[batch_key(drawn, batch), site_key(drawn, site)] for batch, site in found.reached.tolist()]
        lot = batch_key(drawn, found.batch)
        planted.write_bytes(msgspec.json.encode({"batch": lot, "reached": reached}) + b"\n")
        said |= {"planted": lot, "reached": len(reached)}
    rows: list[Row] = []
    if not with_faults:
        with file.open("wb") as out:
            out.writelines(events(drawn, seed))
    else:
        from fieldline_trace.generate.faults import PLANTERS, plant
        from fieldline_trace.generate.faults.check import check as checked

        traffic, planting = list(events(drawn, seed)), plant(PLANTERS, each, seed)
        _write(file, planting, traffic)
        said |= {"cases": 2 * sum(planting.cases.values()), "events of cases": len(planting.sayings)}
        for shuffle in (None, *range(1, orders)) if check else ():
            found_now = checked(PLANTERS, planting, traffic, shuffle)
            rows += [row for row in found_now if row not in rows]
    if as_json:
        session.print_json(said | ({"rules": [_said(row) for row in rows]} if check else {}))
    else:
        session.out.print(", ".join(f"{value} {name}" for name, value in said.items()), highlight=False)
        _print(session, rows)
    if not all(row.holds for row in rows):
        raise typer.Exit(FOUND_FAULT)


def _write(folder: Path, planting: Planting, traffic: Sequence[bytes]) -> None:
    """A scenario of what was planted: its truth are the alerts that no deadline is awaited for; all of them are in
    ``planted.json``."""
    from fieldline_trace.generate.faults import PLANTERS

    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "events.ndjson").open("wb") as out:
        for raw in traffic:
            event: Any = msgspec.Raw(raw.rstrip())
            line = {"part": "0", "event": event, "sender": "traffic", "role": "administrator"}
            out.write(msgspec.json.encode(line) + b"\n")
        for one in sorted(planting.sayings, key=lambda saying: saying.part):
            line = {"part": str(one.part), "event": one.event, "sender": one.sender, "role": one.role}
            out.write(msgspec.json.encode(line) + b"\n")
    at_once = {one.rule for one in PLANTERS if one.exact and one.everywhere and not one.waits}
    alerts = {rule: sorted(subjects) for rule, subjects in sorted(planting.alerts.items())}
    truth = {"alerts": {rule: subjects for rule, subjects in alerts.items() if rule in at_once}}
    about = {
        "title": {"en": "Planted failures", "zh": "植入的违规"},
        "about": "Traffic drawn at random, with failures of each rule planted, and cases that just are none.",
        "sources": ["fieldline generate --with-faults"],
        "invented": "everything",
    }
    (folder / "scenario.json").write_bytes(msgspec.json.encode(about) + b"\n")
    (folder / "truth.json").write_bytes(msgspec.json.encode(truth) + b"\n")
    (folder / "planted.json").write_bytes(msgspec.json.encode(alerts) + b"\n")


def _said(row: Row) -> dict[str, Any]:
    return {
        "rule": row.rule,
        "exact": row.exact,
        "planted": row.planted,
        "found": row.found,
        "right": row.right,
        "precision": round(row.precision, 4),
        "recall": round(row.recall, 4),
    }


def _print(session: Session, rows: Sequence[Row]) -> None:
    if not rows:
        return
    from fieldline_streams.cli import views

    columns = ("rule", "kind", "planted", "found", "precision", "recall")
    views.show(session.out, columns, [
        (row.rule, "exact" if row.exact else "statistical", str(row.planted), str(row.found), f"{row.precision:.3f}",
         f"{row.recall:.3f}") for row in rows
    ])  # fmt: skip
