"""How much came to a place and how much is left, from statements that overlap."""

from __future__ import annotations

from decimal import Decimal

import pytest
from fieldline_trace.recall.amounts import IN, MOVED_IN, MOVED_OUT, OUT, Amounts, Said, Way, amounts

KG, G, T, BOX = "KGM", "GRM", "TNE", "XBX"


def _said(*statements: tuple[str, int, str, str]) -> Said:
    """(id, event, amount, unit) as they are gathered."""
    said: Said = {}
    for name, event, amount, unit in statements:
        sums = said.setdefault((1, name), {}).setdefault(event, {})
        sums[unit] = sums.get(unit, Decimal(0)) + Decimal(amount)
    return said


def _left(ways: dict[Way, Said]) -> tuple[Decimal, str] | None:
    return amounts(ways).left


def test_what_was_made_less_what_was_used_and_sent_is_left() -> None:
    ways: dict[Way, Said] = {
        (OUT, False): _said(("made", 1, "100", KG)),
        (IN, False): _said(("used", 2, "30", KG)),
        (MOVED_OUT, False): _said(("sent", 3, "50", KG)),
    }
    assert amounts(ways) == Amounts((Decimal(100), "kg"), (Decimal(20), "kg"))


def test_a_shipment_and_its_receipt_are_one_move() -> None:
    ways: dict[Way, Said] = {
        (MOVED_IN, False): _said(("sent", 1, "40", KG)),
        (MOVED_IN, True): _said(("got", 2, "39.5", KG)),
    }
    assert _left(ways) == (Decimal(40), "kg")


def test_of_two_contents_of_one_id_the_greater_counts() -> None:
    ways: dict[Way, Said] = {(OUT, False): _said(("made", 1, "10", KG), ("made", 2, "12", KG), ("other", 3, "1", KG))}
    assert _left(ways) == (Decimal(13), "kg")


def test_masses_in_several_units_are_added_in_kilograms() -> None:
    ways: dict[Way, Said] = {
        (OUT, False): _said(("a", 1, "1", T), ("b", 2, "500", KG)),
        (IN, False): _said(("c", 3, "250", G)),
    }
    assert _left(ways) == (Decimal("1499.75"), "kg")


@pytest.mark.parametrize(
    "ways",
    [
        {(OUT, False): _said(("a", 1, "10", BOX)), (IN, False): _said(("b", 2, "5", KG))},
        {(OUT, False): _said(("a", 1, "10", BOX), ("b", 2, "5", KG))},
        {(IN, False): _said(("a", 1, "10", KG))},
    ],
)
def test_what_cannot_be_added_or_is_not_said_is_not_guessed(ways: dict[Way, Said]) -> None:
    assert _left(ways) is None


def test_more_used_than_came_leaves_nothing() -> None:
    assert _left({(OUT, False): _said(("a", 1, "5", KG)), (IN, False): _said(("b", 2, "7", KG))}) == (Decimal(0), "kg")
