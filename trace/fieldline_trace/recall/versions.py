"""Versions of scopes as they are kept: numbered, with position, cause and changes; and what lies between two of
them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fieldline_trace.recall.changes import ADDED, RECLASSIFIED, REMOVED, Change, ChangeSet, compose
from fieldline_trace.recall.scope import Status
from fieldline_trace.risk.alerts import Cause


@dataclass(frozen=True, slots=True)
class ScopeVersion:
    """One numbered version of a scope."""

    scope: str
    number: int
    position: int
    at: int
    """Receipt of the entry that made it, microseconds."""
    status: Status
    cause: Cause
    """What made this version, before all else."""
    members: int
    """Members after it, all of them."""
    held: int
    inferred: int
    co_descendants: int
    changes: ChangeSet


def members_at(versions: Iterable[ScopeVersion], number: int) -> ChangeSet:
    """The members of version ``number`` as additions to nothing: the rows that stood then, each with its last cause.

    Args:
        versions: all versions of one scope up to ``number`` at least, in order.
    """
    return compose([ChangeSet.empty(), *(version.changes for version in versions if version.number <= number)])


def between(versions: Iterable[ScopeVersion], a: int, b: int) -> ChangeSet:
    """What changed from version ``a`` to version ``b``; forward whatever their order."""
    a, b = sorted((a, b))
    return compose([version.changes for version in versions if a < version.number <= b])


def diff(versions: Sequence[ScopeVersion], a: int, b: int, *, revised: bool = False) -> list[Change]:
    """The changes between two versions for people: added, removed, reclassified; ``revised``: also of exposure and
    hops alone."""
    changes = between(versions, a, b)
    order = {ADDED: 0, REMOVED: 1, RECLASSIFIED: 2}
    rows = [row for row in changes.rows() if revised or row.kind in order]
    return sorted(rows, key=lambda row: (order.get(row.kind, 3), row.batch, row.site))
