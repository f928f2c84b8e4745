"""All planters there are, one family after the other."""

from __future__ import annotations

from typing import Final

from fieldline_trace.generate.faults import areas, farm, papers, people, records, results, trade
from fieldline_trace.generate.faults.case import Planter

PLANTERS: Final[tuple[Planter, ...]] = (
    *results.PLANTERS,
    *farm.PLANTERS,
    *trade.PLANTERS,
    *people.PLANTERS,
    *areas.PLANTERS,
    *papers.PLANTERS,
    *records.PLANTERS,
)
"""One for each rule; a rule of which failures cannot be planted (RULE_FAILED is a fault of fieldline) has none."""
