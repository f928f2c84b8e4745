"""The lineage of a batch: where it came from, where it went, what shares a source with it, and why each is there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from fieldline_trace.api.console.asking import Visit
from fieldline_trace.api.console.chains import Chain, chains_of
from fieldline_trace.api.console.layout import Card, Path, Row, counted, laid_out
from fieldline_trace.api.console.model import STANDINGS, Holding, Model, modelled, site_name
from fieldline_trace.api.console.naming import amount_said
from fieldline_trace.api.console.page import Page
from fieldline_trace.api.console.scopes import OPEN_FIRST
from fieldline_trace.api.console.texts import text

FOLLOWED = 4
"""Suspects that are followed forward; the others are listed."""
PAGE_ROWS = 60
GAPS = ("CHAIN_GAP", "MASS_BALANCE")
FAILURES = ("TEST_FAILED", "SCREENING_POSITIVE")


async def lineage(visit: Visit) -> Page:
    """View 2."""
    asked = visit.query("batch")
    back = await visit.ask("trace", batch=asked, direction="back")
    keys: list[str] = back["asked"]["batches"]
    answers = [back, await visit.ask("trace", batch=asked, direction="forward")]
    alerts = await visit.ask_if("alerts", language=visit.spoken)
    standing_alerts: list[dict[str, Any]] = alerts["alerts"] if alerts else []
    failed = {batch for alert in standing_alerts if alert["rule"] in FAILURES for batch in _batches(alert)}
    scope = await _scope_of(visit, keys)
    inside = {member["batch"] for answer in answers for member in answer["members"]}
    inside |= {member["batch"] for member in scope["members"]} if scope else set()
    ranked = await _ranked(visit, keys, failed)
    for finding in [one["name"] for one in ranked["findings"] if one["name"] not in keys][:FOLLOWED] if ranked else ():
        found = await visit.ask_if("trace", batch=finding, direction="back")
        if found:
            answers.append(found)
            inside |= {member["batch"] for member in found["members"]}
    suspects, lots = _suspects(scope, ranked, back)
    for batch in suspects[:FOLLOWED]:
        found = await visit.ask_if("trace", batch=batch, direction="forward")
        if found:
            answers.append(found)
            inside |= {member["batch"] for member in found["members"]}
    findings = len(ranked["findings"]) if ranked else 0
    standing_of = dict.fromkeys(suspects, "suspect")
    standing_of |= dict.fromkeys(failed & inside, "suspicion")
    if failed & set(keys):
        standing_of |= dict.fromkeys(keys, "failed")
    calls = await visit.ask_if("scope consignees", scope=scope["scope"]) if scope else None
    consignees: list[dict[str, Any]] = calls["consignees"] if calls else []
    gaps = [alert for alert in standing_alerts if alert["rule"] in GAPS and _names(alert, inside)]
    model = modelled(
        answers,
        standing_of,
        calls={one["site"]: at for at, one in reversed(list(enumerate(consignees, 1))) if one["site"]},
        gaps={str(alert["args"].get("site")) for alert in gaps},
        extra=scope["members"] if scope else (),
        ranked=bool(ranked) and findings > 1,
    )
    picture = laid_out(model, _opened(visit))
    where = await visit.ask_if("batch", batch=asked)
    selected = _selected(visit, model)
    rows, total, page = _table(visit, model)
    lit = _lit(answers, model, selected, keys)
    standing_at = {one.place: one.standing for one in model.holdings}

    def sub_of(card: Card) -> str:
        """Under a site's name: who acts there, where that is another name; else how much lies there."""
        held = [at for row in card.rows for at in row.holdings]
        party = next((model.holdings[at].operator for at in held if model.holdings[at].operator), "")
        if party and site_name(party) != card.name:
            return site_name(party)
        return text("lineage.held" if len(held) > 1 else "lineage.held_one", visit.spoken, count=len(held))

    def dim(row: Row) -> bool:
        return bool(lit) and not lit.intersection(row.holdings)

    def dim_path(path: Path) -> bool:
        return bool(lit) and (dim(picture.row_of[path.source]) or dim(picture.row_of[path.target]))

    return Page(
        "lineage.html",
        text("lineage.title", visit.spoken),
        {
            "asked": back["asked"],
            "batch": keys[0],
            "cut": back.get("cut"),
            "failed": bool(failed & set(keys)),
            "failure": next((a for a in standing_alerts if a["rule"] in FAILURES and a["subject"] in keys), None),
            "latest": _latest(standing_alerts, inside),
            "scope": scope,
            "calls": consignees,
            "ranked": ranked,
            "suspects": suspects,
            "gaps": gaps,
            "counts": counted(model.holdings),
            "label": next((one.lot for one in model.holdings if one.batch in keys), asked),
            "sub_of": sub_of,
            "dim": dim,
            "dim_path": dim_path,
            "standing_at": lambda link: standing_at.get(link.places[0], "plain"),
            "amounts": {
                (lot["batch"], one["site"] or ""): amount_said(lot["quantity"], lot["unit"])
                for one in consignees
                for lot in one["lots"]
                if lot.get("quantity")
            },
            "possible_sites": len({one.site for one in model.holdings if one.standing == "possible"}),
            "now": (now := _now(where)),
            "held": _sum_said(now),
            "model": model,
            "picture": picture,
            "selected": selected,
            "chains": chains_of(answers, selected, keys) if selected else [],
            "near": _near(model, selected),
            "lit": lit,
            "rows": rows,
            "total": total,
            "page": page,
            "pages": -(-total // PAGE_ROWS),
            "opened": _opened(visit),
            "findings": findings,
            "lots": lots,
            "names": {one.batch: f"{one.lot} {one.product}" for one in model.holdings},
        },
    )


async def _scope_of(visit: Visit, keys: Sequence[str]) -> dict[str, Any] | None:
    """The scope that is about what was asked for, as the address names it, else the most alive."""
    named = visit.query("scope")
    if not named:
        listed = await visit.ask_if("scope list")
        about = [one for one in (listed["scopes"] if listed else []) if one["lot"] in keys]
        about.sort(key=lambda one: OPEN_FIRST.index(one["status"]))
        named = about[0]["scope"] if about else ""
    return await visit.ask_if("scope show", scope=named) if named else None


async def _ranked(visit: Visit, keys: Sequence[str], failed: set[str]) -> dict[str, Any] | None:
    """The sources that could explain what failed, ranked, where what was asked for is a finding."""
    if not failed & set(keys) or not visit.may("sources"):
        return None
    findings = sorted(failed & set(keys)) + sorted(failed - set(keys))
    found = await visit.ask_if("sources", batches=findings[:50], limit=200)
    if found is None:
        return None
    # Findings that share no source with this one are another incident's.
    own = [one for one in found["sources"] if set(one["explains"]) & set(keys)]
    related = {name for one in own for name in one["explains"]}
    found["findings"] = [one for one in found["findings"] if one["name"] in related]
    found["sources"] = own
    return found


def _suspects(
    scope: Mapping[str, Any] | None, ranked: Mapping[str, Any] | None, back: Mapping[str, Any]
) -> tuple[list[str], int]:
    """Batches, and how many lots these are, that could be where it comes from: that explain the most findings and begin
    there, where there are several findings; else those that the scope names."""
    if ranked and len(ranked["findings"]) > 1:
        most = max((len(one["explains"]) for one in ranked["sources"]), default=0)
        best = [one for one in ranked["sources"] if len(one["explains"]) == most]
        first = [one for one in best if one.get("raw")] or best
        return list(dict.fromkeys(batch for one in first for batch in one["batches"])), len(first)
    if scope is None:
        return [], 0
    came = {member["batch"] for member in back["members"] if member["hops"]}
    named = (one["batch"] for one in scope["members"] if one["role"] == "suspect")
    found = [batch for batch in dict.fromkeys(named) if batch in came]
    return found, len(found)


def _batches(alert: Mapping[str, Any]) -> list[str]:
    return [*alert["args"].get("batches", ()), alert["subject"]]


def _names(alert: Mapping[str, Any], batches: set[str]) -> bool:
    args = alert["args"]
    named = {alert["subject"], args.get("batch"), args.get("to"), *(args.get("batches") or ())}
    return not named.isdisjoint(batches)


def _latest(alerts: Iterable[Mapping[str, Any]], inside: set[str]) -> Mapping[str, Any] | None:
    """The last alert of those that matter most about what is in the picture."""
    about = [alert for alert in alerts if _names(alert, inside) and alert["severity"] != "info"]
    return max(about, key=lambda alert: (alert["severity"] == "critical", alert["position"]), default=None)


def _opened(visit: Visit) -> list[int]:
    return sorted({int(one) for one in visit.query("open").split(",") if one in ("0", "1", "2", "3", "4")})


def _now(where: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Holdings of the batch from which not all has left, as far as quantities say."""
    held = [] if where is None else [one for one in where["holdings"] if one["quantity"] not in ("0", None)]
    return sorted(held, key=lambda one: (-float(one["quantity"]), one["site"] or ""))


def _sum_said(held: Iterable[Mapping[str, Any]]) -> str:
    """What lies of the batch, all in all, by unit."""
    sums: dict[str | None, Decimal] = defaultdict(Decimal)
    for one in held:
        sums[one["unit"]] += Decimal(one["quantity"])
    return " + ".join(amount_said(str(much), unit) for unit, much in sums.items())


def _selected(visit: Visit, model: Model) -> Holding | None:
    place = visit.query("sel").rpartition("@")
    return next((one for one in model.holdings if one.place == (place[0], place[2])), None) if place[1] else None


def _near(model: Model, selected: Holding | None) -> dict[str, list[Holding]]:
    """One step either side of what is selected."""
    if selected is None:
        return {"from": [], "to": []}
    at = model.index()[selected.place]
    return {
        "from": [model.holdings[link.source] for link in model.links if link.target == at],
        "to": [model.holdings[link.target] for link in model.links if link.source == at],
    }


def _lit(answers: Sequence[Mapping[str, Any]], model: Model, selected: Holding | None, keys: Sequence[str]) -> set[int]:
    """Holdings on the chains of what is selected."""
    if selected is None:
        return set()
    at = model.index()
    chains: list[Chain] = chains_of(answers, selected, keys)
    places = {place for chain in chains for link in chain for place in link.places}
    near = _near(model, selected)
    places |= {one.place for one in (*near["from"], *near["to"])} | {selected.place}
    return {at[place] for place in places if place in at}


def _table(visit: Visit, model: Model) -> tuple[list[Holding], int, int]:
    """The page of the table that the address asks for: rows, how many there are, number of the page."""
    wanted, standing = visit.query("f").casefold(), visit.query("is")
    rows = [
        one
        for one in model.holdings
        if standing in ("", one.standing)
        and (not wanted or wanted in f"{one.lot} {one.product} {site_name(one.site)} {one.batch} {one.site}".casefold())
    ]
    rows.sort(key=lambda one: (STANDINGS.index(one.standing), one.product, one.since or "9", one.batch, one.site))
    said = visit.query("page")
    last = max(1, -(-len(rows) // PAGE_ROWS))
    page = min(int(said), last) if said.isascii() and said.isdecimal() and 0 < len(said) < 9 and int(said) else 1
    return rows[(page - 1) * PAGE_ROWS : page * PAGE_ROWS], len(rows), page
