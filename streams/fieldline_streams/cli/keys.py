"""``fieldline keys``: who may come in by the HTTP door."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from fieldline_streams.cli import views
from fieldline_streams.cli.session import Json, Session, chosen, session_of

ROLES = ("producer", "laboratory", "regulator", "emergency", "administrator", "public")
COLUMNS = ("id", "sender", "role", "operators", "grid", "tenant", "expires", "revoked", "replaces", "note")
Key = Annotated[str, typer.Argument(help="The key's id, as the list has it.")]
Days = Annotated[int, typer.Option(min=1, max=3650, help="How many days it opens.")]


def add(app: typer.Typer) -> None:
    """Put the commands into ``app``."""
    group = typer.Typer(no_args_is_help=True, help="Keys of the HTTP door.", rich_markup_mode=None)
    group.command("create", epilog="Example: fieldline keys create --sender hof-1 --role producer")(create)
    group.command("list", epilog="Example: fieldline keys list")(listed)
    group.command("rotate", epilog="Example: fieldline keys rotate 5c9f6f90b8a4 --grace-seconds 3600")(rotate)
    group.command("revoke", epilog="Example: fieldline keys revoke 5c9f6f90b8a4")(revoke)
    group.command("whoami", epilog="Example: FIELDLINE_KEY_FILE=~/hof-1.key fieldline keys whoami")(whoami)
    app.add_typer(group, name="keys")


def create(
    context: typer.Context,
    sender: Annotated[str, typer.Option(help="Who speaks with it: the sender of what is handed in.")],
    role: Annotated[str, typer.Option(help=f"{', '.join(ROLES)}.")],
    operators: Annotated[
        list[str] | None, typer.Option("--operator", help="Whose events and holdings are its own, too; * is anybody's.")
    ] = None,
    grid: Annotated[
        str | None, typer.Option(help="Jurisdiction: a prefix of administrative codes, or empty for everywhere.")
    ] = None,
    tenant: Annotated[str, typer.Option(help="Whose installation it opens.")] = "default",
    note: Annotated[str, typer.Option(help="For people.")] = "",
    days: Days = 365,
    as_json: Json = False,
) -> None:
    """Make a key. It is shown this once; the service keeps its hash alone."""
    chosen("--role", role, ROLES)
    session = session_of(context)
    asked: dict[str, Any] = {
        "sender": sender, "role": role, "operators": operators or [], "tenant": tenant, "note": note, "days": days,
    }  # fmt: skip
    if grid is not None:
        asked["grid"] = grid
    _shown(session, session.call("POST", "/v1/keys", (), asked, as_json=as_json), as_json)


def listed(context: typer.Context, as_json: Json = False) -> None:
    """The keys that there are, the latest first, without their secrets."""
    session = session_of(context)
    answer = session.call("GET", "/v1/keys", as_json=as_json)
    if as_json:
        session.print_json(answer)
    else:
        views.show(session.out, COLUMNS, [_row(key) for key in answer["keys"]])


def rotate(
    context: typer.Context,
    key: Key,
    grace_seconds: Annotated[
        int, typer.Option(min=0, max=2_592_000, help="How long the old key still opens, in seconds.")
    ] = 86_400,
    days: Days = 365,
    as_json: Json = False,
) -> None:
    """A new key for the same; the old one still opens until its grace is over."""
    session = session_of(context)
    asked = {"grace_seconds": grace_seconds, "days": days}
    _shown(session, session.call("POST", f"/v1/keys/{_id(key)}/rotate", (), asked, as_json=as_json), as_json)


def revoke(context: typer.Context, key: Key, as_json: Json = False) -> None:
    """Let a key open nothing any more, within a second."""
    session = session_of(context)
    answer = session.call("POST", f"/v1/keys/{_id(key)}/revoke", (), {}, as_json=as_json)
    if as_json:
        session.print_json(answer)
    else:
        revoked = answer["revoked"]
        session.out.print(f"{revoked['id']} of {revoked['sender']} was revoked at {revoked['revoked']}", markup=False)


def whoami(context: typer.Context, as_json: Json = False) -> None:
    """As whom this command line comes in."""
    session = session_of(context)
    answer = session.call("GET", "/v1/me", as_json=as_json)
    if as_json:
        session.print_json(answer)
    else:
        views.show(session.out, ("", ""), [(name, views.cell(value)) for name, value in answer.items()])


def _shown(session: Session, answer: dict[str, Any], as_json: bool) -> None:
    if as_json:
        session.print_json(answer)
        return
    made = answer["made"]
    session.out.print(
        f"{made['id']}: {made['sender']} as {made['role']}, until {made['expires'][:10]}; shown this once:",
        markup=False,
    )
    session.out.print(answer["key"], markup=False, soft_wrap=True)


def _row(key: dict[str, Any]) -> list[str]:
    return [views.cell(key[name])[: 19 if name in ("expires", "revoked") else None] for name in COLUMNS]


def _id(key: str) -> str:
    """The id of a key, also where the whole key was given: that one goes no further than here."""
    name = key.split("_")[1] if key.startswith("flk_") and key.count("_") > 1 else key
    if not (name.isalnum() and name.isascii()):
        raise typer.BadParameter("a key's id has letters and digits alone")
    return name
