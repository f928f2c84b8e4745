"""What benches print and write: their figures as a table for people, and ``.bench/NAME.json`` for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

FOLDER = Path(__file__).parent.parent.parent / ".bench"
Figure = dict[str, Any]
"""Name, value, unit, target, and whether it is met; the last two are None where there is none to meet."""
Measured = tuple[str, float, str, float | None, bool | None]
"""The same of a number as it was measured."""
_COLUMNS = ("name", "value", "unit", "target", "met")


def figure(name: str, value: float | str, unit: str, target: float | None = None, met: bool | None = None) -> Figure:
    """A figure of one bench."""
    return {"name": name, "value": value, "unit": unit, "target": target, "met": met}


def shown(name: str, figures: Iterable[Figure], title: str = "") -> int:
    """Print and write figures; 1 where a target is missed. ``title``: of the table, where it is not ``name``."""
    figures = list(figures)
    table = Table(title or name, *_COLUMNS[1:])
    for one in figures:
        table.add_row(*("" if one[key] is None else str(one[key]) for key in _COLUMNS))
    Console().print(table)
    written(name, figures)
    return 1 if any(one["met"] is False for one in figures) else 0


def shown_measured(name: str, figures: list[Measured], versions: str, title: str = "") -> int:
    """The same of figures as they were measured, with two decimals for people, and what they were measured with."""
    table = Table(title or name, *_COLUMNS[1:], caption=versions)
    for what, value, unit, target, met in figures:
        bound = "" if target is None else f"{target:g}"
        table.add_row(what, f"{value:,.2f}", unit, bound, "" if met is None else str(met))
    Console().print(table)
    written(name, {"versions": versions, "figures": figures})
    return 1 if any(met is False for *_, met in figures) else 0


def written(name: str, said: Any) -> None:
    """Write what is for programs."""
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.json").write_text(json.dumps(said, indent=2) + "\n")
