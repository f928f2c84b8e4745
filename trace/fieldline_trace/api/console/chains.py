"""Why something is there: the shortest recorded chain from it to what was asked for. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fieldline_trace.api.console.model import Holding, Place

MOST = 12
"""Chains that are told."""


@dataclass(slots=True)
class Link:
    """A batch on a chain: the places where it was, each with when, and the event by which it went on."""

    batch: str
    labels: tuple[str, ...]
    places: list[Place] = field(default_factory=list)
    days: list[str] = field(default_factory=list)
    event: str = ""
    certainty: str = "definite"


Chain = list[Link]


def chains_of(answers: Sequence[Mapping[str, Any]], selected: Holding, keys: Sequence[str]) -> list[Chain]:
    """The chains between ``selected`` and what each of ``answers`` (of ``trace``) was asked for, in the order of time;
    of a trace that was asked for the selected batch itself, one chain to each other thing of ``keys``."""
    found: list[list[Mapping[str, Any]]] = []
    for answer in answers:
        members = {(one["batch"], one["site"] or ""): one for one in answer["members"]}
        own = selected.batch in answer["asked"]["batches"]
        if own and answer["direction"] == "forward" and selected.batch not in keys:
            ends = [place for place, one in members.items() if one["batch"] in keys]
            nearest = sorted(ends, key=lambda place: members[place]["hops"])[:1]
            found += [_chain(members, place)[::-1] for place in nearest]
        elif selected.place in members and members[selected.place]["hops"]:
            steps = _chain(members, selected.place)
            found.append(steps if answer["direction"] == "back" else steps[::-1])
    chains = [_linked(steps) for steps in found if len(steps) > 1]
    told: dict[tuple[Place, ...], Chain] = {}
    for chain in chains:
        told.setdefault(tuple(place for link in chain for place in link.places), chain)
    return list(told.values())[:MOST]


def _chain(members: Mapping[Place, Mapping[str, Any]], place: Place) -> list[Mapping[str, Any]]:
    """From ``place`` to what was asked for, by the links that brought each in."""
    steps: list[Mapping[str, Any]] = []
    seen: set[Place] = set()
    while place in members and place not in seen:
        seen.add(place)
        member = members[place]
        steps.append(member)
        via = member.get("via")
        if via is None:
            break
        place = via["batch"], via["site"] or ""
    return steps


def _linked(steps: Sequence[Mapping[str, Any]]) -> Chain:
    """Steps, those of one batch together."""
    chain: Chain = []
    for at, member in enumerate(steps):
        if not chain or chain[-1].batch != member["batch"]:
            if chain:
                # The event of a step stands with whichever of its two ends is farther from what was asked for.
                chain[-1].event = _between(steps[at - 1], member)
            chain.append(Link(member["batch"], tuple(member["labels"]), certainty=member["certainty"]))
        link = chain[-1]
        link.places.append((member["batch"], member["site"] or ""))
        link.days.append((member["exposed"]["from"] or "")[:10])
        if member["certainty"] != "definite":
            link.certainty = "possible"
    return chain


def _between(one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    farther = one if one["hops"] > other["hops"] else other
    return farther["event"] or ""
