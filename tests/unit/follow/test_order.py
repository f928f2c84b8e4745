"""The promises: any permutation, repetition and split of the same events ends in the same answers; rebuilds change
nothing."""

from __future__ import annotations

from random import Random

from fieldline_trace.follow import stored
from fieldline_trace.follow.fetch import follow_memory
from hypothesis import given
from hypothesis import strategies as st

from .worlds import Saying, Told, worlds


def told(sayings: list[Saying]) -> Told:
    one = Told()
    one.tell(*sayings)
    one.end()
    return one


@given(worlds(), st.randoms(use_true_random=False), st.lists(st.integers(1, 5), max_size=8))
def test_any_order_repetition_and_split_ends_in_the_same_answers(
    sayings: list[Saying], random: Random, sizes: list[int]
) -> None:
    again = sayings + random.sample(sayings, len(sayings) // 2)
    random.shuffle(again)
    other = Told()
    other.tell_at_once(again, sizes)
    other.end()
    links, alerts, supported = told(sayings).known()
    assert other.links() == links
    assert other.alerts() == alerts
    assert other.supported() == supported


@given(worlds())
def test_a_rebuild_changes_nothing(sayings: list[Saying]) -> None:
    first = told(sayings)
    second = Told()
    second.ledger = first.ledger
    second.__dict__["_view"] = type(first._view)(first.ledger)
    second.tell()
    assert [[stored.alert_row(one) for one in outcome.alerts] for outcome in second.outcomes] == [
        [stored.alert_row(one) for one in outcome.alerts] for outcome in first.outcomes
    ]
    assert [[stored.scope_row(one) for one in outcome.scopes] for outcome in second.outcomes] == [
        [stored.scope_row(one) for one in outcome.scopes] for outcome in first.outcomes
    ]


@given(worlds(), worlds())
def test_nothing_that_comes_later_changes_what_was_known_at_a_position(
    sayings: list[Saying], later: list[Saying]
) -> None:
    one = Told()
    one.tell(*sayings)
    then, position = one.known(), one.world.position
    one.tell(*later)
    one.world = follow_memory(one.ledger, until=position)
    assert one.known() == then


@given(worlds(6), worlds(8), st.integers(0, 3))
def test_an_opened_scope_loses_a_held_member_only_by_release(
    sayings: list[Saying], later: list[Saying], released: int
) -> None:
    one = told(sayings)
    one.tell(
        *[
            ("emergency", {"kind": "scope_opened", "id": f"o-{scope}", "scope": scope, "reason": "x"})
            for scope in one.world.scopes
        ]
    )
    ever = {scope: _held(one, scope) for scope in one.world.scopes}
    for turn, saying in enumerate(later):
        one.tell(saying)
        for scope, held in ever.items():
            held |= _held(one, scope)
            if one.world.scopes[scope].status == "open":
                assert _counted(one, held) == _counted(one, _held(one, scope))
            for batch, site in sorted(held)[:1] if turn == released else ():
                one.tell(("emergency", _release(one, scope, batch, site)))
                gone = _counted(one, {(batch, site)})
                assert not gone & _counted(one, _held(one, scope))
                held -= {place for place in held if _counted(one, {place}) == gone}


def _held(one: Told, scope: str) -> set[tuple[int, int]]:
    """Batch and site of what is held; the batch as it counts now."""
    return {(m.batch, m.site) for m in one.world.scopes[scope].members(inferred=True, co=True) if m.held}


def _counted(one: Told, places: set[tuple[int, int]]) -> set[tuple[int, int]]:
    """The same as each batch counts now: keys may have become one batch, or been parted, meanwhile."""
    return {(one.world.index.canonical(batch), site) for batch, site in places}


def _release(one: Told, scope: str, batch: int, site: int) -> dict[str, str]:
    return {
        "kind": "member_released",
        "id": f"r-{scope}-{batch}-{site}",
        "scope": scope,
        "batch": one.names.batch_key(batch),
        "site": one.names.site_key(site),
        "reason": "x",
    }
