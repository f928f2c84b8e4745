"""What somebody may have meant who typed a batch that is not known: near keys and lot numbers as printed."""

from __future__ import annotations

import unicodedata
from difflib import SequenceMatcher

from fieldline_schemas.batch_key import lot_of
from fieldline_schemas.windows import is_window

from fieldline_trace.store import Connection, Q
from fieldline_trace.store.ledger_read import near_batches


async def near(conn: Connection, text: str, limit: int) -> list[str]:
    """At most ``limit`` keys and lot numbers, best first. Case, spaces and punctuation count for nothing."""
    plain = plainly(text)
    found = dict.fromkeys(await near_batches(conn, text, 4 * limit))
    if plain:
        half = plain[: max(2, len(plain) // 2)]
        found.update(dict.fromkeys(row["label"] for row in await conn.fetch(Q["answer_near_labels"], plain, half)))
        found.update(dict.fromkeys(row["key"] for row in await conn.fetch(Q["answer_near_keys"], plain)))
    batches = [name for name in found if not is_window(name)]
    return sorted(batches, key=lambda name: (-likeness(plain, name), len(name), name))[:limit]


def likeness(plain: str, name: str) -> float:
    """How alike a text (``plainly``) and a key or lot number are, 0 to 1; a key is as near as its lot is."""
    whole = SequenceMatcher(None, plain, plainly(name)).ratio()
    if name.count("/") < 2:
        return whole
    return max(whole, SequenceMatcher(None, plain, plainly(lot_of(name))).ratio())


def plainly(text: str) -> str:
    """Letters and digits alone, lower case."""
    return "".join(letter for letter in unicodedata.normalize("NFC", text).lower() if letter.isalnum())
