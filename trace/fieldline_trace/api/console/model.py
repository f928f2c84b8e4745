"""What a picture of lineage shows: holdings, what joins them, and how each stands. No I/O and no geometry."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final
from urllib.parse import unquote

from fieldline_schemas.batch_key import lot_of

from fieldline_trace.api.console.naming import lot_of_key, product_said

STANDINGS: Final = ("failed", "suspicion", "asked", "suspect", "definite", "way", "possible", "plain")
"""How a holding stands, the most urgent first. ``suspicion``: failed by a finding of its own."""
MARKS: Final = {
    "failed": "✕", "suspicion": "!", "asked": "◆", "suspect": "?", "definite": "■", "way": "◁", "possible": "▨",
    "plain": "·",
}  # fmt: skip
"""The form that goes with each colour, for grey print and for who sees no colours."""
STAGES: Final = ("farm", "trade", "processing", "distribution", "sale")
PROCESSING: Final = 2
_GROWN: Final = frozenset({"planted", "harvested", "milked", "landed", "input_applied"})
_MADE: Final = frozenset({"transformed", "commingled", "slaughtered"})
_SOLD: Final = frozenset({"sold", "prepared", "served"})
_NUMBER: Final = re.compile(r"\s*\(-?\d{3,}\)$")

Place = tuple[str, str]
"""Batch and site, by key; the site is empty where it may not be known."""


_lot = lru_cache(maxsize=1 << 16)(lot_of_key)


@lru_cache(maxsize=1 << 16)
def _number(batch: str) -> str:
    return unquote(lot_of(batch))


@lru_cache(maxsize=1 << 16)
def _product(batch: str) -> str:
    return product_said(batch)


@dataclass(frozen=True, slots=True)
class Holding:
    """A batch at a site, and how it stands."""

    batch: str
    site: str
    labels: tuple[str, ...] = ()
    operator: str = ""
    standing: str = "plain"
    certainty: str = "possible"
    role: str = ""
    since: str = ""
    until: str = ""
    event: str = ""
    held: bool = False
    supported: bool = True

    @property
    def place(self) -> Place:
        """What names it."""
        return self.batch, self.site

    @property
    def lot(self) -> str:
        """Its number as printed, else the lot of its key."""
        return ", ".join(self.labels) or _lot(self.batch)

    @property
    def product(self) -> str:
        """The product's name within its key."""
        return _product(self.batch)

    def is_other_than(self, other: Holding) -> bool:
        """Whether it is other goods: a batch with another printed number or of another product."""
        return self.batch != other.batch and (self.number, self.product) != (other.number, other.product)

    @property
    def number(self) -> str:
        """Its number, whole."""
        return ", ".join(self.labels) or _number(self.batch)


@dataclass(frozen=True, slots=True)
class Link:
    """Material went from one holding (by index) to another. ``standing``: that of the stronger way of speaking of it,
    ``way`` where it leads back from what was asked for."""

    source: int
    target: int
    standing: str
    event: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """Where holdings lie. ``calls``: its place in the order of calls, 0 for none."""

    key: str
    stage: int = 1
    calls: int = 0
    gap: bool = False


@dataclass(slots=True)
class Model:
    """All that a picture shows."""

    holdings: list[Holding] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    sites: dict[str, Site] = field(default_factory=dict)

    def index(self) -> dict[Place, int]:
        """Holdings by what names them."""
        return {holding.place: at for at, holding in enumerate(self.holdings)}


def site_name(site: str) -> str:
    """A site as people say it: less the number that some imports put behind the name."""
    return _NUMBER.sub("", unquote(site)) or site


def modelled(
    answers: Sequence[Mapping[str, Any]],
    standing_of: Mapping[str, str],
    *,
    calls: Mapping[str, int] | None = None,
    gaps: Iterable[str] = (),
    extra: Iterable[Mapping[str, Any]] = (),
    ranked: bool = False,
) -> Model:
    """The model of traces (answers of ``trace``, the one asked for first) and of further members of a scope.

    ``standing_of``: how batches stand of which more is known than that they are in a trace. ``calls``: sites by their
    place in the order of calls; ``gaps``: sites whose records do not join.
    """
    model = Model()
    at: dict[Place, int] = {}
    kinds: dict[str, set[str]] = defaultdict(set)
    for number, answer in enumerate(answers):
        back = answer["direction"] == "back"
        for event in answer["events"]:
            kinds[event["site"] or ""].add(event["kind"])
        for member in answer["members"]:
            _take(model, at, member, _standing(member, standing_of, back, number))
    for member in extra:
        _take(model, at, member, standing_of.get(member["batch"]) or _of_role(member["role"], ranked))
    links: dict[tuple[int, int], Link] = {}
    for answer in answers:
        back = answer["direction"] == "back"
        for member in answer["members"]:
            _join(model, at, member, back, links)
    model.links = list(links.values())
    _places(model, kinds, calls or {}, set(gaps))
    return model


def _standing(member: Mapping[str, Any], standing_of: Mapping[str, str], back: bool, number: int) -> str:
    known = standing_of.get(member["batch"])
    if known:
        return known
    if member["hops"] == 0:
        return "asked" if number < 2 else "way"
    if back:
        return "way"
    return "definite" if member["certainty"] == "definite" and number < 2 else "possible"


