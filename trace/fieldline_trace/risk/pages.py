"""``python -m fieldline_trace.risk.pages`` writes ``docs/guide/rules.md``: each rule as its docstring says it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fieldline_trace.risk.registry import RULES, SECTIONS

PAGE: Final = Path("docs/guide/rules.md")
_HEAD: Final = """# Rules

Written from the rules themselves by `python -m fieldline_trace.risk.pages`. Each rule is a pure function of what stands
about its subject, so the order in which events come cannot matter; what changes raises, amends or withdraws its alert,
each time as a version. Limits and deadlines are dated files with their sources; `fieldline reference list` shows them.

`severity` is `critical`, `hold`, `warning` or `info`. `confidence` is `screening` while only a screening test says
so, else `confirmed`; `sure` is false while the alert rests on a screening test, on something disputed, or on a range
across a limit. What an alert proposes a person does, with one
exception: a failed result drafts a scope by itself.
"""


def page() -> str:
    """The page, whole."""
    parts = [_HEAD]
    for rule in RULES.values():
        parts.append(f"\n## {rule.name}\n\n{rule.finds[0].upper()}{rule.finds[1:]}.\n\n")
        parts.append("| | |\n|---|---|\n")
        parts += [f"| {name.lower()} | {_cell(rule.says[name])} |\n" for name in SECTIONS]
    return "".join(parts)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
    print(PAGE)
