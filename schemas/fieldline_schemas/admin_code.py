"""Administrative codes of China (GB/T 2260 and its township and village extension): the grid that supervision is
rolled up by.

A code has 2 (province), 4 (city), 6 (county), 9 (township) or 12 (village) digits; a longer spelling may end in zeros
for levels that it does not name. The canonical form is the shortest: an area is inside another iff its code begins
with the other's.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from fieldline_schemas.faults import Fault

LEVELS: Final = {2: "province", 4: "city", 6: "county", 9: "township", 12: "village"}
PROVINCES: Final = frozenset(
    str(code)
    for block in (
        range(11, 16),
        range(21, 24),
        range(31, 38),
        range(41, 47),
        range(50, 55),
        range(61, 66),
        (71, 81, 82),
    )
    for code in block
)
"""First two digits in use (GB/T 2260-2007)."""


def admin_code(text: str) -> str:
    """The shortest spelling of a code: ``410100`` (Zhengzhou, spelled as a county) is ``4101``."""
    return _shortest(text.strip())


@lru_cache(maxsize=65536)
def _shortest(code: str) -> str:
    if not (code.isascii() and code.isdigit()) or len(code) not in LEVELS:
        raise Fault.of(code, "grid_digits")
    if code[:2] not in PROVINCES:
        raise Fault.of(code, "grid_province", province=code[:2])
    while len(code) > 2:
        shorter = max(length for length in LEVELS if length < len(code))
        if code[shorter:].strip("0"):
            break
        code = code[:shorter]
    return code


def within(code: str, area: str) -> bool:
    """Is the canonical ``code`` the ``area`` or inside it?"""
    return code.startswith(area)
