"""``fieldline reference``: the limits that results are judged by, and the act that changes them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fieldline_streams.cli import views
from fieldline_streams.cli.acting import Reason, handed_in
from fieldline_streams.cli.session import AsOf, AtPosition, Json, Session, moment_of, session_of

if TYPE_CHECKING:
    from fieldline_trace.reference.limits import Limit

    from fieldline_streams.gateway import HttpGateway

File = Annotated[Path, typer.Argument(help="A file in the form of limits.toml.", exists=True, dir_okay=False)]
SAID = ("standard", "clause", "analyte", "product", "maximum", "unit", "since", "until")
COLUMNS = ("standard", "clause", "analyte", "product", "maximum", "unit", "since", "ends", "superseded by", "status")


def add(app: typer.Typer) -> None:
    """Put the commands into ``app``."""
    group = typer.Typer(no_args_is_help=True, help="Limits that results are judged by.", rich_markup_mode=None)
    group.command("list", epilog='Example: fieldline reference list --standard "GB 2762-2025"')(reference_list)
    group.command("show", epilog="Example: fieldline reference show cadmium celery --on 2026-09-02")(reference_show)
    group.command("check", epilog="Example: fieldline reference check limits-2030.toml")(reference_check)
    group.command("diff", epilog="Example: fieldline reference diff limits-2030.toml")(reference_diff)
    group.command(
        "load",
        epilog='Example: fieldline --role administrator reference load limits-2030.toml --reason "new edition"',
    )(reference_load)
    app.add_typer(group, name="reference")


def reference_list(
    context: typer.Context,
    standard: Annotated[str | None, typer.Option(help="Of this standard and edition alone.")] = None,
    analyte: Annotated[str | None, typer.Option(help="Of this analyte alone.")] = None,
    on: Annotated[str | None, typer.Option(help="In force on this day: 2026-09-02.")] = None,
    at_position: AtPosition = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """All limits, with the day they come into force and how they were read: V in the standard, V2 elsewhere."""
    session = session_of(context)
    asked = {"standard": standard, "analyte": analyte, "on": on}
    _print(session, session.ask("reference", asked, as_json=as_json, moment=moment_of(at_position, as_of)), as_json)


def reference_show(
    context: typer.Context,
    analyte: Annotated[str, typer.Argument(help="The analyte, in any spelling.")],
    product: Annotated[str, typer.Argument(help="The product, in any spelling.")],
    on: Annotated[str | None, typer.Option(help="The day that decides. Default: today.")] = None,
    at_position: AtPosition = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """The limit that a result on a product meets: its own, else its class's, else none; and which of these it is."""
    session = session_of(context)
    asked = {"analyte": analyte, "product": product, "on": on}
    answer = session.ask("reference", asked, as_json=as_json, moment=moment_of(at_position, as_of))
    _print(session, answer, as_json)
    if not as_json:
        matched = answer["asked"]["matched"]
        session.out.print({"none": "no limit", "product": "its own limit"}.get(matched, "the limit of its class"))


def reference_check(context: typer.Context, file: File, as_json: Json = False) -> None:
    """Read a file, and say how many limits it has; what is wrong with it is named."""
    session = session_of(context)
    limits = _read(session, file, as_json)
    if as_json:
        session.print_json({"limits": len(limits)})
    else:
        session.out.print(f"{views.counted(len(limits), 'limit')}, nothing wrong")


def reference_diff(context: typer.Context, file: File, as_json: Json = False) -> None:
    """What loading a file would change: limits that are new, and limits that are other than now."""
    session = session_of(context)
    now = {_key(one): one for one in session.ask("reference", {}, as_json=as_json)["limits"]}
    found = []
    for limit in _read(session, file, as_json):
        row = _row(limit)
        before = now.get(_key(row))
        if before is None or any(before[name] != row[name] for name in ("maximum", "unit", "since", "until")):
            found.append({"change": "other" if before else "new", "before": before and before["maximum"], **row})
    if as_json:
        session.print_json({"changes": found})
        return
    session.out.print(views.counted(len(found), "change"))
    if found:
        names = ("change", "before", *SAID)
        views.show(session.out, names, [[one[name] for name in names] for one in found])


def reference_load(
    context: typer.Context,
    file: File,
    reason: Reason,
    as_json: Json = False,
) -> None:
    """Let results be judged by a file's limits. An act in the ledger: results that it touches are judged again."""
    session = session_of(context)
    limits = _read(session, file, as_json)
    rows = [
        {name: value for name, value in _row(one).items() if value is not None and name not in ("status", "source")}
        for one in limits
    ]

    async def work(found: HttpGateway) -> dict[str, Any]:
        event = {"kind": "reference_changed", "operator": await found.speaker(), "zone": "Asia/Shanghai"}
        event |= {"source": limits[0].source or file.name, "reason": reason}
        receipt = await handed_in(session, found, {**event, "limits": rows})
        loads = (await found.ask("reference", {"standard": ""}))["loads"]
        judged = next((one["judged"] for one in loads if one["event"] == receipt["id"]), 0)
        alerts = (await found.ask("alerts", {"rule": "LIMIT_EXCEEDED", "withdrawn": True}))["alerts"]
        again = [one["id"] for one in alerts if one["position"] == receipt["position"]]
        return {"loaded": len(rows), "position": receipt["position"], "judged": judged, "changed": again}

    answer = session.run(work, as_json=as_json)
    if as_json:
        session.print_json(answer)
        return
    changed = views.counted(len(answer["changed"]), "alert")
    judged = views.counted(answer["judged"], "result")
    session.out.print(f"{views.counted(answer['loaded'], 'limit')} loaded; {judged} judged again, {changed} otherwise")


def _read(session: Session, file: Path, as_json: bool) -> tuple[Limit, ...]:
    from fieldline_schemas.faults import Fault
    from fieldline_trace.errors import Rejected
    from fieldline_trace.reference.load import limits_in

    try:
        limits = limits_in(file.read_text("utf-8"))
        if not limits:
            raise ValueError("it has no limits")
    except ValueError as wrong:
        session.fail(Rejected(Fault.by("reference_file", "file", file.name, why=str(wrong))), as_json=as_json)
    return limits


def _row(one: Limit) -> dict[str, Any]:
    from fieldline_trace.api.answers.reference import limit_said

    return limit_said(one)


def _key(row: dict[str, Any]) -> tuple[str, str, str]:
    return row["standard"], row["analyte"], row["product"]


def _print(session: Session, answer: dict[str, Any], as_json: bool) -> None:
    if as_json:
        session.print_json(answer)
        return
    rows = [[one[name.replace(" ", "_")] for name in COLUMNS] for one in answer["limits"]]
    session.out.print(views.counted(len(rows), "limit"))
    if rows:
        views.show(session.out, COLUMNS, rows)
