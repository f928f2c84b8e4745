"""``fieldline scope include``, ``exclude``, ``told``, ``answered``; and what comes of it: progress, versions, files."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from fieldline_streams.cli import recalling
from fieldline_streams.cli.acting import Reason, Scope, acted, key_of
from fieldline_streams.cli.asking import tell
from fieldline_streams.cli.session import AsOf, AtPosition, Json, chosen, moment_of, session_of
from fieldline_streams.gateway import HttpGateway

Where = Annotated[str | None, typer.Option(help="What lies of it at this site alone.")]
OfBatch = Annotated[str, typer.Argument(help="The batch in any spelling.")]
Evidence = Annotated[list[str] | None, typer.Option("--evidence", help="Id of an event that it rests on.")]


def add_to(group: typer.Typer) -> None:
    """Put the commands into the group ``scope``."""
    group.command(
        "exclude", epilog="Example: fieldline --role emergency scope exclude 0a1b plant-7/salad/M12 --reason heated"
    )(scope_exclude)
    group.command(
        "include", epilog="Example: fieldline --role emergency scope include 0a1b plant-7/salad/M13 --reason leak"
    )(scope_include)
    group.command("told", epilog="Example: fieldline --role emergency scope told 0a1b school-3 --via phone")(scope_told)
    group.command(
        "answered",
        epilog="Example: fieldline --role emergency scope answered 0a1b school-3 --batch M12 --unit kg --held 12",
    )(scope_answered)
    group.command("progress", epilog="Example: fieldline scope progress 0a1b")(scope_progress)
    group.command("versions", epilog="Example: fieldline scope versions 0a1b")(scope_versions)
    group.command("export", epilog="Example: fieldline scope export 0a1b --format csv > scope.csv")(scope_export)


def scope_exclude(
    context: typer.Context,
    scope: Scope,
    batch: OfBatch,
    reason: Reason,
    site: Where = None,
    evidence: Evidence = None,
    as_json: Json = False,
) -> None:
    """Take a batch out of a scope; what was made of it stays. For the emergency role. What is definitely of the failed
    lot is released, not excluded."""
    _decide(context, "member_excluded", scope, batch, reason, site, evidence, as_json)


def scope_include(
    context: typer.Context,
    scope: Scope,
    batch: OfBatch,
    reason: Reason,
    site: Where = None,
    evidence: Evidence = None,
    as_json: Json = False,
) -> None:
    """Put a batch into a scope, and what was made of it with it."""
    _decide(context, "member_included", scope, batch, reason, site, evidence, as_json)


def _decide(
    context: typer.Context,
    kind: str,
    scope: str,
    batch: str,
    reason: str,
    site: str | None,
    evidence: list[str] | None,
    as_json: bool,
) -> None:
    session = session_of(context)
    event = {"kind": kind, "batch": key_of(session, batch, as_json), "site": site, "reason": reason}
    acted(session, event | {"evidence": evidence}, scope, as_json)


def scope_told(
    context: typer.Context,
    scope: Scope,
    consignee: Annotated[str, typer.Argument(help="Who was told: an operator.")],
    via: Annotated[str, typer.Option(help="phone, message, email, letter, visit, portal or other.")] = "other",
    answer_by: Annotated[str | None, typer.Option(help="Until when an answer is asked.")] = None,
    batches: Annotated[list[str] | None, typer.Option("--batch", help="Told of this batch; none: of all.")] = None,
    as_json: Json = False,
) -> None:
    """Say that a consignee was told of the recall."""
    session = session_of(context)
    event: dict[str, Any] = {"kind": "consignee_notified", "consignee": consignee, "via": via, "answer_by": answer_by}
    event["batches"] = [key_of(session, batch, as_json) for batch in batches or ()]
    acted(session, event, scope, as_json)


def scope_answered(
    context: typer.Context,
    scope: Scope,
    consignee: Annotated[str, typer.Argument(help="Who answers: an operator.")],
    batch: Annotated[str | None, typer.Option(help="The batch that the amounts are of.")] = None,
    unit: Annotated[str, typer.Option(help="Unit of all amounts.")] = "kg",
    received: Annotated[str | None, typer.Option(help="How much came.")] = None,
    held: Annotated[str | None, typer.Option(help="How much is there, held.")] = None,
    sold: Annotated[str | None, typer.Option(help="How much was sold or used.")] = None,
    returned: Annotated[str | None, typer.Option(help="How much went back.")] = None,
    disposed: Annotated[str | None, typer.Option(help="How much was disposed of.")] = None,
    passed_on: Annotated[bool, typer.Option("--passed-on", help="Its own customers were told.")] = False,
    note: Annotated[str | None, typer.Option(help="What else it says.")] = None,
    as_json: Json = False,
) -> None:
    """Say what a consignee answered: what became of a batch there."""
    session = session_of(context)
    amounts = {"received": received, "held": held, "sold": sold, "returned": returned, "disposed": disposed}
    known = {name: amount for name, amount in amounts.items() if amount is not None}
    if known and batch is None:
        raise typer.BadParameter("amounts are of a batch: --batch")
    event: dict[str, Any] = {"kind": "consignee_answered", "consignee": consignee, "passed_on": passed_on, "note": note}
    if batch is not None:
        event["accounts"] = [{"batch": key_of(session, batch, as_json), "unit": unit, **known}]
    acted(session, event, scope, as_json)


def scope_progress(
    context: typer.Context, scope: Scope, at_position: AtPosition = None, as_of: AsOf = None, as_json: Json = False
) -> None:
    """How far the recall is: who was told and answered, how much was made and sold, and how much is back."""
    tell(context, "scope progress", {"scope": scope}, recalling.progress, at_position, as_of, as_json)


def scope_versions(
    context: typer.Context, scope: Scope, at_position: AtPosition = None, as_of: AsOf = None, as_json: Json = False
) -> None:
    """All versions of a scope, the latest first, each with what made it."""
    tell(context, "scope versions", {"scope": scope}, recalling.versions, at_position, as_of, as_json)


def scope_export(
    context: typer.Context,
    scope: Scope,
    form: Annotated[str, typer.Option("--format", help="csv, json, events or fcl (FoodChain-Lab).")] = "csv",
    version: Annotated[int | None, typer.Option(min=1, help="Which version, of csv and json; else the latest.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", dir_okay=False, help="Into this file; else standard output.")
    ] = None,
    at_position: AtPosition = None,
    as_of: AsOf = None,
) -> None:
    """A scope as a file: its members, the events that it rests on, or its network. Whole, however large."""
    chosen("--format", form, ("csv", "json", "events", "fcl"))
    session = session_of(context)
    query = dict(moment_of(at_position, as_of))
    if version is not None:
        query["version"] = str(version)

    async def work(found: HttpGateway) -> None:
        with out.open("wb") if out is not None else nullcontext(sys.stdout.buffer) as file:
            async for piece in found.file(f"/v1/scopes/{quote(scope, safe='')}/file/{form}", list(query.items())):
                file.write(piece)
            file.flush()

    session.run(work)
