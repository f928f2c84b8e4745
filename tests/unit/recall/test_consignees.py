"""Whom to call, about what, how much, and in which order."""

from __future__ import annotations

from decimal import Decimal

from fieldline_schemas.times import UNKNOWN
from fieldline_trace.recall.consignees import (
    ROLE_IN,
    ROLE_MOVED_IN,
    ROLE_MOVED_OUT,
    ROLE_OUT,
    Amount,
    Balance,
    balances,
    consignees,
)
from fieldline_trace.recall.members import Member


def member(
    batch: int, site: int, role: str = "descendant", *, held: bool = True, hops: int = 1, sure: bool = True
) -> Member:
    certainty = "definite" if sure else "possible"
    return Member(batch, batch, site, role, certainty, "recorded", UNKNOWN, hops, 9, True, held, "supported", "", -1)


def test_what_is_held_and_definite_and_near_is_called_first_and_suspects_last() -> None:
    called = consignees(
        [
            member(1, 10, "suspect", held=False),
            member(2, 20, hops=3),
            member(3, 30, hops=1),
            member(4, 40, sure=False, hops=1),
            member(5, 50, held=False, hops=0),
        ],
        lambda site: site * 10,
    )
    assert [(one.site, one.operator) for one in called] == [(30, 300), (20, 200), (40, 400), (50, 500), (10, 100)]


def test_one_site_is_called_once_about_all_its_batches_the_most_urgent_first() -> None:
    [called] = consignees([member(1, 10, hops=4), member(2, 10, "failed_lot", hops=0)], lambda _: 0)
    assert [lot.batch for lot in called.lots] == [2, 1]


def test_what_is_there_is_what_came_less_what_left_by_unit() -> None:
    said = [
        Amount(1, 10, ROLE_OUT, Decimal("10"), "KGM"),
        Amount(1, 10, ROLE_MOVED_IN, Decimal("2.5"), "KGM"),
        Amount(1, 10, ROLE_IN, Decimal("1"), "KGM"),
        Amount(1, 10, ROLE_MOVED_OUT, Decimal("4"), "KGM"),
        Amount(1, 10, ROLE_MOVED_IN, Decimal("3"), "C62"),
        Amount(1, 10, 0, Decimal("99"), "KGM"),
    ]
    pieces, mass = balances(said)[1, 10]
    assert (pieces.unit, pieces.there) == ("C62", Decimal("3"))
    assert (mass.came, mass.left, mass.there) == (Decimal("12.5"), Decimal("5"), Decimal("7.5"))


def test_more_left_than_came_leaves_nothing() -> None:
    assert Balance(Decimal(1), Decimal(2), "KGM").there == 0
