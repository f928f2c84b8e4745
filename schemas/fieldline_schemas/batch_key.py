"""The one canonical key of a batch, an item or a unit, from all its spellings.

A batch is a lot of a product from an issuer. ``01/GTIN14/10/LOT`` where GS1 keys name it (EPC URN, Digital Link of
any host, element string), else ``operator/product/lot``. The last segment is the lot, what is before it the product.
``/`` and ``%`` inside a segment are written ``%2F`` and ``%25``. A lot that begins with ``~`` is a pool; ``~`` alone
is the general pool of the product, and so is a product without a lot.

A single **item** is ``01/GTIN14/10/LOT/21/SERIAL``, or ``01/GTIN14/21/SERIAL`` where its lot is not said: a batch of
one. A **unit** (a pallet, a case, a crate: what holds batches, and is none) is ``00/SSCC18``, or ``unit/OWNER/NAME``
where it has no SSCC.

GS1 gives lots up to 20 characters of a set of its own; here a GS1 lot may be any 1 to 128 printable characters:
refusing what a label says would lose the batch.
"""

from __future__ import annotations

import re
from functools import lru_cache

from fieldline_schemas.batch_parts import POOL, UNITS_BEGIN, WINDOWS_BEGIN, spelled, unescaped
from fieldline_schemas.batch_spellings import of_lot, parts_of
from fieldline_schemas.faults import Fault
from fieldline_schemas.identifiers import gtin
from fieldline_schemas.text import LONGEST_KEY

_DIGITS = frozenset(("00", "01"))
_NOT_PLAIN = frozenset(("", "(", "/"))
_SPACED = re.compile(r"^ | $|/ | /")


@lru_cache(maxsize=65536)
def canonical_batch(text: str) -> str:
    """The canonical key of a batch in any spelling; ``Fault`` where it is none."""
    if _is_plain(text):
        return text
    return spelled(parts_of(text))


def _is_plain(text: str) -> bool:
    """Is this surely ``operator/product/lot`` in its canonical form? Most are, and need no taking apart."""
    if not (len(text) <= LONGEST_KEY and text.isascii() and text.isprintable()):
        return False
    if text[:1] in _NOT_PLAIN or text.count("/") != 2 or "%" in text or (" " in text and _SPACED.search(text)):
        return False
    if text[:5] == "unit/" or text[:7] == WINDOWS_BEGIN:
        return False
    return "//" not in text and text[-1] != "/" and text[:2] not in _DIGITS and ":" not in text[:6]


def gs1_batch(gtin_text: object, lot: object) -> str:
    """The key of a lot that is said as a GTIN and a lot number; no lot number: the general pool."""
    if not isinstance(gtin_text, str):
        raise Fault.of(gtin_text, "gtin_type", "gtin")
    try:
        number = gtin(gtin_text.strip())
    except Fault as fault:
        raise fault.at("gtin") from None
    try:
        return spelled(of_lot(number, "" if lot is None else lot))
    except Fault as fault:
        raise fault.at("lot") from None


def is_unit(key: str) -> bool:
    """Is the canonical key a unit's: something that holds batches, and is none?"""
    return key.startswith(UNITS_BEGIN)


def is_item(key: str) -> bool:
    """Is the canonical key a single item's?"""
    return key.startswith("01/") and (key[17:21] == "/21/" or key.count("/") == 5)


def lot_of_item(key: str) -> str | None:
    """The canonical key of the lot that an item's canonical key names; None where it names none, or is no item's."""
    return key[: key.rindex("/21/")] if is_item(key) and key[17:21] == "/10/" else None


def product_of(key: str) -> str:
    """The product of a canonical key: all but its lot and serial number. Two keys are of one product iff this is
    equal. A unit is of none; its is the sort of key that it has."""
    return f"{key[:17]}/10" if key.startswith("01/") else key[: key.rindex("/")]


def lot_of(key: str) -> str:
    """The lot of a canonical key, decoded. Of an item whose lot is not said, its serial number; of a unit, its SSCC or
    name."""
    return unescaped((lot_of_item(key) or key).rpartition("/")[2])


def is_pool(key: str) -> bool:
    """Is the canonical key a pool's?"""
    return key[key.rindex("/") + 1 :].startswith(POOL) and not is_item(key)
