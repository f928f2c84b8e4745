"""Small pictures as functions of what answers say."""

from __future__ import annotations

from fieldline_trace.api.console.charts import amounts, columns, shelf_life
from hypothesis import given
from hypothesis import strategies as st


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), max_size=50))
def test_columns_are_as_high_as_their_share_of_the_highest_and_none_that_is_something_is_unseen(
    drawn: list[tuple[int, int]],
) -> None:
    rows = [{"events": whole, "waiting": min(part, whole)} for whole, part in drawn]
    bars = columns(rows, "events", "waiting", height=60, step=14)
    assert [bar.x for bar in bars] == [14 * at for at in range(len(rows))]
    for bar, row in zip(bars, rows, strict=True):
        assert bar.low + bar.high <= 62
        assert (bar.high > 0) == (row["waiting"] > 0)
        assert (bar.low > 0) == (row["events"] > row["waiting"])
    highest = max((bar.low + bar.high for bar in bars), default=0)
    assert highest >= 60 or all(row["events"] == 0 for row in rows)


def test_amounts_are_compared_within_their_unit_and_in_the_order_of_what_becomes_of_goods() -> None:
    found = amounts({"on_hand": {"kg": "50"}, "produced": {"kg": "200", "piece": "3"}, "sold": {}, "steps": None})
    assert [(one.way, one.quantity, one.unit, one.share) for one in found] == [
        ("produced", "200", "kg", 1.0), ("produced", "3", "piece", 1.0), ("on_hand", "50", "kg", 0.25),
    ]  # fmt: skip


def test_a_shelf_life_stands_on_a_line_from_its_earliest_day_to_its_latest() -> None:
    line = shelf_life("2026-03-01T00:00:00Z", "2026-03-11T00:00:00Z", "2026-03-06T12:00:00Z")
    assert line is not None
    assert (line.made_at, line.today_at, line.until_at, line.days_left) == (0.0, 0.5, 1.0, 5)
    over = shelf_life(None, "2026-03-01", "2026-03-06")
    assert over is not None
    assert (over.made, over.until_at, over.today_at, over.days_left) == ("", 0.0, 1.0, -5)
    assert shelf_life("2026-03-01", None, "2026-03-06") is None
