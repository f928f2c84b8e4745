"""Where a picture of lineage stands: a pure function of its model. Stages from left to right, a site a card, a holding
a row; what is too much is folded into counted cards, and nothing is dropped.

Coordinates are units of the picture, which is drawn at whatever size there is. The same model gives the same picture.
The module is long because columns, cards, folds and ways are one layout: each needs what the others found.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from fieldline_trace.api.console.model import PROCESSING, STAGES, STANDINGS, Holding, Model, site_name

CARD: Final = 156
"""Width of a card."""
HALF: Final = 136
"""Width of each half of one where things are made."""
INNER: Final = 24
"""Between what came in and what is made of it, within a card."""
BETWEEN: Final = 46
"""Between two columns."""
NARROWEST: Final = 1240
"""A picture of few columns stands in the middle of this width: its letters are not larger than others'."""
APART: Final = 14
"""Between two cards of a column."""
TOP: Final = 40
"""Height of the titles of stages."""
HEAD: Final = 38
ROW: Final = 19
FOOT: Final = 6
ROWS: Final = 7
"""Rows of one half of a card; more are folded into the last."""
HEIGHT: Final = 640
"""About how high a picture is."""
WHOLE: Final = 3
"""Sites of a stage that stay whole however many there are."""
DEEPEST: Final = 3
"""Columns of one stage after its first; what would be deeper stands in the last."""
STACKED: Final = 4
"""Sites of a stage other than processing that stand in one column though goods go between them."""
OPENED: Final = 8
"""More of them that stay whole where the stage is opened; past it a table is better."""
_URGENT: Final = frozenset({"failed", "suspicion", "asked", "definite"})


@dataclass(slots=True)
class Row:
    """One line of a card. ``holdings``: indices into the model; ``text`` is what is written, ``count`` what is folded
    into it (0: it is one holding), ``site`` the site that a line of a folded card stands for."""

    x: float
    y: float
    width: float
    standing: str
    lot: str
    product: str
    holdings: list[int]
    more: bool = False
    site: str = ""

    @property
    def count(self) -> int:
        """How many holdings it stands for, where that is not one lot."""
        return 0 if self.lot else len(self.holdings)

    @property
    def first(self) -> int:
        """The holding that selecting it selects."""
        return self.holdings[0]

    @property
    def room(self) -> int:
        """Letters of the row's text, in halves of a square."""
        return int((self.width - 28 - (8 * len(str(self.count)) + 6 if self.count else 0)) / 6.6)


@dataclass(slots=True)
class Card:
    """A site, or the counted rest of a stage (``sites`` more than one, or ``folded``)."""

    x: float
    y: float
    width: float
    height: float
    standing: str
    sites: list[str]
    rows: list[Row]
    folded: str = ""
    """``definite`` or ``possible``, of which there are all that are folded here; empty for a site."""
    calls: int = 0
    gap: int = 0
    stage: int = 0
    column: int = 0

    @property
    def name(self) -> str:
        """The site's name."""
        return site_name(self.sites[0]) if self.sites and not self.folded else ""


@dataclass(frozen=True, slots=True)
class Path:
    """A line from row to row. ``d`` is SVG's path."""

    d: str
    standing: str
    source: int
    target: int
    inside: bool = False


@dataclass(frozen=True, slots=True)
class Stage:
    """The title over the columns of a stage."""

    name: str
    x: float
    width: float


@dataclass(slots=True)
class Picture:
    """A picture: ``width`` by ``height`` units."""

    width: float = 0
    height: float = 0
    stages: list[Stage] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)
    paths: list[Path] = field(default_factory=list)
    row_of: dict[int, Row] = field(default_factory=dict)
    folded: bool = False


def laid_out(model: Model, opened: Iterable[int] = ()) -> Picture:
    """The picture of ``model``; ``opened``: stages (by number) of which more sites stay whole."""
    picture = Picture()
    if not model.holdings:
        return picture
    more = frozenset(opened)
    by_site: dict[str, list[int]] = defaultdict(list)
    for at, holding in enumerate(model.holdings):
        by_site[holding.site].append(at)
    made = _made_there(model)
    columns = _columns(model, by_site)
    x = 12.0
    for number, (stage, sites) in enumerate(columns):
        cards = _cards_of(model, stage, sites, by_site, made, stage in more)
        width = max(card.width for card in cards)
        for card in cards:
            card.column = number
            _moved(card, x + (width - card.width) / 2, 0)
        picture.cards += cards
        picture.folded = picture.folded or any(card.folded for card in cards)
        if picture.stages and picture.stages[-1].name == STAGES[stage]:
            last = picture.stages.pop()
            picture.stages.append(Stage(last.name, last.x, x + width - last.x))
        else:
            picture.stages.append(Stage(STAGES[stage], x, width))
        x += width + BETWEEN
    picture.width = x - BETWEEN + 12
    _centred(picture)
    _stacked(picture, model)
    picture.height = max(card.y + card.height for card in picture.cards) + 16
    picture.row_of = {at: row for card in picture.cards for row in card.rows for at in row.holdings}
    picture.paths = _paths(picture, model)
    return picture


