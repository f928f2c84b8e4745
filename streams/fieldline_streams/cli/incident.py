"""``fieldline incident``: scopes that are one incident, and the six steps that it walks."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from fieldline_streams.cli import views
from fieldline_streams.cli.session import AsOf, AtPosition, Json, moment_of, session_of

Incident = Annotated[str, typer.Argument(help="The incident.")]
Reason = Annotated[str, typer.Option(help="Why, or what was done; it is kept with the act.")]


def add(app: typer.Typer) -> None:
    """Put the commands into ``app``."""
    group = typer.Typer(no_args_is_help=True, help="Incidents: scopes that belong together.", rich_markup_mode=None)
    group.command("list", epilog="Example: fieldline incident list")(incident_list)
    group.command("show", epilog="Example: fieldline incident show 2026-sprouts")(incident_show)
    group.command(
        "join",
        epilog='Example: fieldline --role emergency incident join 2026-sprouts 0a1b 5f4e --reason "one seed lot"',
    )(incident_join)
    group.command(
        "step",
        epilog='Example: fieldline --role emergency incident step 2026-sprouts report --reason "told the county"',
    )(incident_step)
    app.add_typer(group, name="incident")


def incident_list(
    context: typer.Context, at_position: AtPosition = None, as_of: AsOf = None, as_json: Json = False
) -> None:
    """Incidents, and scopes that share definite members and may be one."""
    session = session_of(context)
    answer = session.ask("incident list", {}, as_json=as_json, moment=moment_of(at_position, as_of))
    if as_json:
        session.print_json(answer)
        return
    rows = [
        (one["incident"], one["title"], one["step"] or "not reported", ", ".join(one["scopes"]))
        for one in answer["incidents"]
    ]
    session.out.print(views.counted(len(rows), "incident"))
    if rows:
        views.show(session.out, ("incident", "title", "step", "scopes"), rows)
    for one in answer["proposed"] or ():
        shared = views.counted(one["shared"], "definite member")
        session.out.print(f"may be one: {', '.join(one['scopes'])} share {shared}", markup=False)
    views.cut(session.out, answer)


def incident_show(
    context: typer.Context,
    incident: Incident,
    at_position: AtPosition = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """One incident: its scopes, its steps with their times, and where it may come from."""
    session = session_of(context)
    answer = session.ask("incident show", {"incident": incident}, as_json=as_json, moment=moment_of(at_position, as_of))
    if as_json:
        session.print_json(answer)
        return
    _print(session.out, answer)


def incident_join(
    context: typer.Context,
    incident: Incident,
    scopes: Annotated[list[str], typer.Argument(help="Scopes that are one incident: ids, or the begins of them.")],
    reason: Reason,
    title: Annotated[str | None, typer.Option(help="What people will call it.")] = None,
    as_json: Json = False,
) -> None:
    """Say that scopes are one incident; said again of the same incident, more join it."""
    body = {"incident": incident, "scopes": scopes, "title": title, "reason": reason}
    _acted(context, "/v1/incidents", body, incident, as_json)


def incident_step(
    context: typer.Context,
    incident: Incident,
    step: Annotated[str, typer.Argument(help="report, first_response, assessment, handling, disclosure or summary.")],
    reason: Reason,
    as_json: Json = False,
) -> None:
    """Say that a step was taken. It counts once all steps before it are said."""
    from urllib.parse import quote

    body = {"step": step, "reason": reason}
    _acted(context, f"/v1/incidents/{quote(incident, safe='')}/step", body, incident, as_json)


def _acted(context: typer.Context, path: str, body: dict[str, Any], incident: str, as_json: bool) -> None:
    """Hand the act in, and show the incident."""
    session = session_of(context)
    said = {name: value for name, value in body.items() if value is not None}
    session.call("POST", path, (), said, as_json=as_json)
    answer = session.ask("incident show", {"incident": incident}, as_json=as_json)
    if as_json:
        session.print_json(answer)
        return
    _print(session.out, answer)


def _print(out: Any, answer: dict[str, Any]) -> None:
    title = f" “{answer['title']}”" if answer["title"] else ""
    out.print(f"{answer['incident']}{title}: {', '.join(answer['scopes'])}", markup=False)
    rows = [
        (
            one["step"].replace("_", " "),
            one["at"]["from"],
            one["by"],
            one["because"],
            "" if one["counts"] else "not yet",
        )
        for one in answer["steps"]
    ]
    views.show(out, ("step", "when", "who", "what", "counts"), rows)
    for one in (answer["sources"] or ())[:5]:
        wide = ", which is nearly everywhere" if one["widespread"] else ""
        out.print(f"may come from {one['lot']}: explains {one['share']:.0%}{wide}", markup=False)
    views.cut(out, answer)
