"""What went into a step and what came out of it, in one measure: of the steps that made more than was put in, and of
parts of processes, which are judged as wholes. Pure.

Only kinds by which nothing can grow are weighed. What grows by itself (a harvest, a milking), and a kitchen's work,
whose water nobody records, is not. Mass is kept by all of these; volume only where the goods stay what they are:
cream is whipped, and a powder loses its volume in water.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from fieldline_schemas.quantities import UNITS
from fieldline_schemas.record import MADE, SHAPE_MASK
from fieldline_schemas.registry import code_of
from fieldline_schemas.said import Said

_BY_MASS: Final = ("mass",)
_ALSO_BY_VOLUME: Final = ("mass", "volume")
WEIGHED: Final = {
    code_of("transformed"): _BY_MASS,
    code_of("packed"): _BY_MASS,
    code_of("slaughtered"): _BY_MASS,
    code_of("split"): _ALSO_BY_VOLUME,
    code_of("commingled"): _ALSO_BY_VOLUME,
    code_of("relabelled"): _ALSO_BY_VOLUME,
}
"""Kinds that are weighed, by code: in which measures."""
_UNSAID: Final = "", "", ""
_SURELY: Final = 1 - 1e-6
"""Sums of doubles are off by far less than this."""
_FACTORS: Final = {
    kind: [
        {code: float(unit.factor) for code, unit in UNITS.items() if unit.dimension == dimension and unit.factor}
        for dimension in dimensions
    ]
    for kind, dimensions in WEIGHED.items()
}
"""By kind, for each measure in which it is weighed: units, and how much one of them is."""


def weighed(saids: Sequence[Said]) -> list[tuple[int, str, str, str]]:
    """(index, ``mass`` or ``volume``, put in, made), kilograms or litres as decimal text. Of a part of a process whose
    amounts are not all said in one measure, empty texts; of any other event, nothing."""
    found = []
    for index, said in enumerate(saids):
        if said.process or (said.quantities and said.code in WEIGHED and _may_have_grown(said)):
            told = _weighed(said)
            if told is not None:
                found.append((index, *told))
    return found


def _may_have_grown(said: Said) -> bool:
    """Whether it is worth weighing to the last digit, which takes several times as long: mostly less is made."""
    for factors in _FACTORS[said.code]:
        put_in = made = 0.0
        for _, _, of, amount, unit in said.quantities:
            if of == "in":
                put_in += float(amount) * factors.get(unit, 0.0)
            elif of == "out":
                made += float(amount) * factors.get(unit, 0.0)
        if made and made >= put_in * _SURELY:
            return True
    return False


def _weighed(said: Said) -> tuple[str, str, str] | None:
    steps = [step for step in said.steps if step.shape & SHAPE_MASK == MADE]
    if len(steps) == 1:
        [step] = steps
        put_in = step.ins[: len(step.ins) - said.beside]
        for dimension in WEIGHED.get(said.code, ()):
            ins, outs = _sum(said, "in", put_in, dimension), _sum(said, "out", step.outs, dimension)
            if ins is not None and outs is not None and (said.process or (put_in and outs > ins)):
                return dimension, format(ins.normalize(), "f"), format(outs.normalize(), "f")
    return _UNSAID if said.process else None


def _sum(said: Said, role: str, needed: Sequence[tuple[str, str]], dimension: str) -> Decimal | None:
    """All that is said of a role in one measure; None where it is not said of each that is ``needed``."""
    amounts: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for batch, site, of, amount, code in said.quantities:
        unit = UNITS[code]
        if of == role and unit.dimension == dimension and unit.factor is not None:
            amounts[batch, site].append(Decimal(amount) * unit.factor)
    if any(len(amounts.get(one, ())) < needed.count(one) for one in needed):
        return None
    return sum((amount for every in amounts.values() for amount in every), Decimal(0))
