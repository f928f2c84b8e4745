"""How answers look to people: each a function of the answer as programs get it. Tables and trees of rich."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.tree import Tree

Answer = dict[str, Any]
SHORT = 40
"""Rows of a table before the rest is one counted row."""
WIDE, NARROW = 150, 120
LESSER = frozenset(
    {"exposed", "steps", "basis", "brought in by", "evidence", "raised", "by", "title", "definite", "begin"}
)
"""Columns that a console narrower than ``NARROW`` does without; JSON has them all."""
ELSEWHERE = "elsewhere"
"""A site that whoever asks may not see."""
MARK = {"definite": "[bold red]definite[/]", "possible": "[yellow]possible[/]"}
LOWER = {
    "kill_step": ", after a kill step",
    "before_kill_step": ", before a kill step",
    "passed_through": ", passed it on",
}
"""Why a member comes lower."""
MEMBER_COLUMNS = ("certainty", "role", "batch", "site", "exposed", "steps", "basis", "brought in by")


def console_of_people() -> Console:
    """A console on standard output; where that is no terminal, wide enough for tables."""
    console = Console(highlight=False, emoji=False)  # an id may hold ":x:"
    return console if console.is_terminal else Console(highlight=False, emoji=False, width=WIDE)


def trace(
    console: Console,
    answer: Answer,
    *,
    short: int | None = SHORT,
    inferred: bool = False,
    excluded: bool = False,
    events_too: bool = False,
) -> None:
    """Members nearest first; what inference alone knows, and what dates exclude, in one counted row each unless asked
    for."""
    members = answer["members"]
    known = [member for member in members if inferred or member["basis"] != "inferred"]
    console.print(
        f"{answer['asked']['text']} {answer['direction']}, as known at position {answer['position']}: "
        f"{counted(len(members), 'holding')} in {counted(len(answer['lots']), 'lot')} "
        f"at {counted(len(answer['sites']), 'site')}",
        markup=False,
    )
    limited(console, MEMBER_COLUMNS, [_member(member) for member in known], short, "holdings")
    if len(known) < len(members):
        console.print(f"+ {len(members) - len(known)} known by inference alone; --inferred lists them")
    out = answer["excluded_by_times"]
    if out and excluded:
        show(console, ("kept out by dates", "site"), [(place["batch"], place["site"]) for place in out])
    elif out:
        console.print(f"+ {len(out)} that dates alone keep out; --excluded lists them, --times ignore lets them in")
    cut(console, answer)
    if events_too:
        events(console, answer["events"])


def sources(console: Console, answer: Answer, *, limit: int | None = None) -> None:
    """Findings, then what could explain them, the best first."""
    findings = answer["findings"]
    console.print(f"{counted(len(findings), 'finding')}, as known at position {answer['position']}:")
    for finding in findings:
        cases = f" ({finding['cases']} cases)" if finding["cases"] else ""
        console.print(f"  {finding['name']}{cases}", markup=False)
    rows = [
        (
            source["lot"],
            f"{len(source['explains'])}/{len(findings)}",
            first_of([product.split("/")[-1] for product in source["products"]]),
            first_of(source["sites"]),
            "start" if source["raw"] else "",
            source["reached"],
            "" if source["chance"] is None else f"{source['chance']:.2g}",
        )
        for source in answer["sources"][:limit]
    ]
    show(console, ("lot", "share", "product", "at", "", "reached", "chance"), rows)
    for source in answer["sources"][:3]:
        if source["unexplained"]:
            console.print(f"{source['lot']} leaves unexplained: {', '.join(source['unexplained'])}", markup=False)
    more = answer["more"] + len(answer["sources"]) - len(rows)
    if more:
        console.print(f"… and {more} more; --limit lists them")


def scores(console: Console, answer: Answer, *, short: int | None = SHORT) -> None:
    """Stations, then deliveries, the highest score first; those that score 0 and are not observed only where all are
    wanted."""
    order = "" if answer["temporal_order"] else ", dates ignored"
    console.print(f"all weight {answer['weight']:g}{order}, as known at position {answer['position']}")
    for what, named in (("station", lambda name: answer["named"]["stations"][name]), ("delivery", _delivery(answer))):
        every = answer["stations" if what == "station" else "deliveries"]
        shown = [
            (name, one)
            for name, one in every.items()
            if short is None or one["score"] or one["forward"] or one["backward"]
        ]
        shown.sort(key=lambda pair: (-pair[1]["score"], pair[0]))
        rows = [
            (
                f"{one['score']:.4g}",
                named(name),
                " ".join(side for side in ("forward", "backward") if one[side]),
                name,
            )
            for name, one in shown
        ]
        limited(console, ("score", what, "of what is observed", "id"), rows, short, f"with a score, of {len(every)}")


def _delivery(answer: Answer) -> Callable[[str], str]:
    def named(name: str) -> str:
        delivery = answer["named"]["deliveries"][name]
        return f"{delivery['batch']}: {delivery['from']} → {delivery['to']}"

    return named


def batch(console: Console, answer: Answer) -> None:
    """Where a batch is and how much of it, its spellings, and what was said of it."""
    for key in answer["batches"]:
        tree = Tree(escape(batch_text({"batch": key, "labels": answer["labels"]})))
        for holding in answer["holdings"]:
            if holding["batch"] == key:
                amount = f"{holding['quantity']} {holding['unit']}" if holding["quantity"] else "quantity not known"
                holder = f", held by {holding['operator']}" if holding["operator"] else ""
                tree.add(escape(f"{holding['site'] or ELSEWHERE}: {amount}{holder}"))
        console.print(tree)
    console.print("spelled " + ", ".join(answer["spellings"]), markup=False)
    events(console, answer["events"])
    cut(console, answer)


def cut(console: Console, answer: Answer) -> None:
    """Whether, and why, an answer holds less than there is: only for who may not see all of it."""
    said = answer.get("cut")
    if said:
        more = f"{said['members']} more cut: " if said["members"] else ""
        console.print(f"({more}{said['why']})", markup=False, style="dim")


def events(console: Console, said: list[Answer]) -> None:
    """Events by kind, standing and who said them."""
    rows = [(event["kind"], event["standing"], event["id"], event["sender"], event["site"]) for event in said]
    show(console, ("event", "standing", "id", "said by", "site"), rows)


def alerts(console: Console, answer: Answer) -> None:
    """Alerts, the most severe first."""
    rows = [
        (
            alert["severity"] if alert["standing"] else "withdrawn",
            alert["rule"],
            alert["text"],
            ", ".join(alert["evidence"][:3])
            + (f" and {alert['evidence_count'] - 3} more" if alert["evidence_count"] > 3 else ""),
            alert["raised"][:19].replace("T", " "),
            alert["id"],
        )
        for alert in answer["alerts"]
    ]
    console.print(f"{counted(len(rows), 'alert')}, as known at position {answer['position']}")
    show(console, ("severity", "rule", "what", "evidence", "raised", "id"), rows)
    cut(console, answer)


def scope_list(console: Console, answer: Answer) -> None:
    """Scopes by status, hazard and how many members they have."""
    columns = ("scope", "status", "hazard", "title", "lot", "version", "members", "definite", "unsupported", "held")
    console.print(f"{counted(len(answer['scopes']), 'scope')}, as known at position {answer['position']}")
    show(console, columns, [[scope[column] for column in columns] for scope in answer["scopes"]])
    cut(console, answer)


def scope(console: Console, answer: Answer, *, short: int | None = SHORT) -> None:
    """One scope with its members and their reasons."""
    title = f" “{answer['title']}”" if answer["title"] else ""
    console.print(
        f"{answer['scope'] or 'nothing opened'}{title}: {answer['status']}, "
        f"{answer['hazard'] or answer['hazard_class']}, "
        f"version {answer['version']}, as known at position {answer['position']}",
        markup=False,
    )
    for window in answer["windows"]:
        console.print(_window(window), markup=False)
    rows = [(*_member(member), member["state"] + (", held" if member["held"] else "")) for member in answer["members"]]
    limited(console, (*MEMBER_COLUMNS, "state"), rows, short, "members")
    for act in answer["acts"]:
        console.print(f"version {act['version']}: {act['kind']} by {act['by']}: {act['because']}", markup=False)
    for field, option in (("co_descendants", "--co-descendants"), ("inferred", "--inferred")):
        if answer[field]:
            console.print(f"+ {answer[field]} {field.replace('_', '-')}; {option} lists them")
    if answer["excluded_by_times"]:
        console.print(f"+ {len(answer['excluded_by_times'])} that dates alone keep out")
    cut(console, answer)


def diff(console: Console, answer: Answer) -> None:
    """What changed between two versions of a scope, and why."""
    console.print(
        f"{answer['scope']} from version {answer['from']} to {answer['to']}: "
        f"{counted(len(answer['changes']), 'change')}"
    )
    rows = [
        (
            change["kind"],
            batch_text(change),
            change["site"],
            _standing(change["before"]),
            _standing(change["after"]),
            change["text"] + (f" by {change['act']['by']}: {change['act']['because']}" if change["act"] else ""),
        )
        for change in answer["changes"]
    ]
    show(console, ("change", "batch", "site", "before", "after", "why"), rows)
    cut(console, answer)


def consignees(console: Console, answer: Answer) -> None:
    """Whom to call, for what, how much."""
    rows = [
        (
            consignee["operator"],
            consignee["site"],
            batch_text(lot),
            lot["role"].replace("_", " "),
            lot["certainty"],
            f"{lot['quantity']} {lot['unit']}" if lot["quantity"] else "not recorded",
            lot["event"],
        )
        for consignee in answer["consignees"]
        for lot in consignee["lots"]
    ]
    console.print(f"{answer['scope']} ({answer['status']}): {counted(len(answer['consignees']), 'consignee')}")
    show(console, ("operator", "site", "batch", "role", "certainty", "got", "by"), rows)
    cut(console, answer)


def rejected_list(console: Console, answer: Answer) -> None:
    """What was refused, the latest first."""
    rows = [
        (row["id"], row["status"], row["sender"], row["field"], row["value"], row["rule"], row["begin"][:40])
        for row in answer["rejected"]
    ]
    console.print(f"{len(rows)} of {answer['count']} refused")
    show(console, ("number", "status", "sender", "field", "value", "rule", "begin"), rows)


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Table:
    """A plain table; cells are text as it is, but for a certainty, which is coloured."""
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        shown.add_column(column, overflow="fold")
    for row in rows:
        shown.add_row(*(MARK.get(str(cell)) or escape("" if cell is None else str(cell)) for cell in row))
    return shown


def show(console: Console, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A table; on a narrow console without its lesser columns, so that words stay whole."""
    kept = [at for at, column in enumerate(columns) if console.width >= NARROW or column not in LESSER]
    console.print(table([columns[at] for at in kept], [[row[at] for at in kept] for row in rows]))


