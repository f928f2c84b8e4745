"""One batch, one canonical key, however it is spelled."""

from __future__ import annotations

import pytest
from fieldline_schemas.batch_key import (
    canonical_batch,
    gs1_batch,
    is_item,
    is_pool,
    is_unit,
    lot_of,
    lot_of_item,
    product_of,
)
from fieldline_schemas.batch_spellings import spellings
from fieldline_schemas.faults import Fault
from fieldline_schemas.identifiers import with_check_digit
from hypothesis import assume, given
from hypothesis import strategies as st

LOT = "01/04012345055559/10/4711"


@pytest.mark.parametrize(
    "spelling",
    [
        "urn:epc:class:lgtin:4012345.005555.4711",
        "https://id.gs1.org/01/04012345055559/10/4711",
        "https://example.com/shop/products/01/04012345055559/10/4711?17=261231#top",
        "http://id.gs1.org/gtin/4012345055559/lot/4711",
        "https://id.gs1.org/01/04012345055559/22/2A/10/4711",
        "(01)04012345055559(10)4711",
        "(10)4711(17)261231(01)04012345055559",
        "010401234505555910" + "4711",
        "01/04012345055559/10/4711",
        "01/4012345055559/10/4711",
        "  (01)04012345055559(10)4711\n",
        "URN:EPC:CLASS:LGTIN:4012345.005555.4711",
        "https://id.gs1.org/01/04012345055559/10/4711/",
        "https://example.com/01/04012345055559?10=4711",
        "https://example.com/01/04012345055559?linkType=all&lot=4711&17=261231#10=1",
        "]C101040123450555591726123110" + "4711",
        "]d20104012345055559104711\x1d17261231",
        "(01)04012345055559(10)4711(17)261231",
    ],
)
def test_all_gs1_spellings_of_a_lot_are_one_batch(spelling: str) -> None:
    assert canonical_batch(spelling) == LOT


@pytest.mark.parametrize(
    "spelling",
    [
        "04012345055559",
        "4012345055559",
        "(01)04012345055559",
        "https://id.gs1.org/01/04012345055559",
        "urn:epc:idpat:sgtin:4012345.005555.*",
        "01/04012345055559/10/",
        "01/04012345055559/10/~",
        "01/04012345055559",
        "01/04012345055559/",
        "0104012345055559",
        "https://id.gs1.org/01/04012345055559/",
        "https://id.gs1.org/01/04012345055559?17=261231",
    ],
)
def test_a_gtin_without_a_lot_is_the_general_pool_of_its_product(spelling: str) -> None:
    key = canonical_batch(spelling)
    assert key == "01/04012345055559/10/~"
    assert is_pool(key)
    assert product_of(key) == product_of(LOT)


@pytest.mark.parametrize(
    ("spelling", "key", "lot"),
    [
        ("hof-1/leaf/L1", "hof-1/leaf/L1", "L1"),
        (" hof-1 / leaf / L1 ", "hof-1/leaf/L1", "L1"),
        ("hof-1/leaf/", "hof-1/leaf/~", "~"),
        ("dairy/raw milk/~TANK7", "dairy/raw milk/~TANK7", "~TANK7"),
        ("hof-1/leaf/12%2F3", "hof-1/leaf/12%2F3", "12/3"),
        ("hof-1/leaf/12%2f3", "hof-1/leaf/12%2F3", "12/3"),
        ("hof-1/oil/50%", "hof-1/oil/50%25", "50%"),
        ("hof-1/oil/50%25", "hof-1/oil/50%25", "50%"),
        ("hof-1/oil/a%41", "hof-1/oil/a%2541", "a%41"),
        ("合作社/菠菜/批次-7", "合作社/菠菜/批次-7", "批次-7"),
        ("caf\u0065\u0301/x/1", "caf\u00e9/x/1", "1"),
    ],
)
def test_other_batches_are_operator_product_lot(spelling: str, key: str, lot: str) -> None:
    assert canonical_batch(spelling) == key
    assert lot_of(key) == lot


