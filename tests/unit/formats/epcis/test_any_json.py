"""Whatever stands in a document, it is taken or refused; nothing else happens, and what is taken can be handed in."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from fieldline_schemas.fast import read as read_event
from fieldline_schemas.faults import Fault
from fieldline_trace.formats.epcis import events_of, read
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.formats.epcis.saying import ITEM, LOT, PALLET, PLANT, SHOP, amount, document, event, filled, of_unit

MEANT = [
    "shipping",
    "receiving",
    "void_shipping",
    "sampling",
    "ADD",
    "DELETE",
    "non_conformant",
    "did_not_occur",
    "AggregationEvent",
    "ex:Type",
]
WORDS = st.sampled_from([*MEANT, ITEM, LOT, PALLET, PLANT, SHOP, "2026-03-01T00:00:00Z", "\x00", "\u2028"])
SCALARS = st.one_of(
    WORDS,
    st.text(max_size=5),
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
REPORT = {"type": "Temperature", "value": 1, "microorganism": "urn:x:germ"}
WHOLE: dict[str, Any] = event(
    eventID="urn:x:7",
    action="ADD",
    epcList=[ITEM, PALLET],
    quantityList=[amount()],
    readPoint={"id": SHOP},
    bizStep="inspecting",
    disposition="non_conformant",
    ilmd={"cbvmda:lotNumber": "1"},
    sourceList=[{"type": "location", "source": SHOP}],
    destinationList=[{"type": "owning_party", "destination": "urn:epc:id:pgln:4012345.00001"}],
    bizTransactionList=[{"type": "testres", "bizTransaction": "urn:x:report"}],
    sensorElementList=[{"sensorReport": [REPORT]}],
    errorDeclaration={"declarationTime": "2026-03-01T00:00:00Z", "correctiveEventIDs": ["urn:x:8"]},
)
OTHERS = [
    "parentID",
    "childEPCs",
    "childQuantityList",
    "inputEPCList",
    "outputQuantityList",
    "transformationID",
    "ex:more",
]
FIELDS = st.sampled_from([*WHOLE, *OTHERS])


@st.composite
def changed(draw: st.DrawFn) -> dict[str, Any]:
    """A whole event with some fields left out and others replaced by anything, or by what stands elsewhere."""
    left_out = draw(st.sets(st.sampled_from(list(WHOLE)), max_size=8))
    put = draw(st.dictionaries(FIELDS, JSON | st.sampled_from(list(WHOLE.values())), max_size=3))
    return {**{name: value for name, value in WHOLE.items() if name not in left_out}, **put}


@given(st.lists(changed() | st.just(filled(1, PALLET, amount())) | st.just(of_unit(2, PALLET, "shipping")), max_size=4))
def test_every_event_is_taken_or_refused(events: list[Any]) -> None:
    said = events_of(read(json.dumps(document(*events)).encode()))
    assert said.taken + len(said.refused) == len(events)
    for one in said.events:
        read_event(json.dumps(one, ensure_ascii=False).encode())


@given(JSON)
def test_every_document_is_read_or_refused(said: Any) -> None:
    for whole in (said, {**document(), "epcisBody": said}, {**document(), "epcisHeader": said, "@context": said}):
        with suppress(Fault):
            assert events_of(read(json.dumps(whole).encode())).taken >= 0