def limited(
    console: Console, columns: Sequence[str], rows: Sequence[Sequence[Any]], short: int | None, what: str
) -> None:
    """A table of at most ``short`` rows (None: all), and how many more there are."""
    show(console, columns, rows[:short])
    if short is not None and len(rows) > short:
        console.print(f"… and {len(rows) - short} more {what}; --all lists them")


def counted(number: int, noun: str) -> str:
    """``1 lot``, ``2 lots``."""
    return f"{number} {noun}" if number == 1 else f"{number:,} {noun}s"


def cell(value: Any) -> str:
    """A field of an answer as it is: a list with commas, nothing where nothing is said."""
    return ", ".join(value) if isinstance(value, list) else "" if value is None else str(value)


def first_of(names: Sequence[str]) -> str:
    """The first of several names, and how many more there are."""
    several = list(dict.fromkeys(names))
    return "" if not several else several[0] + (f" +{len(several) - 1}" if len(several) > 1 else "")


def batch_text(member: Answer) -> str:
    """A batch as people know it: its lot number as printed, and its key."""
    labels = member.get("labels") or []
    return f"{', '.join(labels)} ({member['batch']})" if labels else str(member["batch"])


def _member(member: Answer) -> tuple[Any, ...]:
    return (
        member["certainty"],
        member["role"].replace("_", " ")
        + LOWER.get((member.get("demoted") or {}).get("why", ""), "")
        + (", incomplete here" if member.get("incomplete") else ""),
        batch_text(member),
        member["site"] or (f"{ELSEWHERE}, {member['operator']}" if member.get("operator") else ELSEWHERE),
        _exposed(member["exposed"]),
        member["hops"],
        member["basis"],
        member["event"],
    )


def _window(window: Answer) -> str:
    """A contaminated window: where, from when until when, and what says so."""
    place = window["site"] or "anywhere"
    if window["location"]:
        place += f", {window['location']}"
    if window["source"]:
        place = f"{window['source']} at {place}"
    time = _exposed({"from": window["since"], "to": window["until"]})
    return f"window: {place}, {time}" + (f", declared by {window['event']}" if window["event"] else "")


def _exposed(exposed: dict[str, str | None]) -> str:
    """An instant to the minute, or the first and the last day (in UTC) that it may be."""
    begin, end = exposed["from"], exposed["to"]
    if begin is None and end is None:
        return "unknown"
    if begin is not None and begin == end:
        return begin[:16].replace("T", " ")
    first, last = (moment[:10] if moment else "…" for moment in (begin, end))
    return first if first == last else f"{first} – {last}"


def _standing(standing: dict[str, str] | None) -> str:
    return "" if standing is None else ", ".join(standing.values()).replace("_", " ")
