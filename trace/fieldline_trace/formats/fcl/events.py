"""Stations, deliveries and relations as events.

- A delivery is a batch of its own, ``station/product/delivery``, with its lot number as the label, and one ``shipped``
  event from the station that sent it to the one that got it.
- The relations into one delivery are one ``transformed`` event at the station in the middle. It is timeless: a
  relation is a statement that holds whatever the dates say.
- A station is a site and an operator, written ``Name (id)``: names repeat, and ids say nothing to people.

Ids of events are derived from what identifies the row (not from its dates or amounts), so a network that is imported
again after a date was mended is a conflict between two statements, which is named, and not a second delivery. An
investigator's weights and marks change from one what-if to the next; they are an event of their own (``marks``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from fieldline_schemas.faults import Fault

from fieldline_trace.formats.fcl.amounts import said_amount
from fieldline_trace.formats.fcl.dates import said_date
from fieldline_trace.formats.fcl.document import Network, row_of
from fieldline_trace.formats.fcl.marks import marked
from fieldline_trace.formats.fcl.refusals import Refusal

LOT_COLUMNS = ("Lot Number", "Lot ID")
DEPARTURE, ARRIVAL, PRODUCED = "Date Delivery", "Date Delivery Arrival", "_Chargen.Production date"
LONGEST = 128
"""Characters of one segment of a batch's key."""
FROM_COLUMNS, TO_COLUMNS = ("from", "ID"), ("to", "Next")
"""The columns of a relation: ``from`` and ``to``, in older files ``ID`` and ``Next``."""


@dataclass(slots=True)
class Conversion:
    """What came of a network: its events in the order of the file, and what was refused."""

    events: list[dict[str, Any]] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Station:
    site: str
    row: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Delivery:
    identity: str
    batch: str
    label: str
    origin: _Station
    target: _Station
    row: Mapping[str, str]


def events_of(network: Network) -> Conversion:
    """All events that ``network`` states; what cannot be taken is refused row by row and the rest goes on."""
    said = Conversion()
    stations = _stations(network, said)
    deliveries = _deliveries(network, stations, said)
    for name, delivery in deliveries.items():
        said.events.append(_shipped(name, delivery, said))
    said.events.extend(_transformed(_relations(network, deliveries, said), deliveries))
    served = {end for delivery in deliveries.values() for end in (delivery.row["from"], delivery.row["to"])}
    marks, refused = marked(
        network.tracing,
        stations={name: station.site for name, station in stations.items()},
        batches={name: delivery.batch for name, delivery in deliveries.items()},
        unserved={name: station.site for name, station in stations.items() if name not in served},
    )
    said.events.extend(marks)
    said.refused.extend(refused)
    return said


def _stations(network: Network, said: Conversion) -> dict[str, _Station]:
    stations: dict[str, _Station] = {}
    for number, cells in enumerate(network.data.stations.data, 1):
        row = row_of(cells)
        where = f"station {number}"
        name = row.get("ID", "")
        if not name:
            said.refused.append(Refusal(where, Fault.by("fcl_station_id", "ID")))
        elif name in stations:
            said.refused.append(Refusal(where, Fault.by("fcl_station_twice", "ID", name)))
        else:
            label = row.get("Name", "")
            stations[name] = _Station(f"{label[: 120 - len(name)].rstrip()} ({name})" if label else name, row)
    return stations


def _deliveries(network: Network, stations: dict[str, _Station], said: Conversion) -> dict[str, _Delivery]:
    deliveries: dict[str, _Delivery] = {}
    for number, cells in enumerate(network.data.deliveries.data, 1):
        row = row_of(cells)
        where = f"delivery {number}"
        name = row.get("ID", "")
        fault = _delivery_fault(name, row, stations, deliveries)
        if fault is not None:
            said.refused.append(Refusal(where, fault))
            continue
        origin, target = stations[row["from"]], stations[row["to"]]
        product = row.get("Name", "") or "product not named"
        deliveries[name] = _Delivery(
            identity="\n".join((name, row["from"], row["to"], product)),
            batch="/".join(_segment(part) for part in (origin.site, product, f"id {name}" if name[0] == "~" else name)),
            label=next((row[column] for column in LOT_COLUMNS if column in row), ""),
            origin=origin,
            target=target,
            row=row,
        )
    return deliveries


