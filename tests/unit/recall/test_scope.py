"""A scope's members: what evidence supports, what is held, what a version says and what lies between two of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from fieldline_trace.lineage.terms import DEFINITE, INFERRED, POSSIBLE, RECORDED
from fieldline_trace.recall.changes import ADDED, RECLASSIFIED, REMOVED, REVISED, ChangeSet, compose
from fieldline_trace.recall.members import CO_DESCENDANT, DESCENDANT, DTYPES, FAILED_LOT, SUSPECT, MemberTable
from fieldline_trace.recall.reach import Reach, place_of_unknown, unknown_holding
from fieldline_trace.recall.scope import Scope
from fieldline_trace.recall.versions import ScopeVersion, diff, members_at
from fieldline_trace.risk.alerts import Cause

CAME, LEFT, ACT = Cause("late_record", 1), Cause("correction", 2), Cause("act", 3)


def row(holding: int, role: int = DESCENDANT, certainty: int = DEFINITE, basis: int = RECORDED) -> tuple[int, ...]:
    return (holding, holding + 100, 5, role, certainty, basis, 1, 9, 10, 20)


def reach(*rows: tuple[int, ...]) -> Reach:
    columns = zip(*sorted(rows), strict=True) if rows else ([] for _ in DTYPES)
    table = MemberTable(*(np.array(column, kind) for column, kind in zip(columns, DTYPES.values(), strict=True)))
    return Reach(table, np.empty(0, np.int64), 0, False)


def scope(*rows: tuple[int, ...], opened: bool = False) -> Scope:
    one = Scope("scope-1", "pathogen", "Listeria", 1)
    one.update(reach(*rows), CAME, keep=False)
    if opened:
        one.open()
    return one


def states(one: Scope) -> dict[int, str]:
    members = one.members(inferred=True, co=True)
    return {m.holding: m.state + (" held" if m.held else "") for m in members}


def test_a_draft_lets_go_what_is_not_supported() -> None:
    one = scope(row(1, FAILED_LOT), row(2))
    changes = one.update(reach(row(1, FAILED_LOT)), LEFT, keep=False)
    assert states(one) == {1: "supported"}
    assert [(c.kind, c.holding, c.reason, c.cause) for c in changes.rows()] == [(REMOVED, 2, "correction", 2)]


def test_an_opened_scope_holds_the_lot_and_what_was_made_of_it_but_no_suspects() -> None:
    one = scope(row(1, FAILED_LOT), row(2), row(3, SUSPECT), row(4, CO_DESCENDANT, POSSIBLE), opened=True)
    assert states(one) == {1: "supported held", 2: "supported held", 3: "supported", 4: "supported"}


def test_an_opened_scope_keeps_what_is_supported_no_longer() -> None:
    one = scope(row(1), row(2, SUSPECT), opened=True)
    one.update(reach(), LEFT, keep=False)
    assert states(one) == {1: "unsupported held", 2: "unsupported held"}


def test_what_is_supported_less_is_weakened_until_it_is_as_strong_again() -> None:
    one = scope(row(1), opened=True)
    one.update(reach(row(1, certainty=POSSIBLE)), LEFT, keep=False)
    assert states(one) == {1: "weakened held"}
    one.update(reach(row(1)), CAME, keep=False)
    assert states(one) == {1: "supported held"}


def test_what_inference_alone_put_in_is_never_held_and_leaves_by_itself() -> None:
    one = scope(row(1), row(2, certainty=POSSIBLE, basis=INFERRED), opened=True)
    assert states(one) == {1: "supported held", 2: "supported"}
    assert one.inferred == 1
    assert [m.holding for m in one.members()] == [1]
    one.update(reach(row(1)), CAME, keep=False)
    assert states(one) == {1: "supported held"}


def test_what_is_held_stays_held_whatever_its_role_becomes() -> None:
    one = scope(row(1), row(2, SUSPECT), opened=True)
    one.update(reach(row(1, SUSPECT), row(2, SUSPECT)), CAME, keep=False)
    assert states(one) == {1: "supported held", 2: "supported"}


def test_a_suspect_that_inference_makes_a_descendant_is_not_held() -> None:
    one = scope(row(1, SUSPECT), opened=True)
    one.update(reach(row(1, DESCENDANT, POSSIBLE, INFERRED)), CAME, keep=False)
    assert states(one) == {1: "weakened"}


def test_what_was_recorded_stays_held_when_only_inference_supports_it() -> None:
    one = scope(row(1), opened=True)
    one.update(reach(row(1, certainty=POSSIBLE, basis=INFERRED)), LEFT, keep=False)
    assert states(one) == {1: "weakened held"}


def test_released_and_supported_stays_listed_released_and_unsupported_leaves() -> None:
    one = scope(row(1), row(2), opened=True)
    one.update(reach(row(1)), LEFT, keep=False)
    for batch in (101, 102):
        one.release(lambda other, batch=batch: other == batch, 5, ACT)  # type: ignore[misc]
    assert states(one) == {1: "released"}
    one.update(reach(row(1), row(2)), CAME, keep=False)
    assert states(one) == {1: "released", 2: "supported held"}


def test_a_release_elsewhere_lets_nothing_go() -> None:
    one = scope(row(1), opened=True)
    assert len(one.release(lambda _: True, 6, ACT)) == 0
    assert states(one) == {1: "supported held"}


def test_a_closed_scope_holds_nothing_and_is_watched() -> None:
    one = scope(row(1), opened=True)
    one.status = "closed"
    assert states(one) == {1: "supported"}
    changes = one.update(reach(row(1), row(2)), CAME, keep=False)
    assert changes.counts() == {ADDED: 1}


def test_a_member_moves_with_its_holding_when_keys_become_one_and_returns_when_they_are_parted() -> None:
    one = scope(row(1), row(2), opened=True)
    one.update(reach(row(2)), CAME, keep=False, counted=lambda h: (2, 102) if h == 1 else (h, h + 100))
    assert states(one) == {2: "supported held"}
    one.update(reach(row(2)), CAME, keep=False, counted=lambda h: (h, h + 100))
    assert states(one) == {1: "unsupported held", 2: "supported held"}


def test_a_place_that_lineage_does_not_know_has_a_number_of_its_own() -> None:
    assert unknown_holding(7, 3) < 0
    assert place_of_unknown(unknown_holding(7, 3)) == (7, 3)


def versions() -> list[ScopeVersion]:
    """Added 1 and 2; 2 gone, 3 added; 1 less certain, 3 with another exposure."""
    one, made = scope(), []
    third = (*row(3)[:8], 11, 20)
    for number, rows in enumerate([[row(1), row(2)], [row(1), row(3)], [row(1, certainty=POSSIBLE), third]], start=1):
        changes = one.update(reach(*rows), Cause("late_record", number), keep=False)
        made.append(ScopeVersion("scope-1", number, number, number, "draft", CAME, 2, 0, 0, 0, changes))
    return made


def test_each_version_of_a_scope_stays_readable() -> None:
    def there(number: int) -> list[tuple[int, str]]:
        rows = members_at(versions(), number).rows()
        return [(row.holding, row.after.certainty) for row in rows if row.after is not None]

    assert there(1) == [(1, "definite"), (2, "definite")]
    assert there(2) == [(1, "definite"), (3, "definite")]
    assert there(3) == [(1, "possible"), (3, "definite")]


def test_what_lies_between_two_versions_leaves_out_what_came_and_went() -> None:
    assert [(c.kind, c.holding, c.cause) for c in diff(versions(), 1, 3)] == [
        (ADDED, 3, 3),
        (REMOVED, 2, 2),
        (RECLASSIFIED, 1, 3),
    ]
    assert [(c.kind, c.holding) for c in diff(versions(), 0, 3)] == [(ADDED, 1), (ADDED, 3)]
    assert [(c.kind, c.holding) for c in diff(versions(), 2, 3, revised=True)] == [(RECLASSIFIED, 1), (REVISED, 3)]
    assert diff(versions(), 2, 2) == []


def test_changes_survive_packing() -> None:
    for version in versions():
        assert list(ChangeSet.unpack(version.changes.pack()).rows()) == list(version.changes.rows())


def test_composing_nothing_is_nothing() -> None:
    assert len(compose([])) == 0
    assert len(compose([ChangeSet.empty(), ChangeSet.empty()])) == 0


def test_of_a_holding_in_several_tables_the_first_row_stays() -> None:
    first, second = reach(row(1, FAILED_LOT)).table, reach(row(1), row(2)).table
    joined = MemberTable.joined([first, second])
    assert joined.role.tolist() == [FAILED_LOT, DESCENDANT]
    assert [joined.find(h) for h in (1, 2, 3)] == [0, 1, -1]
    assert replace(joined, role=joined.role).holding is joined.holding
