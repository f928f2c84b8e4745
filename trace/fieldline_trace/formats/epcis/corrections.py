"""What takes back what was said: error declarations, and shipments that are voided.

An error declaration is an event of its own that repeats the one it speaks of, under the same id. It makes no links. A
corrected event is told from it, under an id of its own: what did not occur is withdrawn, what had incorrect data is
replaced by its corrective events, or withdrawn where none is named. Companions of the event that this document shows
go the same way.

Across documents an error declaration reaches the event itself, and those of its companions that this document leads to
as well; others stand, since nothing here says that they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fieldline_schemas.canonical import digest_of
from fieldline_schemas.text import LONGEST_ID

from fieldline_trace.formats.epcis.statements import event_itself
from fieldline_trace.formats.epcis.told import SHIPS, Told, derived_id, plain, written
from fieldline_trace.formats.epcis.what import subjects
from fieldline_trace.formats.epcis.words import standard


def declared(told: Told, others: Sequence[str], *, is_one_of_several: bool) -> list[dict[str, Any]]:
    """The corrections that an error declaration says: of the event, and of ``others``, its companions' ids.

    ``is_one_of_several``: the id stands on several contents, so the one that is meant is named by its digest.
    """
    error = told.said["errorDeclaration"]
    reason = standard(error.get("reason"))
    instead = [_corrective(name) for name in error.get("correctiveEventIDs", ())]
    target: dict[str, Any] = {"id": told.id}
    if is_one_of_several:
        target["digest"] = digest_of(event_itself(told)).hex()
    return [
        _corrected(told, one, instead, f"Declared an error: {reason or 'no reason said'}", plain(error))
        for one in (target, *({"id": other} for other in others))
    ]


def voided(told: Told, events: Iterable[Told], companions: Mapping[int, Sequence[str]]) -> list[dict[str, Any]] | None:
    """The withdrawal of the shipment that ``told`` voids: the last one before it of exactly the same; None where this
    document has none, or where it voids a part only."""
    mine = _subjects(told)
    found = [one for one in events if one.step in SHIPS and one.at <= told.at and _subjects(one) == mine]
    if not found:
        return None
    shipment = max(found, key=lambda one: (one.at, one.number))
    ids = (shipment.id, *companions.get(shipment.number, ()))
    return [_corrected(told, {"id": one}, [], "The shipment was voided", None) for one in ids]


def _subjects(told: Told) -> frozenset[str]:
    parent = told.known.get("parentID")
    return frozenset([one.named.identity for one in subjects(told.known)] + ([parent] if parent else []))


def _corrective(name: str) -> str:
    """The id that an event of this name has here."""
    return name if len(name) <= LONGEST_ID else derived_id("named", name)


def _corrected(told: Told, target: dict[str, Any], instead: list[str], reason: str, error: Any) -> dict[str, Any]:
    time = told.said["errorDeclaration"]["declarationTime"] if error is not None else told.said["eventTime"]
    return {
        "id": derived_id("correction", target["id"], written(told.content), written(error)),
        "kind": "corrected",
        "operator": told.operator,
        "site": told.site,
        "at": time,
        "target": target,
        "action": "replace" if instead else "withdraw",
        **({"replacements": instead} if instead else {}),
        "reason": reason,
        **({} if error is None else {"x-epcis-error": error}),
        **told.extension(),
    }
