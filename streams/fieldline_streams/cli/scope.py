"""``fieldline scope``: what a recall holds, and the acts that open it, close it, and let a member go."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import SequenceMatcher
from typing import Annotated, Any

import typer
from fieldline_schemas.faults import Fault
from fieldline_schemas.messages import Sentence
from fieldline_trace.errors import NotFound, Rejected

from fieldline_streams.cli import member_acts, views
from fieldline_streams.cli.acting import Reason, Scope, acted, key_of, print_scope
from fieldline_streams.cli.session import AsOf, AtPosition, Json, Session, chosen, moment_of, session_of

STATUSES = ("draft", "open", "closed", "archived", "lapsed", "withdrawn")
Site = Annotated[str | None, typer.Option(help="The seeds at this site alone; without seeds: what was there.")]
Location = Annotated[str | None, typer.Option(help="What was at this line, room or equipment of the site alone.")]
Since = Annotated[str | None, typer.Option("--from", help="What was there, or drew on the seed, from then on.")]
Until = Annotated[str | None, typer.Option("--to", help="And until then: a time or date.")]
Product = Annotated[str | None, typer.Option(help="Each lot of this product, also later ones.")]
Issuer = Annotated[str | None, typer.Option(help="Each lot that this operator issued.")]
LotFrom = Annotated[str | None, typer.Option(help="Least code, by its first characters.")]
LotTo = Annotated[str | None, typer.Option(help="Greatest code, by its first characters.")]
LotHas = Annotated[list[str] | None, typer.Option(help="The code has one of these in it.")]
ProducedFrom = Annotated[str | None, typer.Option(help="Made then or later.")]
ProducedTo = Annotated[str | None, typer.Option(help="Made then or earlier.")]
ExpiresFrom = Annotated[str | None, typer.Option(help="Its shelf life ends then or later.")]
ExpiresTo = Annotated[str | None, typer.Option(help="Its shelf life ends then or earlier.")]
LayAt = Annotated[str | None, typer.Option(help="Each lot that lies or lay at this site.")]
CameOf = Annotated[str | None, typer.Option(help="Each lot that came of this batch.")]


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
    member_acts.add_to(group)
    group.command("diff", epilog="Example: fieldline scope diff 0a1b --from 1 --to 3")(scope_diff)
    group.command("consignees", epilog="Example: fieldline scope consignees 0a1b --json")(scope_consignees)
    app.add_typer(group, name="scope")


def scope_list(
    context: typer.Context,
    status: Annotated[str | None, typer.Option(help="draft, open, closed, archived, lapsed, withdrawn.")] = None,
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
    print_scope(
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
    product: Product = None,
    issuer: Issuer = None,
    lot_from: LotFrom = None,
    lot_to: LotTo = None,
    lot_has: LotHas = None,
    produced_from: ProducedFrom = None,
    produced_to: ProducedTo = None,
    expires_from: ExpiresFrom = None,
    expires_to: ExpiresTo = None,
    lay_at: LayAt = None,
    came_of: CameOf = None,
    every: Annotated[bool, typer.Option("--all", help="All rows, however many.")] = False,
    at_position: AtPosition = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """What a scope on these seeds, on a window (--site, --from, --to), or on a description would hold now. Nothing is
    written."""
    _hazard_class(hazard_class)
    described = _description(locals())
    if not batches and site is None and not described:
        raise typer.BadParameter("name batches, the site of a window with --site, or a description such as --product")
    session = session_of(context)
    arguments: dict[str, Any] = {"batches": batches or [], "hazard_class": hazard_class, "hazard": hazard}
    arguments |= {"site": site, "location": location, "since": since, "until": until}
    if described:
        arguments["matching"] = described
    print_scope(
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
    product: Product = None,
    issuer: Issuer = None,
    lot_from: LotFrom = None,
    lot_to: LotTo = None,
    lot_has: LotHas = None,
    produced_from: ProducedFrom = None,
    produced_to: ProducedTo = None,
    expires_from: ExpiresFrom = None,
    expires_to: ExpiresTo = None,
    lay_at: LayAt = None,
    came_of: CameOf = None,
    hazard_class: Annotated[str | None, typer.Option(help="Class of the hazard, where there is no draft.")] = None,
    hazard: Annotated[str | None, typer.Option(help="The hazard itself, where there is no draft.")] = None,
    title: Annotated[str | None, typer.Option(help="What people will call it.")] = None,
    as_json: Json = False,
) -> None:
    """Open a draft, or a scope on batches of your own, on what was at a site at some time, or on a description that
    later lots may fit, too. From then on nothing leaves it by itself."""
    described = _description(locals())
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
        seeds = [{"batch": key_of(session, batch, as_json), **bounds} for batch in batches or ()]
        if not seeds and site is not None:
            seeds = [bounds]
        if described:
            event["matching"] = described
        event |= {"seeds": seeds, "hazard_class": hazard_class or "pathogen", "hazard": hazard}
    acted(session, event, scope, as_json)


def scope_close(
    context: typer.Context,
    scope: Scope,
    reason: Reason,
    archive: Annotated[bool, typer.Option("--archive", help="It is not watched any longer, either.")] = False,
    as_json: Json = False,
) -> None:
    """Close a scope; it is watched from then on, until it is archived (--archive)."""
    event = {"kind": "scope_closed", "reason": reason, **({"archived": True} if archive else {})}
    acted(session_of(context), event, scope, as_json)


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
    acted(session, event, scope, as_json)


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


def _description(said: Mapping[str, Any]) -> dict[str, Any]:
    """What options of a command describe, in the words of the act."""
    names = {"issuer": "operator", "lay_at": "site", "came_of": "batch"}
    options = (
        "product", "issuer", "lot_from", "lot_to", "lot_has", "produced_from", "produced_to", "expires_from",
        "expires_to", "lay_at", "came_of",
    )  # fmt: skip
    return {names.get(name, name): said[name] for name in options if said[name]}


def _hazard_class(said: str | None) -> None:
    """Wrong use where ``said`` is no class of hazards."""
    from fieldline_schemas.hazards import HAZARD_CLASSES

    chosen("--hazard-class", said, HAZARD_CLASSES)
