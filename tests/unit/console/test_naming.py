"""Names as people say them."""

from __future__ import annotations

import pytest
from fieldline_trace.api.console.naming import amount_said, event_said, ids_said, lot_of_key, product_said


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ("demo:greens-failed", "demo:greens-failed"),
        ("urn:fieldline:event:430fd1a82fbfff5766bea164296fdd1a", "430fd1a82f…"),
        ("urn:fieldline:fcl:relations:f335f263e75e951aa", "relations:f335f263…"),
        ("a" * 30 + "b" * 30, "a" * 24 + "…" + "b" * 12),
        (None, ""),
    ],
)
def test_an_id_that_a_program_made_is_as_long_as_it_takes_to_know_it_again(event: str | None, said: str) -> None:
    assert event_said(event) == said


def test_ids_in_sentences_are_shortened_and_nothing_else() -> None:
    assert ids_said("act urn:fieldline:event:430fd1a82fbfff5766bea164296fdd1a, late") == "act 430fd1a82f…, late"


def test_a_number_that_was_never_printed_is_told_by_its_end() -> None:
    assert lot_of_key("firm/leaves/-1475271720") == "…71720"
    assert lot_of_key("firm/leaves/S-17") == "S-17"


def test_a_product_is_named_as_its_key_does_or_by_its_gtin() -> None:
    assert product_said("coop/pak choi/P-1") == "pak choi"
    assert product_said("firm/half%2Fhalf/L1") == "half/half"
    assert product_said("01/04012345123456/10/D-12") == "GTIN 04012345123456"
    assert product_said(None) == ""


@pytest.mark.parametrize(
    ("quantity", "unit", "said"),
    [
        ("40", "KGM", "40 kg"),
        ("1500", "g", "1.5 kg"),
        ("12000", "C62", "12,000"),
        (None, "kg", ""),
        ("3", "bunch", "3 bunch"),
    ],
)
def test_an_amount_is_written_as_people_do(quantity: str | None, unit: str, said: str) -> None:
    assert amount_said(quantity, unit) == said
