"""Names in pages: batches and sites as people say them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

from fieldline_schemas.batch_key import lot_of, product_of

_UNPRINTED = re.compile(r"-\d{6,}")
"""A lot that some system numbered, and nobody printed."""
_MADE_IDS = re.compile(r"urn:fieldline:[^\s,;]+")
_SPOKEN = {"KGM": "kg", "GRM": "g", "TNE": "t", "LTR": "l", "MLT": "ml", "C62": "", "H87": "", "EA": ""}
"""Codes of units of UN/ECE Recommendation 20, as people write them; pieces are counted."""
_GTIN = re.compile(r"01/(\d{14})(?:/|$)")
NUMBERS = re.compile(r" \(-?\d{3,}\)")


def lot_said(batch: Mapping[str, Any] | str | None) -> str:
    """A batch by its number as printed, else the lot of its key. ``batch``: a key, or a row with ``batch`` and
    ``labels``."""
    if batch is None:
        return "–"
    if isinstance(batch, str):
        return lot_of_key(batch)
    labels = batch.get("labels") or ()
    return ", ".join(labels) or lot_said(batch["batch"])


def lot_of_key(batch: str) -> str:
    """The lot of a batch's key; of a number that was never printed its end."""
    lot = unquote(lot_of(batch)) or batch
    return f"…{lot[-5:]}" if _UNPRINTED.fullmatch(lot) else lot


def amount_said(quantity: str | None, unit: str | None) -> str:
    """An amount as people write it: grams of a kilogram or more as kilograms, thousands apart."""
    if quantity is None:
        return ""
    number, unit = Decimal(quantity), _SPOKEN.get(unit or "", unit)
    if unit == "g" and abs(number) >= 1000:
        number, unit = number / 1000, "kg"
    return f"{number.normalize():,f} {unit or ''}".rstrip()


def alert_said(alert: Mapping[str, Any], names: Mapping[str, str] | None = None) -> str:
    """The sentence of an alert with batches by ``names``, else by lot and product, and sites less their numbers."""
    text = str(alert["text"])
    args = alert["args"]
    keys = [alert["subject"], args.get("batch"), args.get("to"), *(args.get("batches") or ())]
    for key in sorted({key for key in keys if isinstance(key, str) and key.count("/") >= 2}, key=len, reverse=True):
        text = text.replace(key, (names or {}).get(key) or f"{lot_said(key)} {product_said(key)}")
    return NUMBERS.sub("", text)


def event_said(event: str | None) -> str:
    """An event's id as far as people need it to know it again: of one that a program made its last part, shortened."""
    said = event or ""
    if said.startswith("urn:") and said.count(":") >= 3:
        said = said.rsplit(":", 1)[1] if said.startswith("urn:fieldline:event:") else ":".join(said.split(":")[-2:])
        head, _, tail = said.rpartition(":")
        said = f"{head}:{tail[:8]}…" if head and len(tail) > 12 else f"{tail[:10]}…" if len(tail) > 12 else said
    return said if len(said) <= 40 else f"{said[:24]}…{said[-12:]}"


def ids_said(text: str) -> str:
    """A sentence with the ids of events that programs made shortened."""
    return _MADE_IDS.sub(lambda found: event_said(found[0]), text)


def product_said(batch: str | None) -> str:
    """The product's name within a batch's key; its GTIN where that is all that is said."""
    product = product_of(batch) or "" if batch else ""
    gtin = _GTIN.match(product)
    return f"GTIN {gtin[1]}" if gtin else unquote(product.rsplit("/", 1)[-1])
