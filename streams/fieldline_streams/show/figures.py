"""Figures that are shown: written to ``.bench/NAME.json`` for programs, printed as a table for people."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console

from fieldline_streams.cli.views import table

FOLDER = ".bench"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. ``met`` is None where there is no target to meet."""

    name: str
    value: float | str
    unit: str
    target: float | str | None = None
    met: bool | None = None
    listed: bool = True
    """Whether it is in the table for people, too."""


def at_most(name: str, value: float, unit: str, target: float) -> Figure:
    """A figure that should not be above its target."""
    return Figure(name, value, unit, target, value <= target)


def equal(name: str, value: float | str, unit: str, target: float | str) -> Figure:
    """A figure that has to be its target."""
    return Figure(name, value, unit, target, value == target)


def shown(name: str, figures: list[Figure], console: Console) -> None:
    """Write and print ``figures`` under ``name``."""
    folder = Path.cwd() / FOLDER
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.json").write_text(
        json.dumps([_said(figure) for figure in figures], ensure_ascii=False, indent=1) + "\n"
    )
    rows = [
        (figure.name, figure.value, figure.unit, figure.target, {None: "", True: "yes", False: "NO"}[figure.met])
        for figure in figures
        if figure.listed
    ]
    console.print(f"\n{name}")
    console.print(table(("figure", "value", "unit", "target", "met"), rows))


def _said(figure: Figure) -> dict[str, object]:
    said = asdict(figure)
    del said["listed"]
    return said
