"""Members of a trace or a scope as JSON, and the same grouped by lot number and by site."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fieldline_schemas.batch_key import lot_of, product_of

from fieldline_trace.lineage.terms import BASES as BASIS
from fieldline_trace.lineage.terms import CERTAINTIES as CERTAINTY

ASKED = ("asked", "failed_lot", "failed_holding")
"""Roles of what a trace was asked for, and of what a scope is about."""
__all__ = ["ASKED", "BASIS", "CERTAINTY", "by_lot", "by_site"]


def by_lot(members: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Members grouped by lot number.

    ``{"lot", "labelled", "batches", "products", "sites", "certainty", "asked", "hops"}``, nearest first. ``lot`` is
    the number as printed; where none was, each batch is a group of its own under the lot of its key, and ``labelled``
    is false. ``certainty`` is the strongest.
    """
    groups: dict[tuple[bool, str], dict[str, Any]] = {}
    for member in members:
        labels = member["labels"]
        for labelled, name in [(True, label) for label in labels] or [(False, member["batch"])]:
            group = groups.setdefault(
                (labelled, name),
                {
                    "lot": name if labelled else lot_of(name),
                    "labelled": labelled,
                    "batches": [],
                    "products": [],
                    "sites": [],
                    "certainty": "possible",
                    "asked": False,
                    "hops": member["hops"],
                },
            )
            for field, value in (
                ("batches", member["batch"]),
                ("products", product_of(member["batch"])),
                ("sites", member["site"]),
            ):
                if value is not None and value not in group[field]:
                    group[field].append(value)
            group["hops"] = min(group["hops"], member["hops"])
            if member["certainty"] == "definite":
                group["certainty"] = "definite"
            group["asked"] = group["asked"] or member["role"] in ASKED
    return sorted(groups.values(), key=lambda group: (group["hops"], group["lot"], group["batches"]))


def by_site(members: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """``{"site", "operator", "batches", "certainty"}`` of each site that holds a member; ``certainty`` is the
    strongest."""
    groups: dict[tuple[str | None, str | None], dict[str, Any]] = {}
    for member in members:
        group = groups.setdefault(
            (member["site"], member["operator"]),
            {"site": member["site"], "operator": member["operator"], "batches": [], "certainty": "possible"},
        )
        if member["batch"] not in group["batches"]:
            group["batches"].append(member["batch"])
        if member["certainty"] == "definite":
            group["certainty"] = "definite"
    return sorted(groups.values(), key=lambda group: (str(group["site"] or ""), group["operator"] or ""))
