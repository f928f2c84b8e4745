"""Texts in files that a spreadsheet opens: none may be taken for a formula, nor for a number that is then shortened."""

from __future__ import annotations

import re
from typing import Final

PLAIN: Final = "csv"
"""Format of a cell of a CSV file: its text may be what a spreadsheet made of something else."""
SHIELDED: Final = "@"
"""Format of a text that is surely meant as it stands."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{1,15})?\Z")
_SHORTENED = re.compile(r"[+-]?\d(\.\d+)?[eE]\+?\d{2,}\Z")


def quoted(text: str) -> str:
    """A text with an apostrophe before it where it would be taken for something else."""
    if text.startswith("'") or shortened(text) or (text.startswith(_FORMULA) and not _NUMBER.match(text)):
        return f"'{text}"
    return text


def unquoted(text: str) -> tuple[str, str]:
    """A text without the apostrophe that ``quoted`` put before it, and whether one was there (``SHIELDED``)."""
    if text.startswith("'") and quoted(text[1:]) == text:
        return text[1:], SHIELDED
    return text, PLAIN


def shortened(text: str) -> bool:
    """Whether it looks as a spreadsheet writes a long number: ``9.506E+12``."""
    return _SHORTENED.match(text) is not None
