"""What a trace says at one state of knowledge that it did not say at another. Pure.

A change is ``{"change", "batch", "site", "before", "after", "event"}``: ``added``, ``removed`` or ``reclassified``;
``before`` and ``after`` are ``certainty, basis`` or None, ``event`` what brings the holding in, or brought it in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What lies between two answers of ``trace``."""
    old, new = ({(one["batch"], one["site"]): one for one in said["members"]} for said in (before, after))
    found = []
    for place in sorted(old.keys() | new.keys(), key=lambda place: (place[0], place[1] or "")):
        was, now = old.get(place), new.get(place)
        said = [None if one is None else f"{one['certainty']}, {one['basis']}" for one in (was, now)]
        if said[0] == said[1]:
            continue
        one = now or was
        assert one is not None
        found.append(
            {
                "change": "added" if was is None else "removed" if now is None else "reclassified",
                "batch": place[0],
                "site": place[1],
                "before": said[0],
                "after": said[1],
                "event": one["event"],
            }
        )
    return found
