"""``fieldline alerts``: what stands."""

from __future__ import annotations

from typing import Annotated

import typer
from fieldline_schemas.messages import LANGUAGES

from fieldline_streams.cli import views
from fieldline_streams.cli.session import AsOf, AtPosition, Json, chosen, moment_of, session_of


def add(app: typer.Typer) -> None:
    """Put the command into ``app``."""
    app.command(epilog="Example: fieldline alerts --rule TEST_FAILED")(alerts)


def alerts(
    context: typer.Context,
    rule: Annotated[str | None, typer.Option(help="Of this rule alone.")] = None,
    withdrawn: Annotated[bool, typer.Option("--withdrawn", help="Also those that no longer stand.")] = False,
    language: Annotated[str | None, typer.Option(help="en or zh-CN; else as --lang says.")] = None,
    at_position: AtPosition = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """The alerts that stand, the most severe first, each with its evidence."""
    if language not in (None, *LANGUAGES):
        raise typer.BadParameter("--language is en or zh-CN")
    from fieldline_trace.risk.registry import RULES

    chosen("--rule", rule and rule.upper(), RULES)
    session = session_of(context)
    answer = session.ask(
        "alerts",
        {"rule": rule, "withdrawn": withdrawn, "language": language},
        as_json=as_json,
        moment=moment_of(at_position, as_of),
    )
    if as_json:
        session.print_json(answer)
        return
    views.alerts(session.out, answer)
    if answer["withdrawn"] and not withdrawn:
        session.out.print(f"+ {answer['withdrawn']} withdrawn; --withdrawn lists them")
