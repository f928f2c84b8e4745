"""What an event is about: batches and items with their amounts, and the units that hold others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, localcontext
from typing import Any, Final, NamedTuple

from fieldline_schemas.batch_key import is_item, is_pool, lot_of, lot_of_item, product_of
from fieldline_schemas.batch_parts import Parts, spelled
from fieldline_schemas.faults import Fault
from fieldline_schemas.quantities import quantity, unit_code
from fieldline_schemas.text import key_text
from fieldline_schemas.times import interval_of

from fieldline_trace.formats.epcis.identifiers import Named, goods_named, unit_named
from fieldline_trace.formats.epcis.words import last_word

Refs = list[dict[str, Any]]

PIECE = "H87"
_LOT_NAMES = frozenset(("lotNumber", "batchLotNumber", "hasBatchLotNumber"))
_LIVES: Final = {
    "produced": ("productionDate",),
    "expires": ("itemExpirationDate", "expirationDate", "useByDate", "bestBeforeDate"),
}
"""Names of master data of a lot that say when it was produced, and until when it may be eaten; the first counts."""
_LISTS = {
    "ObjectEvent": ("epcList", "quantityList"),
    "TransactionEvent": ("epcList", "quantityList"),
    "AggregationEvent": ("childEPCs", "childQuantityList"),
    "AssociationEvent": ("childEPCs", "childQuantityList"),
}


class Amount(NamedTuple):
    """Something named, and how much of it as far as that is said: unit None means pieces. One EPC is one piece."""

    named: Named
    quantity: Decimal | int | None
    unit: str | None
    single: bool = False


def subjects(event: Mapping[str, Any]) -> list[Amount]:
    """What an event other than a transformation is about; its parent is not among them."""
    epcs, quantities = _LISTS.get(str(event.get("type")), ("", ""))
    return _amounts(event, epcs, quantities, event.get("ilmd"))


def inputs(event: Mapping[str, Any]) -> list[Amount]:
    """What a transformation used."""
    return _amounts(event, "inputEPCList", "inputQuantityList", None)


def outputs(event: Mapping[str, Any]) -> list[Amount]:
    """What a transformation made; its ILMD speak of that."""
    return _amounts(event, "outputEPCList", "outputQuantityList", event.get("ilmd"))


def parent_of(event: Mapping[str, Any]) -> Named | None:
    """The unit that holds the others."""
    return unit_named(event["parentID"]) if event.get("parentID") else None


def refs_of(amounts: Iterable[Amount], sorts: Iterable[str] = ("batch", "item", "unit")) -> Refs:
    """What ``amounts`` name as an event names it, each once, in order.

    A quantity is kept where every mention of a batch says one in the same unit that is known here: they are added up.
    Anything else stays in the extension only.
    """
    found: dict[str, list[Amount]] = {}
    for amount in amounts:
        if amount.named.sort in sorts:
            found.setdefault(amount.named.key, []).append(amount)
    return [_ref(key, said) for key, said in found.items()]


def _ref(key: str, said: list[Amount]) -> dict[str, Any]:
    ref: dict[str, Any] = {"batch": key}
    if said[0].named.sort == "unit":
        return ref
    units = {PIECE if amount.unit is None else amount.unit for amount in said}
    values = [amount.quantity for amount in said if amount.quantity is not None]
    if len(units) == 1 and len(values) == len(said):
        try:
            ref["quantity"], ref["unit"] = quantity(str(_total(values))), unit_code(units.pop())
        except Fault:
            ref = {"batch": key}
    if label := next((amount.named.label for amount in said if amount.named.label), ""):
        ref["label"] = label
    return ref


def _total(values: Sequence[Decimal | int]) -> Decimal | int:
    with localcontext() as exactly:
        exactly.prec = 60
        return values[0] if len(values) == 1 else sum(map(Decimal, values), Decimal(0))


def _amounts(event: Mapping[str, Any], epcs: str, quantities: str, ilmd: Any) -> list[Amount]:
    born = (event.get("action") == "ADD" and ilmd is not None) or event.get("bizStep") == "commissioning"
    lots = {element["epcClass"] for element in event.get(quantities, ())} if born else ()
    lot = lot_of_ilmd(ilmd) if ilmd else None
    found = [Amount(_in_lot(goods_named(epc), lot, lots), 1, None, True) for epc in event.get(epcs, ())]
    for element in event.get(quantities, ()):
        named = goods_named(element["epcClass"])
        if named.sort == "item":  # a class does not have a serial number; who writes one means the item
            named = _in_lot(named, lot, ())
        found.append(Amount(named, _plausible(element.get("quantity")), element.get("uom")))
    return found


def _plausible(said: Decimal | int | None) -> Decimal | int | None:
    """A quantity that one can reckon with exactly; anything else stays in the extension only."""
    return said if said is None or (0 < said < 10**18 and Decimal(said).adjusted() > -18) else None


def _in_lot(named: Named, lot: str | None, classes: Iterable[str]) -> Named:
    """An item in the lot that its event's ILMD name, or in the one lot of its product that the event names beside it.
    One of another community's scheme has no key of its own within a lot: it stands for the lot."""
    if named.sort != "item" or lot_of_item(named.key) is not None:
        return named
    product = product_of(named.key)
    beside = {other.key for other in map(goods_named, classes) if product_of(other.key) == product}
    lots = {key for key in beside if not is_pool(key)}
    if not is_item(named.key):
        return named._replace(key=lots.pop(), label="") if len(lots) == 1 else named
    if lot is None and len(lots) == 1:
        lot = lot_of(lots.pop())
    try:
        lot = None if lot is None else key_text(lot, "a lot")
    except Fault:
        return named
    if not lot or lot.startswith("~"):
        return named
    return named._replace(key=spelled(Parts(named.key[3:17], "", "", lot, lot_of(named.key))))


def lives_of(event: Mapping[str, Any]) -> dict[str, str]:
    """``produced`` and ``expires`` of what an event makes, as far as its ILMD say."""
    ilmd = event.get("ilmd") or {}
    said = {last_word(name): _text_of(value) for name, value in ilmd.items()}
    found: dict[str, str] = {}
    for field, names in _LIVES.items():
        text = next((said[name] for name in names if said.get(name)), "")
        try:
            if text:
                interval_of(text, None)
                found[field] = text
        except Fault:
            continue  # it stays in the extension
    return found


def lot_of_ilmd(ilmd: Mapping[str, Any]) -> str | None:
    """The lot number among a lot's master data, by any name that is in use for it; None where there is none or more
    than one."""
    found = {text for name, value in ilmd.items() if last_word(name) in _LOT_NAMES and (text := _text_of(value))}
    return found.pop() if len(found) == 1 else None


def _text_of(value: Any) -> str:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, dict):
        value = value.get("@value")
    return value.strip() if isinstance(value, str) else ""
