"""Master data of a document's header: products, places and parties with their names.

They say nothing of material, so they link nothing. All of them are kept, in one event of their own whose id is derived
from them: inside the events that name a place or product they would make one event, sent with and without them, two.
"""

from __future__ import annotations

from typing import Any

from fieldline_trace.formats.epcis.identifiers import operator_key, site_key
from fieldline_trace.formats.epcis.told import derived_id, plain, written
from fieldline_trace.formats.epcis.words import last_word

SITE = "master data"
_NAMES = ("name", "descriptionShort", "tradeItemDescription")


def kept_vocabularies(vocabularies: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The event that keeps ``vocabularies``, or none where there are none. Its ``x-epcis-names`` gives the name of each
    site, party and product under the key that events use."""
    elements = [element for one in vocabularies for element in one.get("vocabularyElementList", ())]
    if not elements:
        return []
    names = names_of(vocabularies)
    return [
        {
            "id": derived_id("master data", written(vocabularies)),
            "kind": "noted",
            "operator": SITE,
            "site": SITE,
            "subject": SITE,
            "x-epcis-master-data": plain(vocabularies),
            **({"x-epcis-names": names} if names else {}),
        }
    ]


def names_of(vocabularies: list[dict[str, Any]]) -> dict[str, str]:
    """Key of a site or party, or identifier of a product, to its name."""
    names: dict[str, str] = {}
    for vocabulary in vocabularies:
        sort = last_word(vocabulary["type"]).lower()
        for element in vocabulary.get("vocabularyElementList", ()):
            name = _name(element.get("attributes", ()))
            if name:
                key = element["id"]
                if "location" in sort or "readpoint" in sort or "place" in sort:
                    key = site_key(key)
                elif "party" in sort:
                    key = operator_key(key)
                names.setdefault(key, name)
    return names


def _name(attributes: Any) -> str:
    said = {last_word(one["id"]): one.get("attribute") for one in attributes}
    return next((value.strip() for name in _NAMES if isinstance(value := said.get(name), str) and value.strip()), "")
