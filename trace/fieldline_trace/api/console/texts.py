"""The console's texts in both languages, from ``texts.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

from fieldline_schemas.messages import Language

COOKIE: Final = "fieldline_language"


@lru_cache(maxsize=1)
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """Code to language to text."""
    read = tomllib.loads(files(__package__).joinpath("texts.toml").read_text("utf-8"))
    return {f"{part}.{name}": said for part, names in read.items() for name, said in names.items()}


def text(code: str, spoken: Language, **arguments: Any) -> str:
    """The text of ``code`` (``part.name``) with its arguments. ``KeyError`` where there is none."""
    return catalogue()[code][spoken].format_map(arguments)


def word(part: str, name: str, spoken: Language) -> str:
    """A word that answers use, as people say it; itself where the catalogue has none."""
    said = catalogue().get(f"{part}.{name}")
    return name.replace("_", " ") if said is None else said[spoken]
