"""How answers look to people: tables and trees of rich. Programs get JSON and never come here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

SHORT = 40
"""Rows of a table before the rest is one counted row."""
MARK = {"definite": "[bold red]definite[/]", "possible": "[yellow]possible[/]"}


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str | None = None) -> Table:
    """A plain table; cells are text as it is, but for a certainty, which is coloured."""
    shown = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for column in columns:
        shown.add_column(column, overflow="fold")
    for row in rows:
        shown.add_row(*(MARK.get(str(cell)) or escape("" if cell is None else str(cell)) for cell in row))
    return shown


def limited(console: Console, columns: Sequence[str], rows: Sequence[Sequence[Any]], *, every: bool, what: str) -> None:
    """A table of at most ``SHORT`` rows, and how many more there are."""
    console.print(table(columns, rows if every else rows[:SHORT]))
    if not every and len(rows) > SHORT:
        console.print(f"… and {len(rows) - SHORT} more {what}; --all lists them")


def batch_text(member: dict[str, Any]) -> str:
    """A batch as people know it: its lot number as printed, and its key."""
    labels = member.get("labels") or []
    return f"{', '.join(labels)}  ({member['batch']})" if labels else str(member["batch"])


def exposed_text(exposed: dict[str, str | None]) -> str:
    """An interval in days where it is one."""
    begin, end = (moment[:16].replace("T", " ") if moment else None for moment in (exposed["from"], exposed["to"]))
    if begin is None and end is None:
        return "unknown"
    if begin == end:
        return str(begin)
    return f"{begin or '…'} – {end or '…'}"


MEMBER_COLUMNS = ("certainty", "role", "batch", "site", "exposed", "steps", "basis", "brought in by")


def member_row(member: dict[str, Any]) -> tuple[Any, ...]:
    """One member of a trace or a scope."""
    return (
        member["certainty"],
        member["role"].replace("_", " "),
        batch_text(member),
        member["site"],
        exposed_text(member["exposed"]),
        member["hops"],
        member["basis"],
        member["event"],
    )
