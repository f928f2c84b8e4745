"""Small EPCIS documents to make claims about."""

from __future__ import annotations

import json
from typing import Any

from fieldline_trace.formats.epcis import Conversion, events_of, read

LOT = "urn:epc:class:lgtin:4012345.012345.998877"
LOT_KEY = "01/04012345123456/10/998877"
OTHER_LOT = "urn:epc:class:lgtin:4012345.012345.B2"
OTHER_KEY = "01/04012345123456/10/B2"
POOL_KEY = "01/04012345123456/10/~"
ITEM = "urn:epc:id:sgtin:4012345.012345.17"
ITEM_KEY = "01/04012345123456/21/17"
PALLET_KEY, CASE_KEY = "00/106141412345678908", "00/106141412345678915"
PALLET, CASE = "urn:epc:id:sscc:0614141.1234567890", "urn:epc:id:sscc:0614141.1234567891"
PLANT, SHOP, STORE = (f"urn:epc:id:sgln:4012345.0000{n}.0" for n in (1, 2, 3))
PLANT_KEY, SHOP_KEY, STORE_KEY = "414/4012345000016", "414/4012345000023", "414/4012345000030"
CONTEXT = ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld", {"ex": "https://example.com/ns/"}]


def event(kind: str = "ObjectEvent", day: int = 1, site: str | None = PLANT, **more: Any) -> dict[str, Any]:
    """An event on a day of March; ``None`` leaves a field out."""
    said: dict[str, Any] = {
        "type": kind,
        "eventTime": f"2026-03-{day:02d}T08:00:00+08:00",
        "eventTimeZoneOffset": "+08:00",
        "bizLocation": {"id": site} if site else None,
        **more,
    }
    if kind != "TransformationEvent":
        said.setdefault("action", "OBSERVE")
    if kind == "ObjectEvent" and "epcList" not in said:
        said.setdefault("quantityList", [amount()])
    return {name: value for name, value in said.items() if value is not None}


def amount(lot: str = LOT, quantity: Any = 200, uom: str | None = "KGM") -> dict[str, Any]:
    """A lot and how much of it."""
    said = {"epcClass": lot, "quantity": quantity, "uom": uom}
    return {name: value for name, value in said.items() if value is not None}


def document(*events: Any, **more: Any) -> dict[str, Any]:
    """An EPCISDocument."""
    return {
        "@context": CONTEXT,
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-03-31T00:00:00Z",
        "epcisBody": {"eventList": list(events)},
        **more,
    }


def converted(*events: Any, **more: Any) -> Conversion:
    """What comes of an EPCISDocument."""
    return events_of(read(json.dumps(document(*events, **more)).encode()))


def taken(*events: Any) -> list[dict[str, Any]]:
    """The events that come of a document that is taken whole."""
    said = converted(*events)
    assert said.refused == []
    return said.events


def single(said: Any) -> dict[str, Any]:
    """The one event that comes of an event."""
    (made,) = taken(said)
    return made


def packed(
    day: int, parent: str, *children: str, action: str = "ADD", site: str = PLANT, **more: Any
) -> dict[str, Any]:
    """An aggregation of single objects."""
    return event("AggregationEvent", day, site, action=action, parentID=parent, childEPCs=list(children), **more)


def filled(day: int, parent: str, *amounts: Any, action: str = "ADD", site: str = PLANT, **more: Any) -> dict[str, Any]:
    """An aggregation of amounts of lots."""
    return event("AggregationEvent", day, site, action=action, parentID=parent, childQuantityList=list(amounts), **more)


def of_unit(day: int, unit: str, step: str, site: str = PLANT, **more: Any) -> dict[str, Any]:
    """An object event about a unit."""
    return event("ObjectEvent", day, site, epcList=[unit], bizStep=step, **more)


def companions(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those events that stand beside another."""
    return [one for one in events if "x-epcis-of" in one]
