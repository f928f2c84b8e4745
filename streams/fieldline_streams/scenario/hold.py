"""The end of a scenario held to its truth: a line for each thing that is not as it should be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fieldline_trace.errors import NotFound

from fieldline_streams.gateway import Gateway
from fieldline_streams.scenario.story import Story, TrueScope, TrueSources

SHARE_PLACES = 3


async def differences(found: Gateway, story: Story) -> list[str]:
    """What differs from the truth; none where all is as it should be."""
    said: list[str] = []
    own = story.ids
    answer = await found.ask("alerts", {})
    raised = [one for one in answer["alerts"] if own & set(one["evidence"])]
    said += _alerts(story.truth.alerts, raised)
    if story.truth.scopes:
        listed = (await found.ask("scope list", {}))["scopes"]
        for scope in story.truth.scopes:
            said += [line async for line in _scope(found, listed, scope)]
    if story.truth.sources is not None:
        said += await _sources(found, story.truth.sources)
    for batch, sites in story.truth.reached.items():
        try:
            trace = await found.ask("trace", {"batch": batch, "direction": "forward"})
        except NotFound as error:
            said.append(str(error))
            continue
        said += _sets(f"{batch} reached", {site["site"] for site in trace["sites"]}, set(sites))
    return said


def _alerts(true: Mapping[str, Sequence[str]], raised: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for rule, subjects in sorted(true.items()):
        seen = {one["subject"] for one in raised if one["rule"] == rule}
        yield from _sets(rule, seen, set(subjects))


async def _scope(found: Gateway, listed: Sequence[Mapping[str, Any]], true: TrueScope) -> Any:
    name = true.lot or true.title
    ids = [
        one["scope"]
        for one in listed
        if (one["lot"] == true.lot if true.lot else one["title"] == true.title)
        and true.hazard_class in ("", one["hazard_class"])
        and one["status"] != "lapsed"
    ]
    if len(ids) != 1:
        yield f"scope of {name}: {len(ids)} found, there is one"
        return
    shown = await found.ask("scope show", {"scope": ids[0]})
    members = {place(member): member for member in shown["members"] if member["state"] != "unsupported"}
    for role, places in sorted(true.roles.items()):
        seen = {where for where, member in members.items() if member["role"] == role}
        for line in _sets(f"scope of {name}, {role}", seen, set(places)):
            yield line
    for where, certainty in sorted(true.certain.items()):
        seen_as = members[where]["certainty"] if where in members else "no member"
        if seen_as != certainty:
            yield f"scope of {name}: {where} is {seen_as}, it is {certainty}"


async def _sources(found: Gateway, true: TrueSources) -> list[str]:
    asked: dict[str, Any] = {"batches": true.batches} if true.batches else {"cases": True}
    try:
        ranked = (await found.ask("sources", asked))["sources"]
    except NotFound as error:
        return [str(error)]
    share = round(true.share, SHARE_PLACES)
    explains = {one["lot"] for one in ranked if round(one["share"], SHARE_PLACES) == share}
    said = list(_sets(f"sources that explain {true.share:g}", explains, set(true.lots)))
    lots = [one["lot"] for one in ranked]
    if true.first is not None and lots[:1] != [true.first]:
        said.append(f"the first source is {', '.join(lots[:1]) or 'none'}, it is {true.first}")
    for earlier, later in true.before:
        if earlier not in lots or (later in lots and lots.index(earlier) > lots.index(later)):
            said.append(f"source {earlier} does not come before {later}")
    return said


def place(member: Mapping[str, Any]) -> str:
    """How a truth names a holding."""
    return f"{member['batch']} @ {member['site']}"


def _sets(what: str, seen: set[str], true: set[str]) -> Iterator[str]:
    if seen - true:
        yield f"{what}: too many: {', '.join(sorted(seen - true))}"
    if true - seen:
        yield f"{what}: missing: {', '.join(sorted(true - seen))}"
