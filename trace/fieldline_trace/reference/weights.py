"""The weights of the risk score, as ``risk.toml`` says them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Weights:
    """Points and factors; ``edition``: which they are."""

    edition: str
    half: float
    """So many points give a score of 50."""
    severity: Mapping[str, float]
    screening: float
    unsure: float
    certainty: Mapping[str, float]
    """``definite`` and ``possible``: of what goes on from a source."""
    step: float
    nothing: frozenset[str]
    """Rules whose alerts count nothing."""
    measure: Mapping[str, float]
    key_product: Mapping[str, float]

    def score(self, points: float) -> float:
        """0 to 100, with one decimal."""
        return round(100 * points / (points + self.half), 1)


@lru_cache(maxsize=1)
def load_weights() -> Weights:
    """The weights of this release."""
    said = tomllib.loads(files(__package__).joinpath("risk.toml").read_text("utf-8"))
    factor = said["factor"]
    return Weights(
        said["edition"],
        said["half"],
        said["severity"],
        factor["screening"],
        factor["unsure"],
        {name: factor[name] for name in ("definite", "possible")},
        factor["step"],
        frozenset(said["nothing"]["rules"]),
        said["measure"],
        said["key_product"],
    )
