"""How well a source explains several findings: the share explained, then how unlikely that share is by chance.

The share is FoodChain-Lab's score with equal weights. The chance is hypergeometric: that as many of the findings lie
among what the source reached, if as many batches were drawn at random; water that everyone uses explains all and gets
1.
"""

from __future__ import annotations

from math import comb
from typing import Final

FRACTION: Final = 20
"""A source that reached more than one batch in so many is widespread."""


def chance(explained: int, findings: int, reached: int, batches: int) -> float:
    """Probability that ``explained`` or more of ``findings`` batches, drawn from ``batches``, are among ``reached``."""
    everything = max(batches, reached, findings)
    among = max(reached, explained)
    return min(1.0, sum(_exactly(hit, findings, among, everything) for hit in range(explained, findings + 1)))


def _exactly(hit: int, drawn: int, among: int, everything: int) -> float:
    found = float(comb(drawn, hit))
    for i in range(hit):
        found *= max(0, among - i) / (everything - i)
    for i in range(drawn - hit):
        found *= max(0, everything - among - i) / (everything - hit - i)
    return found


def widest(batches: int, collapse: int) -> int:
    """How many batches a source may reach before it counts as a utility or a warehouse.

    Args:
        batches: how many there are.
        collapse: how many are too many whatever there are (``hazards.toml``).
    """
    return min(collapse, max(batches // FRACTION, FRACTION))


def rank(explained: int, chance: float | None, hops: int) -> tuple[int, float, int]:
    """Sources by the share explained, then the less likely by chance, then the nearer."""
    return -explained, 2.0 if chance is None else chance, hops
