"""Delays between two looks are read off what was counted between them, and of nothing before."""

from __future__ import annotations

import pytest
from fieldline_streams.soak import quantile

INF = float("inf")


def test_what_was_counted_before_the_first_look_says_nothing() -> None:
    before = {0.01: 1000.0, 0.1: 1000.0, INF: 1000.0}
    after = {0.01: 1000.0, 0.1: 1100.0, INF: 1100.0}
    assert quantile(0.5, before, after) == pytest.approx(0.055)
    assert quantile(0.99, before, after) == pytest.approx(0.0991)


def test_past_the_last_bound_it_is_at_least_that_bound() -> None:
    assert quantile(0.99, {}, {0.1: 50.0, 10.0: 60.0, INF: 100.0}) == 10.0


def test_where_nothing_was_counted_it_is_nothing() -> None:
    assert quantile(0.5, {0.1: 5.0, INF: 5.0}, {0.1: 5.0, INF: 5.0}) == 0.0
    assert quantile(0.5, {}, {}) == 0.0
