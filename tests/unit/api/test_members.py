"""Members grouped by lot number and by site."""

from __future__ import annotations

from typing import Any

from fieldline_trace.api.answers.members import by_lot, by_site


def _member(
    batch: str, site: str, *labels: str, certainty: str = "possible", hops: int = 1, role: str = "source"
) -> Any:
    return {
        "batch": batch,
        "labels": list(labels),
        "site": site,
        "operator": None,
        "certainty": certainty,
        "hops": hops,
        "role": role,
    }


def test_deliveries_of_one_lot_number_are_one_lot() -> None:
    (lot,) = by_lot([_member("a/tea/1", "x", "DC 17", hops=3), _member("b/tea/2", "y", "DC 17", certainty="definite")])
    assert (lot["lot"], lot["labelled"], lot["batches"]) == ("DC 17", True, ["a/tea/1", "b/tea/2"])
    assert (lot["certainty"], lot["hops"], lot["sites"]) == ("definite", 1, ["x", "y"])


def test_a_batch_without_a_printed_number_is_a_lot_by_itself_even_if_others_end_alike() -> None:
    lots = by_lot([_member("a/tea/1", "x"), _member("b/tea/1", "x")])
    assert [(lot["lot"], lot["labelled"], lot["batches"]) for lot in lots] == [
        ("1", False, ["a/tea/1"]),
        ("1", False, ["b/tea/1"]),
    ]


def test_a_batch_with_two_printed_numbers_is_in_both_lots() -> None:
    assert [lot["lot"] for lot in by_lot([_member("a/tea/1", "x", "A", "B")])] == ["A", "B"]


def test_a_lot_is_asked_for_where_one_of_its_batches_is() -> None:
    asked, other = by_lot([_member("a/tea/1", "x", "A", hops=0, role="asked"), _member("a/tea/2", "x", "B")])
    assert (asked["asked"], other["asked"]) == (True, False)


def test_a_site_lists_each_batch_once_with_the_surest_certainty() -> None:
    (site,) = by_site([_member("a/tea/1", "x"), _member("a/tea/1", "x", certainty="definite"), _member("b/tea/2", "x")])
    assert (site["batches"], site["certainty"]) == (["a/tea/1", "b/tea/2"], "definite")
