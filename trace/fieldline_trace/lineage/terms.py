"""Words that lineage's answers are given in, as the small integers that columns hold."""

from __future__ import annotations

from typing import Final

POSSIBLE: Final = 2
"""At least one chain that the records and their times allow."""
DEFINITE: Final = 3
"""A chain of recorded links, each of which surely carried what the one before brought."""

RECORDED: Final = 0
"""Said by an event that stands. Only recorded links make definite chains."""
CONFLICTING: Final = 1
"""Not said by all variants of one id."""
DISPUTED: Final = 2
"""Said by an event under correction."""
DECLARED: Final = 3
"""Was there while something was wrong there: a site, line, equipment or water in a declared window."""
POOLED: Final = 4
"""Goods with and without a lot number of one product at one site may be the same."""
INFERRED: Final = 5
"""An unexplained draw, fed from the batch's other holdings."""
WITHDRAWN: Final = 7
"""Said, and taken back: no link, but kept, since the withdrawal may be withdrawn."""

BASES: Final = {
    RECORDED: "recorded",
    CONFLICTING: "conflicting",
    DISPUTED: "disputed",
    DECLARED: "declared",
    POOLED: "pooled",
    INFERRED: "inferred",
    WITHDRAWN: "withdrawn",
}
"""What a basis is called, strongest first."""
CERTAINTIES: Final = {POSSIBLE: "possible", DEFINITE: "definite"}
ALL: Final = frozenset({RECORDED, CONFLICTING, DISPUTED, DECLARED, POOLED, INFERRED})
"""Every basis that a chain may rest on."""
