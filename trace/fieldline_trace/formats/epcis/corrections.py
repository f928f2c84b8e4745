"""What takes back what was said: error declarations, and shipments that are voided.

An error declaration is an event of its own that repeats the one it speaks of, under the same id. It makes no links. A
corrected event is told from it, under an id of its own: what did not occur is withdrawn, what had incorrect data is
replaced by its corrective events, or withdrawn where none is named. Companions that this document shows to have come
of the event go the same way, those of other events too: the shipment of a pallet whose packing did not occur.

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


def lapsed(companion: Mapping[str, Any]) -> dict[str, Any]:
    """The withdrawal of a companion that followed from an event that was declared an error. It says nothing of that
    one, so that it is the same correction whichever document it comes from."""
    return {
        "id": derived_id("lapsed", companion["id"]),
        "kind": "corrected",
        "operator": companion["operator"],
        "site": companion["site"],
        "target": {"id": companion["id"]},
        "action": "withdraw",
        "reason": "It followed from an event that was declared an error",
        "x-epcis-of": companion.get("x-epcis-of", {}),
    }


class Shipments:
    """The shipments of a document, to find the one that is voided."""

    def __init__(self, events: Iterable[Told]) -> None:
        self._of: dict[frozenset[str], list[Told]] = {}
        for told in events:
            if told.step in SHIPS:
                self._of.setdefault(_subjects(told), []).append(told)

    def voided_by(self, told: Told) -> Told | None:
        """The last shipment before ``told`` of exactly the same; None where this document has none, or where a part is
        voided only."""
        found = [one for one in self._of.get(_subjects(told), ()) if one.at <= told.at]
        return max(found, key=lambda one: (one.at, one.number), default=None)


def voided(told: Told, ids: Iterable[str]) -> list[dict[str, Any]]:
    """The withdrawals that ``told`` says by voiding a shipment, of all that came of it."""
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
        "id": derived_id("correction", target["id"], told.text, written(error)),
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
