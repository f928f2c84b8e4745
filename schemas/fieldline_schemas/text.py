"""Texts: what may stand in a key, and what may stand in prose."""

from __future__ import annotations

import re
from typing import Final
from unicodedata import is_normalized, normalize

from fieldline_schemas.faults import Fault

LONGEST_KEY: Final = 128
LONGEST_SPELLING: Final = 1024
"""Characters of a key with the space around it and before normalization."""
LONGEST_ID: Final = 256
LONGEST_PROSE: Final = 4000
_SPACES: Final = dict.fromkeys(
    map(ord, "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"), " "
)
"""Spaces of all widths, as typesetters and Chinese keyboards make them."""
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def key_text(value: object, what: str = "@a_key", longest: int = LONGEST_KEY) -> str:
    """A text that names something: NFC, without space around it, 1 to ``longest`` printable characters. Spaces of all
    widths are one."""
    if not isinstance(value, str):
        raise Fault.of(value, "text_type", what=what)
    if len(value) > LONGEST_SPELLING:
        raise Fault.of(value, "text_too_long", what=what, most=longest)
    text = value.strip()
    if not text.isprintable():
        text = text.translate(_SPACES)
    if not is_normalized("NFC", text):
        text = normalize("NFC", text)
    if not text:
        raise Fault.of(value, "text_empty", what=what)
    if len(text) > longest:
        raise Fault.of(value, "text_too_long", what=what, most=longest)
    if not text.isprintable():
        raise Fault.of(value, "text_unprintable", what=what)
    return text


def id_text(value: object) -> str:
    """An identifier as it was sent, byte for byte: 1 to 256 printable characters. A URI is best; nothing is evened
    out."""
    if not isinstance(value, str):
        raise Fault.of(value, "id_type")
    if not 0 < len(value) <= LONGEST_ID or not value.isprintable():
        raise Fault.of(value, "id_length", most=LONGEST_ID)
    return value


def prose(value: object) -> str:
    """A text for people: NFC, 1 to 4,000 characters, no control characters but tab and line breaks."""
    if not isinstance(value, str):
        raise Fault.of(value, "this_is_text")
    text = normalize("NFC", value).strip() if len(value) <= 4 * LONGEST_PROSE else ""
    if not 0 < len(text) <= LONGEST_PROSE:
        raise Fault.of(value, "prose_length", most=LONGEST_PROSE)
    if not text.isprintable() and _UNWRITABLE.search(text):
        raise Fault.of(value, "prose_control")
    return text