def _centred(picture: Picture) -> None:
    spare = NARROWEST - picture.width
    if spare > 0:
        for card in picture.cards:
            _moved(card, spare / 2, 0)
        picture.stages = [Stage(one.name, one.x + spare / 2, one.width) for one in picture.stages]
        picture.width = NARROWEST


def shortened(text: str, halves: int) -> str:
    """``text`` within so many halves of a square; letters of Chinese are two."""
    width = 0
    for at, letter in enumerate(text):
        width += 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        if width > halves:
            return text[: max(at - 1, 0)].rstrip() + "…"
    return text


def _urgency(model: Model, at: int) -> tuple[int, str, str]:
    holding = model.holdings[at]
    return STANDINGS.index(holding.standing), holding.since or "9", holding.batch


def _site_urgency(model: Model, site: str, holdings: Sequence[int]) -> tuple[int, int, int, str]:
    """The most urgent first: how it stands, the order of calls, how much lies there."""
    best = min(STANDINGS.index(model.holdings[at].standing) for at in holdings)
    calls = model.sites[site].calls or 1_000_000
    return best, calls, -len(holdings), site


def _made_there(model: Model) -> set[int]:
    """Holdings that were made at their site of others that lie there."""
    return {
        link.target
        for link in model.links
        if model.holdings[link.source].site == model.holdings[link.target].site
        and model.holdings[link.source].is_other_than(model.holdings[link.target])
    }


def _columns(model: Model, by_site: Mapping[str, list[int]]) -> list[tuple[int, list[str]]]:
    """Stages with their sites from left to right; a stage within which goods go from site to site has several columns.
    A circle is cut where it closes."""
    after: dict[str, list[str]] = defaultdict(list)
    for link in model.links:
        source, target = model.holdings[link.source].site, model.holdings[link.target].site
        if source != target and model.sites[source].stage == model.sites[target].stage:
            after[source].append(target)
    depth: dict[str, int] = dict.fromkeys(by_site, 0)
    of_stage = Counter(model.sites[site].stage for site in by_site)
    for site in _in_order(sorted(by_site), after):
        if model.sites[site].stage != PROCESSING and of_stage[model.sites[site].stage] <= STACKED:
            continue
        for target in after[site]:
            depth[target] = max(depth[target], min(depth[site] + 1, DEEPEST))
    found: dict[tuple[int, int], list[str]] = defaultdict(list)
    for site in sorted(by_site):
        found[model.sites[site].stage, depth[site]].append(site)
    return [(stage, found[stage, level]) for stage, level in sorted(found)]


def _in_order(sites: Sequence[str], after: Mapping[str, list[str]]) -> list[str]:
    """Sites such that goods go forward; what closes a circle is left as it is."""
    done: list[str] = []
    state: dict[str, int] = {}
    for start in sites:
        if start in state:
            continue
        waiting = [(start, iter(sorted(set(after.get(start, ())))))]
        state[start] = 1
        while waiting:
            site, targets = waiting[-1]
            step = next((target for target in targets if target not in state), None)
            if step is None:
                done.append(site)
                waiting.pop()
            else:
                state[step] = 1
                waiting.append((step, iter(sorted(set(after.get(step, ()))))))
    return done[::-1]


def _cards_of(
    model: Model,
    stage: int,
    sites: Sequence[str],
    by_site: Mapping[str, list[int]],
    made: set[int],
    opened: bool,
) -> list[Card]:
    """The cards of a column, the most urgent first; what does not fit is folded into one or two counted cards."""
    ranked = sorted(sites, key=lambda site: _site_urgency(model, site, by_site[site]))
    cards = [_card(model, stage, site, by_site[site], made) for site in ranked]
    kept, height = 0, 0.0
    for card in cards:
        height += card.height + APART
        if kept >= WHOLE and height > HEIGHT and not (opened and kept < WHOLE + OPENED):
            break
        kept += 1
    if len(cards) - kept < 2:  # a counted card of one site is no shorter than the site
        kept = len(cards)
    if kept == len(cards):
        return cards
    if not opened:
        kept = min(kept, WHOLE)
    rest = ranked[kept:]
    urgent = [site for site in rest if any(model.holdings[at].standing in _URGENT for at in by_site[site])]
    others = [site for site in rest if site not in set(urgent)]
    folded = [
        _folded(model, stage, name, group, by_site)
        for name, group in (("definite", urgent), ("possible", others))
        if group
    ]
    return [*cards[:kept], *folded]


