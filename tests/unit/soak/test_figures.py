"""Memory or lag that grows without bound is not met, and fails the run; what stays as it is, is met."""

from __future__ import annotations

from fieldline_streams.soak import DELAYS, Look, figures_of

RATE = 1000.0
MB = 1_000_000


def looks(*, lane: float = 0.0, judge: float = 0.0, behind: float = 0.0, unjudged: float = 0.0) -> list[Look]:
    """Looks at half an hour in which something grows by so much a second: bytes, events, seconds."""
    return [
        Look(
            at,
            {"lane-1": int(200 * MB + lane * at), "lane-2": 200 * MB, "judge-1": int(300 * MB + judge * at)},
            behind * at,
            unjudged * at,
            {name: {0.1: 10 * at, float("inf"): 10 * at} for name in DELAYS},
        )
        for at in range(0, 1800, 10)
    ]


def missed(seen: list[Look], rest: float = 0.0, revived: int = 0) -> list[str]:
    return [one.name for one in figures_of(seen, 2 * RATE, RATE, 1, rest, revived) if one.met is False]


def test_workers_that_hold_and_lag_as_much_as_at_the_start_are_well() -> None:
    assert missed(looks()) == []
    assert missed(looks(judge=500 * RATE)) == [], "a judge knows of each event"


def test_a_lane_that_holds_ever_more_is_said() -> None:
    assert missed(looks(lane=MB / 10)) == ["a lane's memory, end to start"]


def test_a_judge_that_holds_more_of_an_event_than_it_knows_is_said() -> None:
    assert missed(looks(judge=2000 * RATE)) == ["the judge's memory, for each event of the trade"]


def test_what_waits_ever_longer_is_said() -> None:
    assert missed(looks(behind=RATE / 10)) == ["most that waited to be captured"]
    assert missed(looks(unjudged=0.1)) == ["oldest that waited to be judged"]
    assert missed(looks(), rest=60.0) == ["after the last handed in until all was judged"]


def test_a_worker_that_ended_by_itself_is_said() -> None:
    assert missed(looks(), revived=1) == ["workers that ended by themselves"]
