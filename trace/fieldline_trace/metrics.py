"""The one list of metrics.

A process makes one ``Metrics`` and hands it to what counts; nothing is registered by importing this.
"""

from __future__ import annotations

from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.metrics import MetricWrapperBase

SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Buckets for durations: from a short statement to far too long."""


class Metrics:
    """Every metric of one process, on ``registry``. Names end in their unit."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry if registry is not None else CollectorRegistry()

        # Events by what capture did with them: accepted, repeated, variant, refused. The rate of intake, and who
        # sends rubbish.
        self.events = Counter(
            "fieldline_events", "Events by outcome of capture.", ["channel", "outcome"], registry=self.registry
        )
        # One micro-batch from raw bytes to commit. When it grows, so does the delay of every alert.
        self.capture_seconds = Histogram(
            "fieldline_capture_seconds",
            "Time to capture one micro-batch.",
            buckets=SECONDS,
            registry=self.registry,
        )
        # Events in a micro-batch. At its limit all the time: capture is saturated.
        self.capture_events = Histogram(
            "fieldline_capture_batch_events",
            "Events in one micro-batch.",
            buckets=(1, 10, 50, 100, 500, 1000, 2000, 5000, 20000, 65535),
            registry=self.registry,
        )
        # Micro-batches that were tried again because PostgreSQL was away. Nothing is lost by it, but all waits.
        self.capture_retries = Counter(
            "fieldline_capture_retries", "Micro-batches tried again.", registry=self.registry
        )
        # Messages in the partitions that this worker's lane reads and has not captured. Growing: events come faster
        # than they are stored.
        self.lane_behind = Gauge("fieldline_lane_behind_events", "Messages not yet captured.", registry=self.registry)
        # From the broker's stamp on the oldest event of a micro-batch to its commit: the first leg of an alert's delay.
        self.durable_seconds = Histogram(
            "fieldline_durable_delay_seconds",
            "Handing in of a micro-batch's oldest event to its commit.",
            buckets=(*SECONDS, 60.0, 600.0),
            registry=self.registry,
        )
        # The last position in the ledger that this process wrote or saw.
        self.ledger_position = Gauge(
            "fieldline_ledger_position", "Last position of the ledger.", registry=self.registry
        )
        # The position up to which a follower has applied the ledger. Its distance from the one above is the lag.
        self.follower_position = Gauge(
            "fieldline_follower_position",
            "Position that a follower has applied.",
            ["follower"],
            registry=self.registry,
        )
        # From receipt of an entry to what the judge wrote about it: the delay of an alert.
        self.judge_seconds = Histogram(
            "fieldline_judge_delay_seconds",
            "Receipt of an entry to its judgement.",
            buckets=SECONDS,
            registry=self.registry,
        )
        # Alerts raised, amended and withdrawn, by rule.
        self.alerts = Counter("fieldline_alerts", "Changes of alerts.", ["rule", "change"], registry=self.registry)
        # Tries of notices by what they came to: delivered; failed, to be tried again; dead, given up.
        self.notices = Counter("fieldline_notices", "Tries of notices.", ["outcome"], registry=self.registry)
        # From receipt of an entry to the notice that arrived: the delay until somebody knows.
        self.notice_seconds = Histogram(
            "fieldline_notice_delay_seconds",
            "Receipt of an entry to the arrival of a notice of it.",
            buckets=(*SECONDS, 60.0, 600.0, 3600.0, 86400.0),
            registry=self.registry,
        )
        # Notices that have not arrived and are not given up. Growing: a receiver is away, or slow.
        self.notices_waiting = Gauge("fieldline_notices_waiting", "Notices that wait.", registry=self.registry)
        # Notices that were given up. Somebody has to look why, and have them sent again.
        self.notices_dead = Gauge("fieldline_notices_dead", "Notices that were given up.", registry=self.registry)
        # How long the oldest entry that is not judged has waited. Growing: no judge lives, or it is too slow.
        self.judge_behind = Gauge(
            "fieldline_judge_behind_seconds", "Age of the oldest entry that is not judged.", registry=self.registry
        )
        # The judge falls over this entry, a flaw of ours, and stands before it; 0: it does not.
        self.judge_stopped = Gauge(
            "fieldline_judge_stopped_position", "Entry that the judge cannot apply; 0: none.", registry=self.registry
        )
        # How long the clock's next tick has been due. Growing: no clock lives, so no absence is found.
        self.clock_late = Gauge(
            "fieldline_clock_late_seconds", "Time since the next tick was due.", registry=self.registry
        )
        # How far this machine's clock is ahead of the database's, by which receipt is told.
        self.clock_skew = Gauge(
            "fieldline_clock_skew_seconds", "Own clock ahead of the database's.", registry=self.registry
        )
        # What was refused and waits to be mended, replayed or dismissed; counted up to 10,000.
        self.refused_open = Gauge(
            "fieldline_rejected_open_events", "Refused events that wait to be settled.", registry=self.registry
        )
        # 1 while the last entries of the ledger are chained as they should be; 0: somebody changed them.
        self.chain_whole = Gauge(
            "fieldline_chain_whole", "Whether the ledger's last entries are chained rightly.", registry=self.registry
        )
        # Time to answer one question, by kind of question.
        self.answer_seconds = Histogram(
            "fieldline_answer_seconds",
            "Time to answer one question.",
            ["question"],
            buckets=SECONDS,
            registry=self.registry,
        )
        # Requests by operation and HTTP status; 0 where the asker went away first.
        self.requests = Counter(
            "fieldline_http_requests", "Requests by HTTP.", ["operation", "status"], registry=self.registry
        )
        # From the first byte of a request to the last of its answer, by operation. The feed, which has no end, is left
        # out.
        self.request_seconds = Histogram(
            "fieldline_http_seconds",
            "Time to answer one request by HTTP.",
            ["operation"],
            buckets=SECONDS,
            registry=self.registry,
        )
        # Requests with a key that is not good: malformed, unknown, expired, revoked, or held off after too many.
        self.authentication_failures = Counter(
            "fieldline_authentication_failures", "Keys that were not good.", ["reason"], registry=self.registry
        )


UNITS = {
    "seconds": "seconds",
    "events": "events",
    "position": "position",
    "whole": "0 or 1",
    "waiting": "notices",
    "dead": "notices",
}
"""What a metric counts in, by the last word of its name: a histogram and a gauge end in their unit, a counter counts
what it is named after."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One metric: its name as Prometheus shows it, its kind, unit, labels, and what it says."""

    name: str
    kind: str
    unit: str
    labels: tuple[str, ...]
    what: str


def listed() -> list[Listed]:
    """Every metric, in the order of the code."""
    found = []
    for metric in vars(Metrics()).values():
        if isinstance(metric, MetricWrapperBase):
            family = next(iter(metric.describe()))
            name = family.name + ("_total" if family.type == "counter" else "")
            last = family.name.rpartition("_")[2]
            unit = UNITS.get(last, last.replace("_", " "))
            found.append(Listed(name, family.type, unit, tuple(metric._labelnames), family.documentation))
    return found
