"""``fieldline scope``: what a recall holds, and the acts that open it, close it, and let a member go."""

from __future__ import annotations

import json
import sys
import uuid
from contextlib import nullcontext
from datetime import UTC, datetime
from difflib import SequenceMatcher
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer
from fieldline_schemas.faults import Fault
from fieldline_schemas.messages import Sentence
from fieldline_trace.api.faults import fault_of
from fieldline_trace.errors import NotFound, Rejected

from fieldline_streams.cli import recalling, views
from fieldline_streams.cli.session import AsOf, AtPosition, Json, Session, chosen, moment_of, session_of
from fieldline_streams.gateway import HttpGateway

STATUSES = ("draft", "open", "closed", "lapsed")
Scope = Annotated[str, typer.Argument(help="Its id, or the begin of it that no other has.")]
Reason = Annotated[str, typer.Option(help="Why; it is kept with the act.")]
Site = Annotated[str | None, typer.Option(help="The seeds at this site alone; without seeds: what was there.")]
Location = Annotated[str | None, typer.Option(help="What was at this line, room or equipment of the site alone.")]
Since = Annotated[str | None, typer.Option("--from", help="What was there, or drew on the seed, from then on.")]
Until = Annotated[str | None, typer.Option("--to", help="And until then: a time or date.")]


def add(app: typer.Typer) -> None:
    """Put the commands into ``app``."""
    group = typer.Typer(no_args_is_help=True, help="Recall scopes.", rich_markup_mode=None)
    group.command("list", epilog="Example: fieldline scope list --status draft")(scope_list)
    group.command("show", epilog="Example: fieldline scope show 0a1b --all")(scope_show)
    group.command("preview", epilog="Example: fieldline scope preview hof-1/leaf/L1 --hazard-class pathogen")(
        scope_preview
    )
    group.command("open", epilog='Example: fieldline --role emergency scope open 0a1b --reason "two clusters"')(
        scope_open
    )
    group.command("close", epilog='Example: fieldline --role emergency scope close 0a1b --reason "all answered"')(
        scope_close
    )
    group.command(
        "release",
        epilog="Example: fieldline --role emergency scope release 0a1b hof-1/leaf/L1 --site store-3 --reason late",
    )(scope_release)
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
    group.command("diff", epilog="Example: fieldline scope diff 0a1b --from 1 --to 3")(scope_diff)
    group.command("consignees", epilog="Example: fieldline scope consignees 0a1b --json")(scope_consignees)
    app.add_typer(group, name="scope")


