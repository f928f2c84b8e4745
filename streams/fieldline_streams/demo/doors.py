"""The same chain by other doors: a farmer's spreadsheet, a factory's EPCIS document, a laboratory's call by HTTP.

All of it is invented, as the chain is.
"""

from __future__ import annotations

import json
from typing import Any

from fieldline_streams.demo.greens import DRESSING, KITCHEN_GRID, PLOTS, SCHOOLS, Days, to_canteen
from fieldline_streams.demo.told import Event

FACTORY, DEPOT = "urn:epc:id:sgln:4012345.00001.0", "urn:epc:id:sgln:4012345.00002.0"
DEPOT_SITE = "414/4012345000023"
PALLET = "00/140123452345678902"
OIL = "01/04012345111118/10/OIL-7"
DISTRICT = KITCHEN_GRID
"""The administrative code of market, kitchen and schools."""
_DRESSING = {"epcClass": "urn:epc:class:lgtin:4012345.012345.D-12", "quantity": 20, "uom": "KGM"}
_OIL = {"epcClass": "urn:epc:class:lgtin:4012345.011111.OIL-7", "quantity": 60, "uom": "KGM"}
_PALLET = "urn:epc:id:sscc:4012345.1234567890"
OFFICER = {"sender": "district-office", "role": "regulator", "grid": DISTRICT}
"""Whose key sees what lies in one district alone."""
LABORATORY = {"sender": "county-lab", "role": "laboratory"}


def harvests(days: Days) -> str:
    """A sheet as three farmers fill it in: one row a harvest, headers in two languages."""
    batch = "Out batch: batch 产出批次,Out batch: quantity 产出批次数量,Out batch: unit 产出批次计量单位"
    rows = [f"harvested: No. 序号,At 时间,Site* 场所,Operator* 生产经营者,{batch},Zone 时区,x-illustrative"]
    for plot in PLOTS:
        farmer = plot.split("/")[0]
        rows.append(f",{days.ago(6)},{farmer} field,{farmer},{plot},200,公斤,Asia/Shanghai,everything")
    return "\r\n".join(rows) + "\r\n"


def dressing(days: Days) -> str:
    """An EPCIS 2.0 document: dressing is made, packed onto a pallet, and the pallet is shipped and unpacked."""

    def said(kind: str, day: int, hour: int, site: str, **more: Any) -> Event:
        time = f"{days.ago(day)}T{hour:02}:00:00+08:00"
        return {
            "type": kind, "eventTime": time, "eventTimeZoneOffset": "+08:00", "bizLocation": {"id": site}, **more,
            "fieldline:illustrative": "everything",
        }  # fmt: skip

    events = [
        said("TransformationEvent", 6, 8, FACTORY, inputQuantityList=[_OIL], outputQuantityList=[_DRESSING]),
        said("AggregationEvent", 6, 10, FACTORY, action="ADD", bizStep="packing", parentID=_PALLET,
             childQuantityList=[_DRESSING]),
        said("ObjectEvent", 5, 9, FACTORY, action="OBSERVE", bizStep="shipping", epcList=[_PALLET],
             sourceList=[{"type": "location", "source": FACTORY}],
             destinationList=[{"type": "location", "destination": DEPOT}]),
        said("ObjectEvent", 4, 9, DEPOT, action="OBSERVE", bizStep="receiving", epcList=[_PALLET]),
        said("AggregationEvent", 4, 11, DEPOT, action="DELETE", bizStep="unpacking", parentID=_PALLET,
             childQuantityList=[_DRESSING]),
    ]  # fmt: skip
    document = {
        "@context": [
            "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
            {"fieldline": "urn:fieldline:demo:"},
        ],
        "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": f"{days.ago(3)}T00:00:00Z",
        "epcisBody": {"eventList": events},
    }  # fmt: skip
    return json.dumps(document, ensure_ascii=False, indent=1)


def deliveries(days: Days) -> list[Event]:
    """Dressing from the depot to two schools."""
    return [to_canteen(days, number, DRESSING, DEPOT_SITE, "depot", 10) for number in range(1, len(SCHOOLS))]
