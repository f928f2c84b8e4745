"""How a recall's progress and versions look to people."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from fieldline_streams.cli import views


def progress(console: Console, answer: dict[str, Any]) -> None:
    """Who was told and answered, and how much is back."""
    counts = answer["consignees"]
    if counts is None:
        return
    console.print(
        f"{answer['scope']} ({answer['status']}): {views.counted(counts['total'], 'consignee')}, "
        f"{counts['told']} told, {counts['answered']} answered, {counts['overdue']} overdue"
    )
    for name, sums in answer["quantities"].items():
        if sums:
            console.print(f"{name}: {', '.join(f'{amount} {unit}' for unit, amount in sums.items())}", markup=False)
    for name in ("recalled_of_produced", "recalled_of_sold", "accounted"):
        if answer[name] is not None:
            console.print(f"{name.replace('_', ' ')}: {answer[name]:.1%}")
    rows = [
        (one["operator"], one["site"], "told" if one["told"] else "not told", one["answer_by"])
        for one in answer["outstanding"]
    ]
    if rows:
        console.print("still to answer:")
        views.show(console, ("operator", "site", "told", "until"), rows)


def versions(console: Console, answer: dict[str, Any]) -> None:
    """The latest first."""
    rows = [
        (
            one["version"],
            one["position"],
            one["at"],
            one["status"],
            one["members"],
            one["held"],
            ", ".join(f"{count} {kind}" for kind, count in one["changes"].items()),
            one["text"],
        )
        for one in answer["versions"] or ()
    ]
    views.show(console, ("version", "position", "received", "status", "members", "held", "changes", "why"), rows)
