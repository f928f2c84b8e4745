"""Named SQL: every statement lives in ``sql/*.sql`` under ``-- name: word`` with a comment; Python only names it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

_NAME = re.compile(r"^-- name: ([a-z][a-z0-9_]*)[ \t]*$", re.MULTILINE)


def parse(source: str, text: str) -> dict[str, str]:
    """The statements of one file by name. ``ValueError`` where one has no comment, is empty, or a name comes twice."""
    parts = _NAME.split(text)
    found: dict[str, str] = {}
    for name, block in zip(parts[1::2], parts[2::2], strict=True):
        lines = block.strip().splitlines()
        statement = "\n".join(line for line in lines if not line.startswith("--")).strip().removesuffix(";")
        if not statement:
            raise ValueError(f"{source}: {name} has no statement")
        if not lines[0].startswith("-- "):
            raise ValueError(f"{source}: {name} has no comment that says what it is for")
        if name in found:
            raise ValueError(f"{source}: {name} is defined twice")
        found[name] = statement
    return found


def collect(sources: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The statements of several files, (file, text) each. ``ValueError`` where two files define one name."""
    found: dict[str, str] = {}
    for source, text in sources:
        for name, statement in parse(source, text).items():
            if name in found:
                raise ValueError(f"{source}: {name} is defined in another file too")
            found[name] = statement
    return found


@cache
def _loaded() -> dict[str, str]:
    folder = files(__package__).joinpath("sql")
    paths = sorted((path for path in folder.iterdir() if path.name.endswith(".sql")), key=lambda path: path.name)
    return collect((path.name, path.read_text("utf-8")) for path in paths)


class _Queries:
    """Reads the files when the first statement is asked for."""

    def __getitem__(self, name: str) -> str:
        return _loaded()[name]

    def names(self) -> list[str]:
        """All names, sorted."""
        return sorted(_loaded())


Q = _Queries()
"""``Q["name"]`` is the statement of that name; ``KeyError`` where there is none."""
