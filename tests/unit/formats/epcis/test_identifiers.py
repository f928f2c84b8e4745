"""What EPCIS identifiers name here."""

from __future__ import annotations

import pytest
from fieldline_schemas.batch_key import canonical_batch, is_unit
from fieldline_trace.formats.epcis.identifiers import (
    goods_named,
    location_in,
    operator_key,
    site_key,
    unit_named,
)
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("uri", "key"),
    [
        ("urn:epc:class:lgtin:4012345.012345.998877", "01/04012345123456/10/998877"),
        ("https://id.gs1.org/01/04012345123456/10/998877", "01/04012345123456/10/998877"),
        ("https://shop.example/some/01/4012345123456/10/99%2F88", "01/04012345123456/10/99%2F88"),
        ("urn:epc:idpat:sgtin:4012345.012345.*", "01/04012345123456/10/~"),
        ("https://id.gs1.org/01/04012345123456", "01/04012345123456/10/~"),
        (
            "urn:gdst:example.org:product:lot:class:processor.2u.v1-0122-2022",
            "gdst:example.org:processor/2u/v1-0122-2022",
        ),
        ("urn:ibm:ift:product:lot:class:0861.tuna.A.7", "ibm:ift:0861/tuna/A.7"),
        ("urn:gdst:example.org:product:class:processor.2u", "gdst:example.org:processor/2u/~"),
        ("https://example.com/lots/4711", "example.com/lots/4711"),
        ("urn:uuid:7d1f", "uuid/id/7d1f"),
        ("https://id.gs1.org/01/04012345123457/10/X", "id.gs1.org/01:04012345123457:10/X"),
    ],
)
def test_a_class_is_a_lot_or_the_pool_of_its_product(uri: str, key: str) -> None:
    named = goods_named(uri)
    assert (named.sort, named.key) == ("batch", key)


@pytest.mark.parametrize(
    ("uri", "key"),
    [
        ("urn:epc:id:sgtin:4012345.012345.17", "01/04012345123456/21/17"),
        ("https://id.gs1.org/01/04012345123456/21/17", "01/04012345123456/21/17"),
        ("https://id.gs1.org/01/04012345123456/10/B7/21/17", "01/04012345123456/10/B7/21/17"),
        ("urn:epc:id:upui:4012345.012345.9%2F1", "01/04012345123456/21/upui 9%2F1"),
        ("https://id.gs1.org/01/04012345123456/235/9%2F1", "01/04012345123456/21/upui 9%2F1"),
        ("urn:gdst:example.org:product:serial:obj:processor.2u.17", "gdst:example.org:processor/2u/serial 17"),
    ],
)
def test_a_single_item_is_a_batch_of_one_in_its_lot_where_its_identifier_names_that(uri: str, key: str) -> None:
    assert goods_named(uri)[:2] == ("item", key)


def test_one_item_is_one_however_it_is_spelled() -> None:
    spelled = ("urn:epc:id:sgtin:4012345.012345.17", "https://id.gs1.org/01/04012345123456/21/17")
    in_lot = "https://id.gs1.org/01/04012345123456/10/B7/21/17"
    assert len({goods_named(uri).identity for uri in (*spelled, in_lot)}) == 1


@pytest.mark.parametrize(
    ("uri", "key"),
    [
        ("urn:epc:id:sscc:0614141.1234567890", "00/106141412345678908"),
        ("https://id.gs1.org/00/106141412345678908", "00/106141412345678908"),
        ("urn:epc:id:sscc:08600031303.0004", "unit/epc:sscc/08600031303.0004"),
        ("https://id.gs1.org/00/106141412345678907", "unit/epc:sscc/106141412345678907"),
        ("urn:epc:id:grai:4012345.55555.987", "unit/epc:grai/4012345.55555.987"),
        ("https://id.example.com/8003/040123450007718765", "unit/epc:grai/040123450007718765"),
        ("urn:epc:id:giai:4000001.12345", "unit/epc:giai/4000001.12345"),
    ],
)
def test_logistic_units_and_assets_are_units(uri: str, key: str) -> None:
    assert goods_named(uri)[:2] == ("unit", key)
    assert unit_named(uri)[:2] == ("unit", key)


def test_persons_documents_and_places_have_no_key() -> None:
    for scheme in ("gsrn", "gdti", "sgln"):
        assert goods_named(f"urn:epc:id:{scheme}:4012345.00001.0")[:2] == ("thing", "")


def test_whatever_holds_others_is_a_unit() -> None:
    for uri in ("https://example.com/crate/7", "urn:epc:id:sgtin:4012345.012345.17"):
        assert unit_named(uri).sort == "unit"
        assert unit_named(uri).key != goods_named(uri).key
        assert unit_named(uri).identity == goods_named(uri).identity


def test_a_spot_inside_a_place_is_the_place() -> None:
    assert site_key("urn:epc:id:sgln:4012345.00001.dock-7") == site_key("https://id.gs1.org/414/4012345000016")
    assert site_key("urn:epc:id:sgln:4012345.00001.dock-7") == "414/4012345000016"
    assert operator_key("urn:epc:id:pgln:4012345.00001") == "417/4012345000016"


def test_the_extension_of_an_sgln_is_a_location_within_its_site() -> None:
    assert location_in("urn:epc:id:sgln:4012345.00001.dock-7") == "dock-7"
    assert location_in("https://id.gs1.org/414/4012345000016/254/dock-7") == "dock-7"
    assert location_in("urn:epc:id:sgln:4012345.00001.0") is None
    assert location_in("urn:gdst:example.org:location:loc:plant.1") is None


def test_a_place_with_a_wrong_check_digit_is_a_name_and_no_gln() -> None:
    assert site_key("https://id.gs1.org/414/4012345000017") == "<https://id.gs1.org/414/4012345000017>"


@given(st.from_regex(r"[a-z][a-z0-9]{0,8}:[A-Za-z0-9._~!$&'()*+,;=:@/?#%\[\]-]{0,200}", fullmatch=True))
def test_every_uri_names_something_under_a_key_that_is_canonical(uri: str) -> None:
    for named in (goods_named(uri), unit_named(uri)):
        assert named.sort == "thing" or canonical_batch(named.key) == named.key
    assert is_unit(unit_named(uri).key)
    assert 0 < len(site_key(uri)) <= 128
