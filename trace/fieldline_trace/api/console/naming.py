"""Names in pages: batches and sites as people say them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from fieldline_schemas.batch_key import lot_of, product_of


def lot_said(batch: Mapping[str, Any] | str | None) -> str:
    """A batch by its number as printed, else the lot of its key. ``batch``: a key, or a row with ``batch`` and
    ``labels``."""
    if batch is None:
        return "–"
    if isinstance(batch, str):
        return unquote(lot_of(batch)) or batch
    labels = batch.get("labels") or ()
    return ", ".join(labels) or lot_said(batch["batch"])


def product_said(batch: str | None) -> str:
    """The product's name within a batch's key."""
    return unquote((product_of(batch) or "").rsplit("/", 1)[-1]) if batch else ""