def _card(model: Model, stage: int, site: str, holdings: Sequence[int], made: set[int]) -> Card:
    out = [at for at in holdings if at in made]
    came = [at for at in holdings if at not in made]
    two = bool(out) and bool(came)
    width = 2 * HALF + INNER if two else CARD
    rows = _rows(model, came or out, 0.0, HALF if two else CARD)
    count = len(rows)
    if two:
        right = _rows(model, out, HALF + INNER, HALF)
        count = max(count, len(right))
        rows += right
    known = model.sites[site]
    best = min(STANDINGS.index(model.holdings[at].standing) for at in holdings)
    return Card(
        0, 0, width, HEAD + count * ROW + FOOT, STANDINGS[best], [site], rows,
        calls=known.calls, gap=int(known.gap), stage=stage,
    )  # fmt: skip


def _rows(model: Model, holdings: Sequence[int], x: float, width: float) -> list[Row]:
    """Rows of one half of a card: the most urgent one by one; what is possible by product; the rest in the last."""
    ranked = sorted(holdings, key=lambda at: _urgency(model, at))
    groups = _lots(model, ranked)
    if len(groups) > ROWS:
        products: dict[tuple[str, str], list[int]] = {}
        lots, groups = groups, []
        for lot in lots:
            holding = model.holdings[lot[0]]
            if holding.standing in ("possible", "plain"):
                group = products.setdefault((holding.standing, holding.product), [])
                if not group:
                    groups.append(group)
                group += lot
            else:
                groups.append(lot)
        groups.sort(key=lambda group: (STANDINGS.index(model.holdings[group[0]].standing), -len(group)))
    rows = [_row(model, group, x, width, at) for at, group in enumerate(groups[:ROWS])]
    if len(groups) > ROWS:
        rest = [at for group in groups[ROWS - 1 :] for at in group]
        standing = model.holdings[rest[0]].standing
        rows[-1] = Row(x, HEAD + (ROWS - 1) * ROW, width, standing, "", "", rest, more=True)
    return rows


def _lots(model: Model, ranked: Sequence[int]) -> list[list[int]]:
    """Holdings of one printed number and one standing together: custody that went on under other keys is one lot."""
    groups: dict[tuple[str, str, str], list[int]] = {}
    for at in ranked:
        holding = model.holdings[at]
        groups.setdefault((holding.standing, holding.lot, holding.product), []).append(at)
    return list(groups.values())


def _row(model: Model, group: list[int], x: float, width: float, at: int) -> Row:
    holding = model.holdings[group[0]]
    lot = holding.lot if all(model.holdings[one].lot == holding.lot for one in group) else ""
    return Row(x, HEAD + at * ROW, width, holding.standing, lot, holding.product, group)


def _folded(model: Model, stage: int, name: str, sites: Sequence[str], by_site: Mapping[str, list[int]]) -> Card:
    """The counted rest of a column: a row for each of the first sites, and one for all others."""
    rows = []
    for at, site in enumerate(sites[:ROWS]):
        best = min(by_site[site], key=lambda one: _urgency(model, one))
        standing = model.holdings[best].standing
        y = HEAD + at * ROW
        rows.append(Row(0, y, CARD, standing, "", site_name(site), list(by_site[site]), more=True, site=site))
    if len(sites) > ROWS:
        rest = [at for site in sites[ROWS - 1 :] for at in by_site[site]]
        rows[-1] = Row(0, HEAD + (ROWS - 1) * ROW, CARD, rows[-1].standing, "", "", rest, more=True)
    gaps = sum(model.sites[site].gap for site in sites)
    return Card(
        0, 0, CARD, HEAD + len(rows) * ROW + FOOT, name, list(sites), rows, folded=name, gap=gaps, stage=stage,
    )  # fmt: skip


def _moved(card: Card, x: float, y: float) -> None:
    card.x += x
    card.y += y
    for row in card.rows:
        row.x += x
        row.y += y


