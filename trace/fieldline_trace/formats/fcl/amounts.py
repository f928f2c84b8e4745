"""Amounts as people typed them into FoodChain-Lab: ``500 kg``, ``25.0 bags 20kg``, a number and a column with its
unit."""

from __future__ import annotations

import re
from decimal import Decimal

UNITS = frozenset({"mg", "g", "kg", "t", "ml", "l"})
"""The units that are taken for quantities; anything else stays text."""

_PLAIN = re.compile(r"(\d+(?:\.\d+)?)\s*([A-Za-z]+)$")
_PACKED = re.compile(r"(\d+(?:\.\d+)?)\s+[A-Za-zÀ-ÿ]+\s+(\d+(?:\.\d+)?)\s*([A-Za-z]+)$")
_NUMBER = re.compile(r"\d+(?:\.\d+)?$")


def said_amount(text: str, unit: str = "") -> tuple[str, str] | None:
    """The quantity and unit in ``text`` (``25.0 bags 20kg`` is 500 kg), or None where it says none that can be
    trusted."""
    text = text.strip()
    if _NUMBER.match(text) and unit.lower() in UNITS:
        return _said(Decimal(text), unit)
    if match := _PLAIN.match(text):
        return _said(Decimal(match[1]), match[2])
    if match := _PACKED.match(text):
        return _said(Decimal(match[1]) * Decimal(match[2]), match[3])
    return None


def _said(amount: Decimal, unit: str) -> tuple[str, str] | None:
    if unit.lower() not in UNITS or amount <= 0:
        return None
    return format(amount.normalize(), "f"), unit.lower()