def scope_list(
    context: typer.Context,
    status: Annotated[str | None, typer.Option(help="draft, open, closed or lapsed.")] = None,
    at_position: AtPosition = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """All scopes, the latest changed first."""
    chosen("--status", status, STATUSES)
    session = session_of(context)
    answer = session.ask("scope list", {"status": status}, as_json=as_json, moment=moment_of(at_position, as_of))
    if as_json:
        session.print_json(answer)
        return
    views.scope_list(session.out, answer)


def scope_show(
    context: typer.Context,
    scope: Scope,
    every: Annotated[bool, typer.Option("--all", help="All rows, however many.")] = False,
    inferred: Annotated[bool, typer.Option("--inferred", help="List members known by inference alone.")] = False,
    co_descendants: Annotated[
        bool, typer.Option("--co-descendants", help="List what else the suspect sources fed.")
    ] = False,
    at_position: AtPosition = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """One scope: each member with its role, how sure, since when, and the event that brought it in."""
    session = session_of(context)
    arguments = {"scope": scope, "inferred": inferred, "co_descendants": co_descendants}
    _print_scope(
        session,
        session.ask("scope show", arguments, as_json=as_json, moment=moment_of(at_position, as_of)),
        every,
        as_json,
    )


def scope_preview(
    context: typer.Context,
    batches: Annotated[
        list[str] | None, typer.Argument(help="Seeds: batches in any spelling, or lot numbers; none: a window.")
    ] = None,
    hazard_class: Annotated[
        str, typer.Option(help="Class of the hazard; it decides how far the scope goes.")
    ] = "pathogen",
    hazard: Annotated[str, typer.Option(help="The hazard itself.")] = "",
    site: Site = None,
    location: Location = None,
    since: Since = None,
    until: Until = None,
    every: Annotated[bool, typer.Option("--all", help="All rows, however many.")] = False,
    at_position: AtPosition = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """What a scope on these seeds, or on a window (--site, --from, --to), would hold now. Nothing is written."""
    _hazard_class(hazard_class)
    if not batches and site is None:
        raise typer.BadParameter("name batches, or the site of a window with --site")
    session = session_of(context)
    arguments = {"batches": batches or [], "hazard_class": hazard_class, "hazard": hazard, "site": site}
    arguments |= {"location": location, "since": since, "until": until}
    _print_scope(
        session,
        session.ask("scope preview", arguments, as_json=as_json, moment=moment_of(at_position, as_of)),
        every,
        as_json,
    )


def scope_open(
    context: typer.Context,
    reason: Reason,
    scope: Annotated[str | None, typer.Argument(help="The draft to open; none: a scope on --batch or --site.")] = None,
    batches: Annotated[list[str] | None, typer.Option("--batch", help="A seed, where there is no draft.")] = None,
    site: Site = None,
    location: Location = None,
    since: Since = None,
    until: Until = None,
    product: Annotated[str | None, typer.Option(help="Each lot of this product, also later ones.")] = None,
    issuer: Annotated[str | None, typer.Option(help="Each lot that this operator issued.")] = None,
    lot_from: Annotated[str | None, typer.Option(help="Least code, by its first characters.")] = None,
    lot_to: Annotated[str | None, typer.Option(help="Greatest code, by its first characters.")] = None,
    lot_has: Annotated[list[str] | None, typer.Option(help="The code has one of these in it.")] = None,
    produced_from: Annotated[str | None, typer.Option(help="Made then or later.")] = None,
    produced_to: Annotated[str | None, typer.Option(help="Made then or earlier.")] = None,
    expires_from: Annotated[str | None, typer.Option(help="Its shelf life ends then or later.")] = None,
    expires_to: Annotated[str | None, typer.Option(help="Its shelf life ends then or earlier.")] = None,
    lay_at: Annotated[str | None, typer.Option(help="Each lot that lies or lay at this site.")] = None,
    came_of: Annotated[str | None, typer.Option(help="Each lot that came of this batch.")] = None,
    hazard_class: Annotated[str | None, typer.Option(help="Class of the hazard, where there is no draft.")] = None,
    hazard: Annotated[str | None, typer.Option(help="The hazard itself, where there is no draft.")] = None,
    title: Annotated[str | None, typer.Option(help="What people will call it.")] = None,
    as_json: Json = False,
) -> None:
    """Open a draft, or a scope on batches of your own, on what was at a site at some time, or on a description that
    later lots may fit, too. From then on nothing leaves it by itself."""
    described: dict[str, Any] = {"product": product, "operator": issuer, "lot_from": lot_from, "lot_to": lot_to}
    described |= {"lot_has": lot_has or None, "produced_from": produced_from, "produced_to": produced_to}
    described |= {"expires_from": expires_from, "expires_to": expires_to, "site": lay_at, "batch": came_of}
    described = {name: value for name, value in described.items() if value is not None}
    if (scope is None) == (not batches and site is None and not described):
        raise typer.BadParameter(
            "name a draft, or seeds with --batch, or a window with --site, --from and --to, or a description such as "
            "--product and --lot-from"
        )
    _hazard_class(hazard_class)
    if scope is None and not hazard:
        raise typer.BadParameter("seeds need the hazard: --hazard")
    session = session_of(context)
    event: dict[str, Any] = {"kind": "scope_opened", "reason": reason, "title": title}
    if scope is None:
        bounds = {"site": site, "location": location, "since": since, "until": until}
        seeds = [{"batch": _key(session, batch, as_json), **bounds} for batch in batches or ()]
        if not seeds and site is not None:
            seeds = [bounds]
        if described:
            event["matching"] = described
        event |= {"seeds": seeds, "hazard_class": hazard_class or "pathogen", "hazard": hazard}
    _act(session, event, scope, as_json)


def scope_close(context: typer.Context, scope: Scope, reason: Reason, as_json: Json = False) -> None:
    """Close a scope; it is watched from then on."""
    _act(session_of(context), {"kind": "scope_closed", "reason": reason}, scope, as_json)


def scope_release(
    context: typer.Context,
    scope: Scope,
    batch: Annotated[str, typer.Argument(help="The member's batch in any spelling, or its lot number as printed.")],
    site: Annotated[str, typer.Option(help="Where the member lies.")],
    reason: Reason,
    as_json: Json = False,
) -> None:
    """Let a member go. For the emergency role."""
    session = session_of(context)
    key, place = _member(session, scope, batch, site, as_json)
    event = {"kind": "member_released", "batch": key, "site": place, "reason": reason}
    _act(session, event, scope, as_json)


Where = Annotated[str | None, typer.Option(help="What lies of it at this site alone.")]
OfBatch = Annotated[str, typer.Argument(help="The batch in any spelling.")]
Evidence = Annotated[list[str] | None, typer.Option("--evidence", help="Id of an event that it rests on.")]


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
    event = {"kind": kind, "batch": _key(session, batch, as_json), "site": site, "reason": reason}
    _act(session, event | {"evidence": evidence}, scope, as_json)


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
    event["batches"] = [_key(session, batch, as_json) for batch in batches or ()]
    _act(session, event, scope, as_json)


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
        event["accounts"] = [{"batch": _key(session, batch, as_json), "unit": unit, **known}]
    _act(session, event, scope, as_json)


def scope_progress(
    context: typer.Context, scope: Scope, at_position: AtPosition = None, as_of: AsOf = None, as_json: Json = False
) -> None:
    """How far the recall is: who was told and answered, how much was made and sold, and how much is back."""
    session = session_of(context)
    answer = session.ask("scope progress", {"scope": scope}, as_json=as_json, moment=moment_of(at_position, as_of))
    if as_json:
        session.print_json(answer)
        return
    recalling.progress(session.out, answer)


def scope_versions(
    context: typer.Context, scope: Scope, at_position: AtPosition = None, as_of: AsOf = None, as_json: Json = False
) -> None:
    """All versions of a scope, the latest first, each with what made it."""
    session = session_of(context)
    answer = session.ask("scope versions", {"scope": scope}, as_json=as_json, moment=moment_of(at_position, as_of))
    if as_json:
        session.print_json(answer)
        return
    recalling.versions(session.out, answer)


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


def scope_diff(
    context: typer.Context,
    scope: Scope,
    begin: Annotated[
        int | None, typer.Option("--from", min=0, help="The earlier version; 0 is before the first.")
    ] = None,
    end: Annotated[int | None, typer.Option("--to", min=0, help="The later version; none: the latest.")] = None,
    at_position: AtPosition = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """What changed from one version to another, and why."""
    session = session_of(context)
    answer = session.ask(
        "scope diff",
        {"scope": scope, "begin": begin, "end": end},
        as_json=as_json,
        moment=moment_of(at_position, as_of),
    )
    if as_json:
        session.print_json(answer)
        return
    views.diff(session.out, answer)


def scope_consignees(
    context: typer.Context,
    scope: Scope,
    at_position: AtPosition = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Whom to call, for what, how much: definite before possible, then the nearest."""
    session = session_of(context)
    answer = session.ask("scope consignees", {"scope": scope}, as_json=as_json, moment=moment_of(at_position, as_of))
    if as_json:
        session.print_json(answer)
        return
    views.consignees(session.out, answer)


def _key(session: Session, text: str, as_json: bool) -> str:
    """The one key that ``text`` names; ends the command where there is none, or more than one."""
    keys: list[str] = session.ask("name", {"batch": text}, as_json=as_json)["batches"]
    if len(keys) > 1:
        fault = Fault.of(text, "lot_of_many_batches", "batch", count=len(keys), example=keys[0])
        session.fail(Rejected(fault), as_json=as_json)
    return keys[0]


def _member(session: Session, scope: str, text: str, site: str, as_json: bool) -> tuple[str, str]:
    """Key and site of the one member of ``scope`` that is meant; ends the command where there is none, or more than
    one."""
    every = {"scope": scope, "inferred": True, "co_descendants": True}
    members = session.ask("scope show", every, as_json=as_json)["members"]
    keys = set(session.ask("name", {"batch": text}, as_json=as_json)["batches"])
    try:
        from fieldline_schemas.sites import canonical_site

        place = canonical_site(site)
    except Fault as fault:
        session.fail(Rejected(fault.at("site")), as_json=as_json)
    found = [member for member in members if member["batch"] in keys and member["site"] == place]
    if not found:
        near = [f"{member['batch']} at {member['site']}" for member in members]
        near.sort(key=lambda name: -SequenceMatcher(None, f"{text} at {site}", name).ratio())
        unknown = Sentence("member_not_known", batch=repr(text), site=repr(site))
        session.fail(NotFound(unknown, tuple(near[:5])), as_json=as_json)
    if len(found) > 1:
        several = Fault.of(text, "lot_of_many_members", "batch", count=len(found), example=found[0]["batch"])
        session.fail(Rejected(several), as_json=as_json)
    return found[0]["batch"], found[0]["site"]


def _act(session: Session, event: dict[str, Any], scope: str | None, as_json: bool) -> None:
    """Hand an act in as an event of the session's sender and role, and show the scope that it speaks of."""

    async def work(found: HttpGateway) -> dict[str, Any]:
        if scope is not None:
            event["scope"] = (await found.ask("scope show", {"scope": scope}))["scope"]
        event["id"] = uuid.uuid4().urn
        event["at"] = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        raw = json.dumps({name: value for name, value in event.items() if value is not None}).encode()
        (receipt,) = await found.hand_in([raw], sender=session.sender, role=session.role)
        if receipt["outcome"] == "refused":
            raise Rejected(fault_of(receipt))
        if scope is not None:
            return await found.ask("scope show", {"scope": event["scope"]})
        return await found.ask("scope show", {"opened_by": [await found.speaker(), event["id"]]})

    _print_scope(session, session.run(work, as_json=as_json), False, as_json)


def _print_scope(session: Session, answer: dict[str, Any], every: bool, as_json: bool) -> None:
    if as_json:
        session.print_json(answer)
    else:
        views.scope(session.out, answer, short=None if every else views.SHORT)


def _hazard_class(said: str | None) -> None:
    """Wrong use where ``said`` is no class of hazards."""
    from fieldline_schemas.hazards import HAZARD_CLASSES

    chosen("--hazard-class", said, HAZARD_CLASSES)