def _stacked(picture: Picture, model: Model) -> None:
    """Cards of each column one under the other, each as near as may be to what it is joined with on its left; columns
    that are shorter stand in the middle."""
    columns: dict[int, list[Card]] = defaultdict(list)
    for card in picture.cards:
        columns[card.column].append(card)
    tallest = max(sum(card.height + APART for card in cards) - APART for cards in columns.values())
    card_of = {at: card for card in picture.cards for row in card.rows for at in row.holdings}
    joined: dict[int, list[Card]] = defaultdict(list)
    for link in model.links:
        source, target = card_of[link.source], card_of[link.target]
        if source.column < target.column:
            joined[id(target)].append(source)
    for number in sorted(columns):
        cards = columns[number]
        if number:
            whole = [card for card in cards if not card.folded]
            middle = {
                id(card): sum(one.y + one.height / 2 for one in joined[id(card)]) / len(joined[id(card)])
                for card in whole
                if joined[id(card)]
            }
            loose = tallest / 2 + TOP
            order = {id(card): at for at, card in enumerate(cards)}
            whole.sort(key=lambda card: (round(middle.get(id(card), loose)), order[id(card)]))
            cards = [*whole, *(card for card in cards if card.folded)]
        high = sum(card.height + APART for card in cards) - APART
        y = TOP + (tallest - high) / 2
        for card in cards:
            _moved(card, 0, y)
            y += card.height + APART


def _paths(picture: Picture, model: Model) -> list[Path]:
    """Lines between rows, each once, as strong as the strongest link that it stands for; the strongest are last, so
    that they lie on top."""
    card_of = {id(row): card for card in picture.cards for row in card.rows}
    columns: dict[int, list[Card]] = defaultdict(list)
    for card in picture.cards:
        columns[card.column].append(card)
    strongest: dict[tuple[int, int], tuple[int, Row, Row]] = {}
    for link in model.links:
        source, target = picture.row_of[link.source], picture.row_of[link.target]
        if source is target:
            continue
        rank = STANDINGS.index(link.standing)
        key = (id(source), id(target))
        if key not in strongest or rank < strongest[key][0]:
            strongest[key] = (rank, source, target)
    found = []
    for rank, source, target in strongest.values():
        here, there = card_of[id(source)], card_of[id(target)]
        d = _drawn(source, target, here, there, columns)
        found.append((rank, Path(d, STANDINGS[rank], source.first, target.first, here is there)))
    found.sort(key=lambda one: (-one[0], one[1].d))
    return [path for _, path in found]


def _drawn(source: Row, target: Row, here: Card, there: Card, columns: Mapping[int, list[Card]]) -> str:
    y1, y2 = source.y + ROW / 2, target.y + ROW / 2
    right, left = source.x + source.width, target.x
    if here is there:
        if right <= left:
            return f"M{right:g} {y1:g}L{left:g} {y2:g}"
        edge = right + 10
        return f"M{right:g} {y1:g}C{edge:g} {y1:g} {edge:g} {y2:g} {right:g} {y2:g}"
    if here.column == there.column:
        edge = max(here.x + here.width, there.x + there.width) + 22
        end = target.x + target.width
        return f"M{right:g} {y1:g}C{edge:g} {y1:g} {edge:g} {y2:g} {end:g} {y2:g}"
    if here.column > there.column:
        start, end = source.x, target.x + target.width
        bend = (start - end) / 2
        return f"M{start:g} {y1:g}C{start - bend:g} {y1:g} {end + bend:g} {y2:g} {end:g} {y2:g}"
    start = here.x + here.width
    parts = [f"M{right:g} {y1:g}", f"L{start:g} {y1:g}" if right < start else ""]
    x, y = start, y1
    for number in range(here.column + 1, there.column):
        between = columns[number]
        enter, leave = min(card.x for card in between), max(card.x + card.width for card in between)
        share = (enter - right) / max(left - right, 1)
        gap = _gap(between, y1 + (y2 - y1) * share)
        parts.append(_curve(x, y, enter, gap) + f"L{leave:g} {gap:g}")
        x, y = leave, gap
    parts.append(_curve(x, y, there.x, y2))
    if left > there.x:
        parts.append(f"L{left:g} {y2:g}")
    return "".join(parts)


def _curve(x1: float, y1: float, x2: float, y2: float) -> str:
    middle = (x1 + x2) / 2
    return f"C{middle:g} {y1:g} {middle:g} {y2:g} {x2:g} {y2:g}"


def _gap(cards: Sequence[Card], wanted: float) -> float:
    """The height nearest to ``wanted`` at which a line over a column runs through no card."""
    ordered = sorted(cards, key=lambda card: card.y)
    heights = [ordered[0].y - APART / 2, ordered[-1].y + ordered[-1].height + APART / 2]
    heights += [(one.y + one.height + two.y) / 2 for one, two in pairwise(ordered)]
    if all(not card.y - 4 < wanted < card.y + card.height + 4 for card in cards):
        return wanted
    return min(heights, key=lambda height: (abs(height - wanted), height))


def counted(holdings: Sequence[Holding]) -> dict[str, int]:
    """How many holdings stand how."""
    counts = dict.fromkeys(STANDINGS, 0)
    for holding in holdings:
        counts[holding.standing] += 1
    return counts
