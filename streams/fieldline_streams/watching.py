"""How the whole stands, as metrics: what is looked at now and then by every process that can be asked."""

from __future__ import annotations

from typing import Final

from fieldline_trace.metrics import Metrics
from fieldline_trace.store.condition import Condition

LOOK_SECONDS: Final = 5.0
"""How often a worker looks where nobody asks."""


def tell(metrics: Metrics, found: Condition) -> None:
    """Note one look."""
    metrics.ledger_position.set(found.position)
    for follower, position in (("judge", found.judged), ("notices", found.noticed), ("topics", found.published)):
        metrics.follower_position.labels(follower).set(position)
    metrics.judge_behind.set(found.judge_seconds)
    metrics.judge_stopped.set(found.stopped_at)
    metrics.clock_late.set(found.tick_seconds)
    metrics.clock_skew.set(found.skew_seconds)
    metrics.refused_open.set(found.refused_open)
    metrics.notices_waiting.set(found.notices_waiting)
    metrics.notices_dead.set(found.notices_dead)
    metrics.chain_whole.set(found.tail_whole)
