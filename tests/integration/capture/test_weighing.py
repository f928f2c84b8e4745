"""What is weighed quickly is weighed as to the last digit."""

from __future__ import annotations

import json
from decimal import Decimal

from fieldline_schemas import fast
from fieldline_schemas.quantities import UNITS
from fieldline_trace.capture.weighing import weighed
from hypothesis import assume, given
from hypothesis import strategies as st

MASS = sorted(code for code, unit in UNITS.items() if unit.dimension == "mass" and unit.factor)
amount = st.tuples(st.decimals("0.000001", "1000", places=6), st.sampled_from(MASS))


@given(st.lists(amount, min_size=1, max_size=4), st.sampled_from([0, 1, -1]), st.integers(0, 18))
def test_the_smallest_growth_is_told_and_no_loss_is(put_in: list[tuple[Decimal, str]], sign: int, digit: int) -> None:
    total = sum((said * (UNITS[code].factor or 0) for said, code in put_in), Decimal(0))
    made = total + sign * Decimal(1).scaleb(-digit)
    assume(made > 0)
    text = format(made, "f")
    event = {
        "id": "e1", "kind": "transformed", "operator": "hof-1", "site": "hall", "at": "2026-03-01T08:00:00Z",
        "in_batches": [
            {"batch": f"hof-1/leaf/{place}", "quantity": format(said, "f"), "unit": code}
            for place, (said, code) in enumerate(put_in)
        ],
        "out_batches": [{"batch": "hof-1/mix/1", "quantity": text, "unit": "kg"}],
    }  # fmt: skip
    told = weighed([fast.read(json.dumps(event).encode())])
    assert [(index, dimension) for index, dimension, *_ in told] == ([(0, "mass")] if Decimal(text) > total else [])
