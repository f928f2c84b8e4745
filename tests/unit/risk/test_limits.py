"""Limits: which one a product meets, whether it is kept, and that each figure says where it comes from."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from fieldline_schemas.batch_key import canonical_batch
from fieldline_trace.reference import load_reference
from fieldline_trace.reference.limits import day_of, exceeds
from fieldline_trace.reference.load import limits_in
from fieldline_trace.reference.products import product_of
from fieldline_trace.reference.values import factor, measured

LIMITS = load_reference().limits
IN_FORCE = date(2026, 9, 2)


@pytest.mark.parametrize(
    ("analyte", "product", "met"),
    [
        ("镉", "芹菜", ("celery", "product")),
        ("lead", "celery", ("fresh vegetables", "class")),
        ("cadmium", "pepper", ("fresh vegetables", "class")),
        ("无机砷", "大米", ("polished rice", "product")),
        ("镉", "大米", ("rice", "class")),
        ("lead", "celery soup", None),
        ("unobtainium", "celery", None),
    ],
)
def test_a_product_meets_its_own_limit_else_that_of_its_nearest_class(
    analyte: str, product: str, met: tuple[str, str] | None
) -> None:
    found = LIMITS.meet(analyte, product, IN_FORCE)
    assert (found and (found.limit.product, found.matched)) == met


def test_every_figure_says_where_it_was_read_and_none_is_unverified() -> None:
    for one in LIMITS.every:
        assert one.status in ("V", "V2")
        assert one.source
    reference = load_reference()
    assert all(plan.status in ("V", "V2") and plan.source for plan in reference.plans)
    assert all(one.status in ("V", "V2") and one.source for one in reference.substances.values())


def test_every_product_of_a_limit_or_plan_is_one_that_texts_can_name() -> None:
    for one in LIMITS.every:
        assert LIMITS.products.chain(one.product)[:1] == (one.product,)
    for plan in load_reference().plans:
        assert LIMITS.products.chain(plan.product)[:1] == (plan.product,)


@pytest.mark.parametrize(
    ("value", "unit", "verdict"),
    [
        ("0.1", "mg/kg", "no"),
        ("100", "µg/kg", "no"),
        ("100.1", "ug/kg", "yes"),
        ("0.09±0.02", "mg/kg", "maybe"),
        ("<0.2", "mg/kg", "no"),
        ("未检出", "mg/kg", "no"),
        ("detected", "mg/kg", "maybe"),
        ("1,000", "ug/kg", "yes"),
        ("低于检出限", "mg/kg", "no"),
        ("<LOQ", "mg/kg", "no"),
        ("0.05至0.2", "mg/kg", "maybe"),
        ("5", "CFU/g", "not_comparable"),
    ],
)
def test_a_value_is_compared_in_the_unit_of_the_limit(value: str, unit: str, verdict: str) -> None:
    met, found = LIMITS.meet("lead", "celery", IN_FORCE), measured(value)
    assert met is not None
    assert found is not None
    assert exceeds(found, unit, met.limit) == verdict


def test_every_analyte_of_a_limit_is_one_that_a_chinese_report_can_name() -> None:
    analytes = LIMITS.products.analytes
    chinese = {code for name, code in analytes.items() if any("\u4e00" <= one <= "\u9fff" for one in name)}
    assert {one.analyte for one in LIMITS.every} <= chinese


@pytest.mark.parametrize("text", ["see annex", "1e999999", "0,05", "1,5", "0,125", "检出限 0.01 mg/kg"])
def test_what_says_no_amount_is_none(text: str) -> None:
    assert measured(text) is None


def test_what_is_below_what_can_be_detected_is_not_found() -> None:
    for text in ("检出限以下", "below LOD", "not detected (<0.5)"):
        found = measured(text)
        assert found is not None
        assert not found.found


def test_units_are_converted() -> None:
    assert factor("mg/kg", "g/kg") == Decimal("0.001")


def test_a_day_is_the_day_in_china() -> None:
    assert [day_of(1_788_278_400_000_000 - one) for one in (0, 1)] == [date(2026, 9, 2), date(2026, 9, 1)]


@pytest.mark.parametrize("text", ["[standard.x]\nseries = 'x'\n[[standard.x.limit]]\nunit = 'mg/kg'", "standard = 3"])
def test_a_file_that_lacks_something_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"missing|form"):
        limits_in(text)


@pytest.mark.parametrize(
    ("key", "product"), [("mill/小白菜/L1", "小白菜"), ("mill/half%2Fhalf 50%/L1", "half/half 50%"), ("mill/L1", "")]
)
def test_the_product_in_a_key_is_read_as_it_was_written(key: str, product: str) -> None:
    assert product_of(canonical_batch(key) if product else key) == product


OLD = """
[standard."GB 2762-2022"]
series = "GB 2762"
in_force = 2023-06-30
status = "V2"
source = "illustrative"
[[standard."GB 2762-2022".limit]]
analyte = "lead"
unit = "mg/kg"
maximum = {honey = 1.0, "leafy vegetables" = 0.3, pickles = 9}
"""


@pytest.mark.parametrize(("day", "standard"), [("2023-06-29", None), ("2026-09-01", "GB 2762-2022"),
                                               ("2026-09-02", "GB 2762-2025")])  # fmt: skip
def test_an_old_edition_that_is_loaded_ends_where_its_successor_begins(day: str, standard: str | None) -> None:
    limits = LIMITS.changed(limits_in(OLD))
    met = limits.meet("lead", "honey", date.fromisoformat(day))
    assert (met and met.limit.standard) == standard


def test_what_a_new_edition_does_not_limit_is_not_limited_by_the_old_one_any_longer() -> None:
    limits = LIMITS.changed(limits_in(OLD))
    [old] = [one for one in limits.every if (one.standard, one.product) == ("GB 2762-2022", "pickles")]
    assert (limits.ends(old), limits.superseded(old)) == (IN_FORCE, (IN_FORCE, "GB 2762-2025"))
    assert limits.meet("lead", "pickles", date(2026, 9, 1)) is not None
    assert limits.meet("lead", "pickles", IN_FORCE) is None


def test_an_end_that_is_said_and_comes_first_holds() -> None:
    said = OLD.replace("in_force = 2023-06-30", "in_force = 2023-06-30\nuntil = 2025-01-01")
    assert LIMITS.changed(limits_in(said)).meet("lead", "honey", date(2025, 1, 1)) is None
