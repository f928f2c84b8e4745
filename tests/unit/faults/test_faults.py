"""What faults hand in, and what counts as whole after them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from fieldline_streams.faults.ground import poison
from fieldline_streams.faults.hold import WRONG, Broken, Held, differing
from fieldline_streams.faults.scenes import FAULTS, MOST, a_day_ahead, twice_and_reversed, with_poison
from fieldline_streams.scenario.story import id_of
from fieldline_streams.show.chain import events
from fieldline_streams.show.state import State

TRADE = list(events(90, date(2026, 7, 1)))
WHOLE = Held(
    fault="worker killed ten times", events=90, messages=90, lost=0, doubled=0, links_differ=0, alerts_differ=0,
    scopes_differ=0, traces_differ=0, judge_differs=0, chain_broken=0, notices_lost=0, answers_differ=0,
    answers_behind=0, refused=0, rejected=10, seconds=3.5, memory_mb=300, memory_bound_mb=400, revived=2, links=80,
    alerts=3, scopes=1,
)  # fmt: skip


def test_what_took_time_memory_and_restarts_and_refused_poison_is_whole() -> None:
    assert WHOLE.whole


@pytest.mark.parametrize("wrong", WRONG)
def test_one_thing_wrong_is_not_whole(wrong: str) -> None:
    changed: dict[str, Any] = {wrong: 1}
    assert not replace(WHOLE, **changed).whole


def test_more_memory_than_is_to_be_expected_is_not_whole() -> None:
    assert not replace(WHOLE, memory_mb=401).whole


def test_what_was_broken_off_is_not_whole() -> None:
    assert not Broken("worker killed ten times", 90, "TimeoutError()").whole


def test_parts_differ_where_one_run_has_another_or_none() -> None:
    def state(**parts: str) -> State:
        return State(set(), 0, True, parts, 0, 0, 0)

    assert differing(state(a="1", b="2"), state(a="1", b="2")) == []
    assert sorted(differing(state(a="1", b="2", c="3"), state(a="1", b="9", d="4"))) == ["b", "c", "d"]


def test_every_event_comes_twice_first_from_the_last_to_the_first() -> None:
    messages = twice_and_reversed(TRADE)
    assert messages[: len(TRADE)] == TRADE[::-1]
    assert messages[len(TRADE) :] == TRADE


def test_one_message_in_ten_is_none_and_no_event_is_missing() -> None:
    messages = with_poison(TRADE)
    assert len(messages) == 100
    assert sorted(one for one in messages if one in TRADE) == sorted(TRADE)
    assert len(set(poison(60))) == 60


def test_a_clock_that_is_ahead_changes_no_id() -> None:
    ahead = a_day_ahead(TRADE)
    assert [id_of(one) for one in ahead] == [id_of(one) for one in TRADE]
    later = [json.loads(one)["at"][:10] > json.loads(was)["at"][:10] for one, was in zip(ahead, TRADE, strict=True)]
    assert later == [number % 10 == 0 for number in range(len(TRADE))]


def test_what_is_played_with_fewer_events_says_why() -> None:
    assert {name for name, fault in FAULTS.items() if fault.most < MOST} == {
        name for name, fault in FAULTS.items() if fault.why
    }


def test_every_part_of_the_streams_is_there_when_a_fault_strikes() -> None:
    for name, fault in FAULTS.items():
        parts = {part for _, worker in fault.workers for part in worker.split(",")}
        assert parts >= {"lane", "judge", "clock"}, name
