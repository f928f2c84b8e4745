"""``fieldline alert``: one alert, and what people do about it: take it on, give it to somebody, dismiss it, pass it on.

An act is an event in the ledger; it changes no alert, which stands as long as its evidence does.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from fieldline_streams.cli import views
from fieldline_streams.cli.acting import Reason, handed_in
from fieldline_streams.cli.session import AsOf, AtPosition, Json, Session, moment_of, session_of
from fieldline_streams.gateway import HttpGateway

Alert = Annotated[str, typer.Argument(help="Its id; fieldline alerts names them.")]
To = Annotated[str, typer.Option(help="To which office it goes.")]


def add(app: typer.Typer) -> None:
    """Put the commands into ``app``."""
    group = typer.Typer(no_args_is_help=True, help="What people do about an alert.", rich_markup_mode=None)
    for command, example in (
        (show, "show alert-0a1b2c3d4e5f6071"),
        (acknowledge, 'acknowledge alert-0a1b2c3d4e5f6071 --note "sampled again"'),
        (assign, 'assign alert-0a1b2c3d4e5f6071 --to county-office-2 --reason "lies in its county"'),
        (dismiss, 'dismiss alert-0a1b2c3d4e5f6071 --reason "a drill"'),
        (escalate, 'escalate alert-0a1b2c3d4e5f6071 --to city-office --reason "three counties"'),
    ):
        group.command(epilog=f"Example: fieldline --role emergency alert {example}")(command)
    app.add_typer(group, name="alert")


def show(
    context: typer.Context, alert: Alert, at_position: AtPosition = None, as_of: AsOf = None, as_json: Json = False
) -> None:
    """One alert with its versions, what was done about it, and how long both took."""
    session = session_of(context)
    answer = session.ask("alert show", {"alert": alert}, as_json=as_json, moment=moment_of(at_position, as_of))
    _print(session, answer, as_json)


def acknowledge(
    context: typer.Context,
    alert: Alert,
    note: Annotated[str | None, typer.Option(help="What is done about it.")] = None,
    as_json: Json = False,
) -> None:
    """Take an alert on; its deadline is met."""
    _act(session_of(context), alert, {"kind": "alert_acknowledged", "note": note}, as_json)


def assign(context: typer.Context, alert: Alert, to: To, reason: Reason, as_json: Json = False) -> None:
    """Give an alert to somebody."""
    _handle(context, alert, "assign", to, reason, as_json)


def dismiss(context: typer.Context, alert: Alert, reason: Reason, as_json: Json = False) -> None:
    """Say that nothing is to be done about an alert, and why. It goes on standing."""
    _handle(context, alert, "dismiss", None, reason, as_json)


def escalate(context: typer.Context, alert: Alert, to: To, reason: Reason, as_json: Json = False) -> None:
    """Pass an alert on to who decides more."""
    _handle(context, alert, "escalate", to, reason, as_json)


def _handle(context: typer.Context, alert: str, action: str, to: str | None, reason: str, as_json: bool) -> None:
    event = {"kind": "alert_handled", "action": action, "to": to, "reason": reason}
    _act(session_of(context), alert, event, as_json)


def _act(session: Session, alert: str, event: dict[str, Any], as_json: bool) -> None:
    async def work(found: HttpGateway) -> dict[str, Any]:
        await found.ask("alert show", {"alert": alert})
        await handed_in(session, found, {**event, "alert": alert})
        return await found.ask("alert show", {"alert": alert})

    _print(session, session.run(work, as_json=as_json), as_json)


def _print(session: Session, answer: dict[str, Any], as_json: bool) -> None:
    if as_json:
        session.print_json(answer)
        return
    alert = answer["alert"]
    standing = "stands" if alert["standing"] else "stands no longer"
    session.out.print(f"{alert['id']} {alert['rule']} {alert['severity']}, {standing}: {alert['state']}", markup=False)
    session.out.print(alert["text"], markup=False)
    columns = ("version", "change", "at", "reason", "cause")
    views.show(session.out, columns, [[str(one[name] or "") for name in columns] for one in answer["versions"]])
    if answer["handled"]:
        columns = ("state", "by", "at", "to", "reason")
        views.show(session.out, columns, [[one[name] or "" for name in columns] for one in answer["handled"]])
    for what, seconds in (answer["seconds"] or {}).items():
        if seconds is not None:
            session.out.print(f"{what.replace('_', ' ')}: {seconds:.3f} s")
