"""What the risk score of a batch, product, operator or site rests on, read from a world: its own alerts, those on what
went into it, and facts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fieldline_schemas.kinds.sanctioned import Sanctioned

from fieldline_trace.follow.names import Names
from fieldline_trace.follow.world import World
from fieldline_trace.lineage import DEFINITE, Seed
from fieldline_trace.reference.products import product_of
from fieldline_trace.reference.weights import Weights
from fieldline_trace.risk.alerts import Alert, Finding
from fieldline_trace.risk.registry import RULES
from fieldline_trace.risk.scoring import Point, Source, inherited, ordered, own

SPREADS = frozenset(name for name, rule in RULES.items() if rule.proposes in ("draft_scope", "hold"))
"""Rules that speak of what is in food, and so of what is made of it."""


@dataclass(frozen=True, slots=True)
class About:
    """Whose score it is: all of ``batches`` (numbers) together, and what names the operator, or the site, alone."""

    batches: Sequence[int]
    operator: str = ""
    site: str = ""


def points_of(world: World, names: Names, about: About, weights: Weights) -> list[Point]:
    """Every point of the score, the most first."""
    index = world.index
    together = {one for batch in about.batches for one in index.together(index.canonical(batch))}
    mine = {names.batch_key(number) for number in together}
    points: dict[tuple[str, str], Point] = {}
    alerts: dict[str, list[Alert]] = {}
    for alert in world.board.standing():
        batches = _batches(alert.finding)
        about_it = mine & set(batches)
        named = about.site and alert.args.get("site") == about.site
        named = named or (about.operator and alert.args.get("sender") == about.operator)
        if about_it or named:
            batch = min(about_it, default=min(batches, default=""))
            point = own(alert.finding, batch, _site(world, names, alert.finding, batch), weights)
            points[point.alert, ""] = point
        elif alert.rule in SPREADS:
            for batch in batches:
                alerts.setdefault(batch, []).append(alert)
    if alerts and together:
        for source in _sources(world, names, sorted(together), alerts):
            point = inherited(source, weights)
            key = point.alert, "inherited"
            if key not in points or _rank(point) < _rank(points[key]):
                points[key] = point
    return ordered([*points.values(), *_facts(world, names, about, mine, weights)])


def _sources(world: World, names: Names, batches: Sequence[int], alerts: dict[str, list[Alert]]) -> Iterator[Source]:
    """Alerts on what went into ``batches``, once for each holding of it."""
    trace = world.index.backward([Seed(batch) for batch in batches])
    columns = (trace.batch, trace.site, trace.certainty, trace.hops)
    for batch, site, certainty, hops in zip(*(column.tolist() for column in columns), strict=True):
        for one in world.index.together(batch):
            key = names.batch_key(one)
            for alert in alerts.get(key, ()):
                sure = "definite" if certainty == DEFINITE else "possible"
                yield Source(alert.finding, key, names.site_key(site), sure, hops)


def _facts(world: World, names: Names, about: About, mine: set[str], weights: Weights) -> Iterator[Point]:
    products = world.reference.limits.products
    counted: set[str] = set()
    for key in sorted(mine):
        chain = products.chain(product_of(key))
        for name in chain:
            if name in weights.key_product and name not in counted:
                counted.add(name)
                site = _first_site(world, names, key)
                yield Point("fact", weights.key_product[name], "key_product", key, site, "", ())
    if about.operator:
        for fact in world.risks.facts.about(("operator", about.operator), kind=Sanctioned):
            event = fact.event
            assert isinstance(event, Sanctioned)
            points = weights.measure.get(event.measure, 0)
            yield Point("fact", points, event.measure, "", "", "", (fact.number,))


def _batches(finding: Finding) -> list[str]:
    """Keys of the batches that an alert is about."""
    one, several = finding.args.get("batch"), finding.args.get("batches")
    return [*([one] if isinstance(one, str) else []), *(several if isinstance(several, list) else [])]


def _site(world: World, names: Names, finding: Finding, batch: str) -> str:
    """Where an alert is, else the first place of its batch."""
    said = finding.args.get("site")
    return said if isinstance(said, str) and said else _first_site(world, names, batch)


def _first_site(world: World, names: Names, batch: str) -> str:
    number = names.batch_number(batch) if batch else None
    holdings = [] if number is None else world.index.holdings_of(world.index.canonical(number))
    return min((names.site_key(world.index.holding(one)[1]) for one in holdings), default="")


def _rank(point: Point) -> tuple[object, ...]:
    return -point.points, point.hops, point.batch, point.site