def _of_role(role: str, ranked: bool) -> str:
    """``ranked``: who is suspect is known better than by the scope alone."""
    if role == "suspect" and ranked:
        return "way"
    return {
        "failed_lot": "failed", "failed_holding": "failed", "same_lot": "definite", "descendant": "definite",
        "suspect": "suspect",
    }.get(role, "possible")  # fmt: skip


def _take(model: Model, at: dict[Place, int], member: Mapping[str, Any], standing: str) -> None:
    """Put a member into the model; of what comes twice the more urgent standing stays."""
    if standing == "definite" and member["certainty"] != "definite":
        standing = "possible"
    place = (member["batch"], member["site"] or "")
    holding = Holding(
        *place,
        labels=tuple(member["labels"]),
        operator=member["operator"] or "",
        standing=standing,
        certainty=member["certainty"],
        role=member["role"],
        since=(member["exposed"]["from"] or "")[:10],
        until=(member["exposed"]["to"] or "")[:10],
        event=member["event"] or "",
        held=bool(member.get("held")),
        supported=bool(member.get("supported", True)),
    )
    found = at.get(place)
    if found is None:
        at[place] = len(model.holdings)
        model.holdings.append(holding)
    elif STANDINGS.index(standing) < STANDINGS.index(model.holdings[found].standing):
        model.holdings[found] = holding


def _join(
    model: Model, at: Mapping[Place, int], member: Mapping[str, Any], back: bool, links: dict[tuple[int, int], Link]
) -> None:
    via = member.get("via")
    here = at[member["batch"], member["site"] or ""]
    there = None if via is None else at.get((via["batch"], via["site"] or ""))
    if there is None or there == here:
        return
    ends = (here, there) if back else (there, here)
    standing = "way" if back else model.holdings[here].standing
    if back and model.holdings[here].standing not in ("suspect", "way"):
        standing = model.holdings[here].standing
    known = links.get(ends)
    if known is None or STANDINGS.index(standing) < STANDINGS.index(known.standing):
        links[ends] = Link(*ends, standing, member["event"] or "")


def _places(model: Model, kinds: Mapping[str, set[str]], calls: Mapping[str, int], gaps: set[str]) -> None:
    """Sites with their stage: by what is recorded to be done there, else by what lies before and after it."""
    before: dict[str, set[str]] = defaultdict(set)
    after: dict[str, set[str]] = defaultdict(set)
    made_of: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    """By site and what was made there, of which lots: "" for another product."""
    passing: set[str] = set()
    """Where what was made is the same goods under another key."""
    for link in model.links:
        source, target = model.holdings[link.source], model.holdings[link.target]
        if source.site != target.site:
            after[source.site].add(target.site)
            before[target.site].add(source.site)
        elif source.is_other_than(target):
            made_of[source.site][link.target].add(source.lot if source.product == target.product else "")
        elif source.batch != target.batch:
            passing.add(source.site)
    # One lot that goes on under another number of the same product is trade; several that become one are made into it.
    makers = {site for site, made in made_of.items() if any("" in lots or len(lots) > 1 for lots in made.values())}
    passing |= set(made_of) - makers
    numbers: dict[tuple[str, str, str], str] = {}
    for holding in model.holdings:
        if numbers.setdefault((holding.site, holding.number, holding.product), holding.batch) != holding.batch:
            passing.add(holding.site)
    sites = list(dict.fromkeys(holding.site for holding in model.holdings))
    makers |= {site for site in sites if kinds.get(site, set()) & _MADE and site not in passing}
    makers -= {site for site in makers if kinds.get(site, set()) & (_SOLD | _GROWN) and not after[site] & makers}
    fed = _reaching({site for site in makers if before[site]}, before)
    for site in sites:
        done = kinds.get(site, set())
        if done & _SOLD and not (site in makers and after[site]):
            stage = 4
        elif done & _GROWN or (not before[site] and site not in made_of and after[site]):
            stage = 0
        elif site in makers:
            stage = 2 if before[site] else 1
        elif site in fed:
            stage = 1
        else:
            from_trade = any(one not in makers and before[one] for one in before[site])
            stage = 4 if from_trade and not after[site] else 3
        model.sites[site] = Site(site, stage, calls.get(site, 0), site in gaps)
    # Who ends the way beside one that sells, supplied by the same, sells as far as is known.
    feeding = {supplier for site in sites if model.sites[site].stage == 4 for supplier in before[site]}
    for site in sites:
        known = model.sites[site]
        if known.stage == 3 and not after[site] and before[site] and before[site] <= feeding & makers:
            model.sites[site] = Site(site, 4, known.calls, known.gap)


def _reaching(ends: set[str], before: Mapping[str, set[str]]) -> set[str]:
    """The sites from which goods come to ``ends``, over however many others."""
    found: set[str] = set()
    waiting = list(ends)
    while waiting:
        for site in before.get(waiting.pop(), ()):
            if site not in found:
                found.add(site)
                waiting.append(site)
    return found