@pytest.mark.parametrize(
    ("spelling", "rule"),
    [
        ("(01)09506000134353(10)B7", "the GTIN's check digit is 3, expected 2"),
        ("https://id.gs1.org/01/09506000134353/10/B7", "the GTIN's check digit is 3, expected 2"),
        ("01095060001343531" + "0B7", "the GTIN's check digit is 3, expected 2"),
        ("09506000134353", "the GTIN's check digit is 3, expected 2"),
        ("01/00000000000000/10/B7", "not all zeros"),
        ("https://id.gs1.org/01/04012345055559/235/S1", "third party"),
        ("(01)04012345055559(21) ", "serial number is missing"),
        ("01/04012345055559/10/~T/21/S1", "not of a pool"),
        ("00/395060001343529997", "the SSCC's check digit is 7, expected 8"),
        ("(00)39506000134352", "18 digits"),
        ("00/plant-7/P1", "a unit is 00/SSCC"),
        ("urn:epc:id:sscc:4012345.1", "17 digits"),
        ("unit/plant-7", "unit/OWNER/NAME"),
        ("unit/plant-7/", "not empty"),
        ("unit/plant-7/~P", "like a pool's"),
        ("urn:epc:class:lgtin:4012345.5555.1", "13 digits"),
        ("urn:epc:class:lgtin:4012345.005555", "lot is missing"),
        ("urn:isbn:0451450523", "lgtin"),
        ("(10)4711", "no GTIN"),
        ("(01)04012345055559(10)1(10)2", "twice"),
        ("(01)04012345055559(10)AB(12)C", "lot with brackets"),
        ("(01)04012345055559(10)AB(43)", "lot with brackets"),
        ("01/", "8, 12, 13 or 14 digits"),
        ("01//", "8, 12, 13 or 14 digits"),
        ("01/04012345055559//", "/10/LOT"),
        ("https://id.gs1.org/01/04012345055559?10=%FF", "UTF-8"),
        ("https://example.com/a/b", "Digital Link"),
        ("leaf/L1", "three parts"),
        ("a/b/c/d", "three parts"),
        ("leaf", "operator/product/lot"),
        ("/leaf/L1", "not empty"),
        ("hof-1//L1", "not empty"),
        ("", "1 to 1024"),
        ("x" * 2000, "1 to 1024"),
        ("hof-1/leaf/" + "x" * 129, "at most 128"),
        ("hof-1/leaf/a\u200bb", "printable"),
        ("hof-1/leaf/a\nb", "printable"),
        ("hof-1/leaf/a\x00", "printable"),
        ("http://[/x", "Digital Link"),
        ("https://id.gs1.org/01/04012345055559/10/%FF", "UTF-8"),
    ],
)
def test_what_is_no_batch_is_refused_with_the_reason(spelling: str, rule: str) -> None:
    with pytest.raises(Fault) as refused:
        canonical_batch(spelling)
    assert rule in refused.value.rule
    assert len(refused.value.value) <= 100


@pytest.mark.parametrize(
    ("spelling", "lot"),
    [
        ("010401234505555910AB/12", "AB/12"),
        ("010401234505555910A/B/C", "A/B/C"),
        ("urn:epc:class:lgtin:4012345.005555.A%2FB:7", "A/B:7"),
        ("https://id.gs1.org/01/04012345055559?10=A%2FB", "A/B"),
    ],
)
def test_a_slash_in_a_gs1_lot_belongs_to_the_lot(spelling: str, lot: str) -> None:
    key = canonical_batch(spelling)
    assert (product_of(key), lot_of(key)) == ("01/04012345055559/10", lot)


def test_an_operator_whose_number_begins_like_a_bar_code_keeps_its_lots() -> None:
    assert canonical_batch("010401234505555810/leaf/L1") == "010401234505555810/leaf/L1"


GS1_WORDS = [
    "01",
    "10",
    "21",
    "22",
    "/",
    "(01)",
    "(10)",
    "(17)",
    "04012345055559",
    "urn:epc:class:lgtin:",
    "4012345",
    ".",
]
GS1_WORDS += [
    "https://",
    "id.gs1.org",
    "?",
    "#",
    "=",
    "%2F",
    "%E6",
    "%",
    "A",
    "~",
    " ",
    "\x1d",
    "]C1",
    "批",
    "²",
    "lot",
]


@given(st.lists(st.sampled_from(GS1_WORDS), max_size=9).map("".join))
def test_any_text_is_a_batch_or_has_a_fault(text: str) -> None:
    try:
        key = canonical_batch(text)
    except Fault:
        return
    assert canonical_batch(key) == key
    assert {canonical_batch(spelling) for spelling in spellings(key)} == {key}


def test_gtin_and_lot_as_two_fields_are_the_same_batch_and_the_fault_names_the_field() -> None:
    assert gs1_batch("4012345055559", "4711") == LOT
    assert gs1_batch("4012345055559", None) == "01/04012345055559/10/~"
    with pytest.raises(Fault, match=r"^gtin: "):
        gs1_batch("4012345055550", "1")
    with pytest.raises(Fault, match=r"^lot: "):
        gs1_batch("4012345055559", "\x07")


PRINTABLE = st.characters(codec="utf-8", exclude_categories=["C", "Z"])
SEGMENTS = st.text(PRINTABLE | st.sampled_from("/%~ 2F5"), min_size=1, max_size=20).filter(str.strip)