def _delivery_fault(
    name: str, row: Mapping[str, str], stations: dict[str, _Station], before: dict[str, _Delivery]
) -> Fault | None:
    if not name:
        return Fault.by("fcl_delivery_id", "ID")
    if len(name) > LONGEST:
        return Fault.by("fcl_id_length", "ID", name[:100], most=LONGEST)
    if name in before:
        return Fault.by("fcl_delivery_twice", "ID", name)
    for end in ("from", "to"):
        if end not in row:
            return Fault.by("fcl_delivery_ends", end)
        if row[end] not in stations:
            return Fault.by("fcl_no_station", end, row[end])
    return None


def _relations(network: Network, deliveries: dict[str, _Delivery], said: Conversion) -> dict[str, list[str]]:
    """Target delivery to the deliveries that went into it, in the order of the file."""
    into: dict[str, list[str]] = {}
    for number, cells in enumerate(network.data.relations.data, 1):
        row = row_of(cells)
        where = f"relation {number}"
        ends = []
        for columns in (FROM_COLUMNS, TO_COLUMNS):
            column = next((column for column in columns if column in row), columns[0])
            name = row.get(column, "")
            if not name:
                said.refused.append(Refusal(where, Fault.by("fcl_relation_ends", column)))
            elif name not in deliveries:
                said.refused.append(Refusal(where, Fault.by("fcl_no_delivery", column, name)))
            else:
                ends.append(name)
                continue
            break
        if len(ends) < 2:
            continue
        source, target = ends
        both = f"{source}, {target}"
        arrived_at, left = deliveries[source].target.site, deliveries[target].origin.site
        if arrived_at != left:
            apart = {"source": source, "arrived_at": arrived_at, "target": target, "left": left}
            said.refused.append(Refusal(where, Fault.by("fcl_apart", "from, to", both, **apart)))
        elif source in into.get(target, ()):
            said.refused.append(Refusal(where, Fault.by("fcl_relation_twice", "from, to", both)))
        elif source == target:
            said.refused.append(Refusal(where, Fault.by("fcl_of_itself", "from, to", both)))
        else:
            into.setdefault(target, []).append(source)
    return into


def _shipped(name: str, delivery: _Delivery, said: Conversion) -> dict[str, Any]:
    row = delivery.row
    batch: dict[str, Any] = {"batch": delivery.batch}
    if delivery.label:
        batch["label"] = delivery.label
    amount = said_amount(row.get("Amount", ""), row.get("Amount Unit", ""))
    amount = amount or said_amount(row.get("Amount [kg]", ""), "kg")
    if amount:
        batch["quantity"], batch["unit"] = amount
    return {
        "id": f"urn:fieldline:fcl:delivery:{_hash(delivery.identity)}",
        "kind": "shipped",
        "operator": delivery.origin.site,
        "site": delivery.origin.site,
        "at": _date(name, DEPARTURE, row, said),
        "batches": [batch],
        "to_site": delivery.target.site,
        "to_operator": delivery.target.site,
        "arrived": _date(name, ARRIVAL, row, said),
        "x-fcl": {
            "delivery": dict(row),
            "from": dict(delivery.origin.row),
            "to": dict(delivery.target.row),
        },
    }


def _transformed(into: dict[str, list[str]], deliveries: dict[str, _Delivery]) -> Iterator[dict[str, Any]]:
    for target, sources in into.items():
        made = deliveries[target]
        yield {
            "id": f"urn:fieldline:fcl:relations:{_hash(made.identity)}",
            "kind": "transformed",
            "operator": made.origin.site,
            "site": made.origin.site,
            "at": said_date(made.row.get(PRODUCED, "")),
            "timeless": True,
            "in_batches": [deliveries[source].batch for source in sources],
            "out_batches": [made.batch],
        }


def _date(name: str, column: str, row: Mapping[str, str], said: Conversion) -> Any:
    text = row.get(column)
    if text is None:
        return None
    found = said_date(text)
    if found is None:
        said.refused.append(Refusal(f"delivery {name}", Fault.by("fcl_date", column, text), kept=True))
    return found


def _segment(text: str) -> str:
    """One segment of a batch's key: ``/`` and ``%`` are percent-encoded."""
    return text[:LONGEST].rstrip().replace("%", "%25").replace("/", "%2F")


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
