"""``fieldline subscribers``: who is told of alerts and scopes by signed webhooks."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from fieldline_streams.cli import views
from fieldline_streams.cli.session import Json, Session, chosen, session_of

COLUMNS = ("id", "url", "topics", "content", "waiting", "dead", "note")
NOTICES = ("id", "state", "tries", "received", "due", "settled", "said")
TOPICS = ("alerts", "scope-changes")
CONTENTS = ("whole", "ids")
STATES = ("waiting", "delivered", "dead")
Subscriber = Annotated[str, typer.Argument(help="The subscriber's id, as the list has it.")]


def add(app: typer.Typer) -> None:
    """Put the commands into ``app``."""
    group = typer.Typer(no_args_is_help=True, help="Who is told by signed webhooks.", rich_markup_mode=None)
    group.command("add", epilog="Example: fieldline subscribers add https://example.org/hooks --topic alerts")(new)
    group.command("list", epilog="Example: fieldline subscribers list")(listed)
    group.command("remove", epilog="Example: fieldline subscribers remove 5c9f6f90b8a4")(remove)
    group.command("rotate", epilog="Example: fieldline subscribers rotate 5c9f6f90b8a4 --grace-seconds 3600")(rotate)
    group.command("test", epilog="Example: fieldline subscribers test 5c9f6f90b8a4")(attempt)
    group.command("notices", epilog="Example: fieldline subscribers notices 5c9f6f90b8a4 --state dead")(notices)
    group.command("replay", epilog="Example: fieldline subscribers replay 5c9f6f90b8a4")(replay)
    app.add_typer(group, name="subscribers")


def new(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="Where notices are posted to: an https address of the public internet.")],
    topics: Annotated[
        list[str] | None, typer.Option("--topic", help=f"Of what it is told: {', '.join(TOPICS)}. Default: both.")
    ] = None,
    content: Annotated[str, typer.Option(help="What a notice holds: whole, or ids alone.")] = "whole",
    tenant: Annotated[str, typer.Option(help="Of which installation.")] = "default",
    note: Annotated[str, typer.Option(help="For people.")] = "",
    as_json: Json = False,
) -> None:
    """Have somebody told from now on. The secret that notices are signed with is shown this once."""
    chosen("--content", content, CONTENTS)
    for topic in topics or ():
        chosen("--topic", topic, TOPICS)
    session = session_of(context)
    asked = {"url": url, "topics": topics or list(TOPICS), "content": content, "tenant": tenant, "note": note}
    _secret(session, session.call("POST", "/v1/subscribers", (), asked, as_json=as_json), as_json)


def listed(context: typer.Context, as_json: Json = False) -> None:
    """Who is told, and how many notices wait and were given up."""
    session = session_of(context)
    answer = session.call("GET", "/v1/subscribers", as_json=as_json)
    if as_json:
        session.print_json(answer)
    else:
        views.show(session.out, COLUMNS, [_row(one, COLUMNS) for one in answer["subscribers"]])


def remove(context: typer.Context, subscriber: Subscriber, as_json: Json = False) -> None:
    """Tell it of nothing more; what waits is given up."""
    session = session_of(context)
    answer = session.call("POST", f"/v1/subscribers/{_id(subscriber)}/remove", (), {}, as_json=as_json)
    if as_json:
        session.print_json(answer)
    else:
        session.out.print(f"{answer['removed']['id']} ({answer['removed']['url']}) is told no more", markup=False)


def rotate(
    context: typer.Context,
    subscriber: Subscriber,
    grace_seconds: Annotated[
        int, typer.Option(min=0, max=2_592_000, help="How long notices are signed with the old secret, too.")
    ] = 86_400,
    as_json: Json = False,
) -> None:
    """A new secret, shown this once."""
    session = session_of(context)
    path = f"/v1/subscribers/{_id(subscriber)}/rotate"
    _secret(session, session.call("POST", path, (), {"grace_seconds": grace_seconds}, as_json=as_json), as_json)


def attempt(context: typer.Context, subscriber: Subscriber, as_json: Json = False) -> None:
    """Post a notice that only tries whether notices arrive; the list of notices says what became of it."""
    session = session_of(context)
    answer = session.call("POST", f"/v1/subscribers/{_id(subscriber)}/test", (), {}, as_json=as_json)
    if as_json:
        session.print_json(answer)
    else:
        session.out.print(f"{answer['notice']} is on its way: fieldline subscribers notices {subscriber}", markup=False)


def notices(
    context: typer.Context,
    subscriber: Subscriber,
    state: Annotated[str | None, typer.Option(help="waiting, delivered, or dead: given up.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Most that are listed, the latest first.")] = 100,
    as_json: Json = False,
) -> None:
    """What became of its notices."""
    chosen("--state", state, STATES)
    session = session_of(context)
    query = [("limit", str(limit)), *([("state", state)] if state else [])]
    answer = session.call("GET", f"/v1/subscribers/{_id(subscriber)}/notices", query, as_json=as_json)
    if as_json:
        session.print_json(answer)
    else:
        views.show(session.out, NOTICES, [_row(one, NOTICES) for one in answer["notices"]])


def replay(
    context: typer.Context,
    subscriber: Subscriber,
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[NOTICE]...", help="Notices that were given up. Default: all.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Send again what was given up, under the same ids."""
    session = session_of(context)
    path = f"/v1/subscribers/{_id(subscriber)}/replay"
    answer = session.call("POST", path, (), {"notices": ids} if ids else {}, as_json=as_json)
    if as_json:
        session.print_json(answer)
    else:
        session.out.print(f"{answer['replayed']} are sent again", markup=False)


def _secret(session: Session, answer: dict[str, Any], as_json: bool) -> None:
    if as_json:
        session.print_json(answer)
        return
    made = answer["subscriber"]
    session.out.print(f"{made['id']}: {made['url']}; its secret, shown this once:", markup=False)
    session.out.print(made["secret"], markup=False, soft_wrap=True)


def _row(one: dict[str, Any], columns: tuple[str, ...]) -> list[str]:
    return [views.cell(one[name]) for name in columns]


def _id(subscriber: str) -> str:
    if not (subscriber.isalnum() and subscriber.isascii()):
        raise typer.BadParameter("a subscriber's id has letters and digits alone")
    return subscriber