@given(SEGMENTS, SEGMENTS, SEGMENTS)
def test_the_canonical_key_of_any_three_segments_is_its_own_canonical_key_and_keeps_the_lot(
    operator: str, product: str, lot: str
) -> None:
    path = [part.replace("%", "%25").replace("/", "%2F") for part in (operator, product, lot)]
    assume(path[0].strip() != "01" and not path[0].lower().strip().startswith(("urn:", "http", "(")))
    key = canonical_batch("/".join(path))
    assert canonical_batch(key) == key
    assert key.count("/") == 2
    assert is_pool(key) == lot.strip().startswith("~")


@given(
    st.integers(1, 10**13 - 1),
    st.text(st.sampled_from("ABCxyz0189-_.!'*+,;:=?&\"%/()<>"), min_size=1, max_size=20),
)
def test_every_spelling_of_a_gs1_lot_that_is_given_out_leads_back_to_it(number: int, lot: str) -> None:
    key = gs1_batch(with_check_digit(str(number).zfill(13)), lot)
    known = spellings(key)
    assert known[0] == key
    assert len(known) >= 2
    assert {canonical_batch(spelling) for spelling in known} == {key}


UNIT = "00/395060001343529998"


@pytest.mark.parametrize(
    "spelling",
    [
        UNIT,
        "urn:epc:id:sscc:9506000.3134352999",
        "https://id.gs1.org/00/395060001343529998",
        "https://example.com/sscc/395060001343529998?x=1",
        "(00)395060001343529998",
        "(00)395060001343529998(02)04012345055559(37)12",
        "00395060001343529998",
        "]C100395060001343529998",
    ],
)
def test_all_spellings_of_an_sscc_are_one_unit(spelling: str) -> None:
    assert canonical_batch(spelling) == UNIT
    assert is_unit(UNIT)
    assert not is_pool(UNIT)
    assert lot_of(UNIT) == "395060001343529998"


def test_a_unit_without_an_sscc_is_its_owners() -> None:
    key = canonical_batch(" unit/plant-7/crate%2F4 ")
    assert key == "unit/plant-7/crate%2F4"
    assert is_unit(key)
    assert lot_of(key) == "crate/4"


def test_eighteen_digits_alone_are_no_unit() -> None:
    with pytest.raises(Fault):
        canonical_batch("395060001343529998")


@pytest.mark.parametrize(
    ("spelling", "key", "lot"),
    [
        ("urn:epc:id:sgtin:4012345.005555.S%2F1", "01/04012345055559/21/S%2F1", None),
        ("https://id.gs1.org/01/04012345055559/21/S%2F1", "01/04012345055559/21/S%2F1", None),
        ("(01)04012345055559(21)S/1", "01/04012345055559/21/S%2F1", None),
        ("https://id.gs1.org/01/04012345055559/10/4711/21/9", f"{LOT}/21/9", LOT),
        ("https://id.gs1.org/01/04012345055559/22/V/10/4711/21/9", f"{LOT}/21/9", LOT),
        ("https://id.gs1.org/01/04012345055559/21/9?10=4711", f"{LOT}/21/9", LOT),
        ("(01)04012345055559(21)9(10)4711", f"{LOT}/21/9", LOT),
        ("0104012345055559104711\x1d219", f"{LOT}/21/9", LOT),
        ("01/04012345055559/21/~1", "01/04012345055559/21/~1", None),
    ],
)
def test_a_serial_number_names_an_item_of_its_lot_where_that_is_said(spelling: str, key: str, lot: str | None) -> None:
    assert canonical_batch(spelling) == key
    assert is_item(key)
    assert not is_pool(key)
    assert lot_of_item(key) == lot
    assert product_of(key) == product_of(LOT)
    assert lot_of(key) == ("4711" if lot else key.rpartition("/")[2].replace("%2F", "/"))


def test_neither_a_lot_nor_a_pool_nor_a_unit_is_an_item() -> None:
    for key in (LOT, "01/04012345055559/10/~", UNIT, "hof-1/21/x", "unit/a/21"):
        assert not is_item(key)
        assert lot_of_item(key) is None
    for key in (LOT, "hof-1/unit/x", f"{LOT}/21/9"):
        assert not is_unit(key)


@pytest.mark.parametrize("key", [UNIT, "unit/plant-7/crate 4", f"{LOT}/21/9", "01/04012345055559/21/S%2F1%25"])
def test_all_spellings_of_units_and_items_lead_back(key: str) -> None:
    assert {canonical_batch(spelling) for spelling in spellings(key)} == {key}
