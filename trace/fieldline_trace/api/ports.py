"""What the door opens to. A runtime binds these; the door knows no Kafka, no capture lane and no judge.

- ``Intake``: events and acts in, receipts out.
- ``Answers``: questions, each answered for a position and for a caller.
- ``Feed``: what followers wrote, from a position on.
- ``Clock``: what time it is.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from fieldline_trace.api.caller import Caller
from fieldline_trace.api.sent import Sent
from fieldline_trace.capture import Door, Receipt
from fieldline_trace.follow.told import FeedItem
from fieldline_trace.metrics import Metrics
from fieldline_trace.settings import Settings
from fieldline_trace.store import Pool


class Intake(Protocol):
    """Where events are handed in."""

    async def take(self, raws: Sequence[bytes], door: Door, *, history: bool = False) -> Sequence[Receipt | Sent]:
        """A receipt for each of ``raws``, in their order, once what was taken is safe: captured, or on a stream.
        ``Unavailable``: hand it in again; nothing is lost and nothing doubled."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, the ledger position that it is true for, and when that was received (microseconds since 1970 UTC; 0
    before the first entry). ``whose``: the senders and operators whose data it shows. ``stopped_before``: the entry
    that the judge cannot apply, so that the answer knows of nothing from there on; 0: it knows all."""

    said: dict[str, Any]
    position: int
    as_of: int
    whose: tuple[str, ...] = ()
    stopped_before: int = 0


@dataclass(frozen=True, slots=True)
class Moment:
    """For which state of knowledge an answer is asked: the present one, that of a ``position``, or that of a time
    ``as_of`` (microseconds since 1970 UTC), which is the last position received at or before it.

    The present is at least all that was acknowledged before, and ``at_least``, for which ``wait`` seconds are waited.
    """

    position: int | None = None
    as_of: int | None = None
    at_least: int = 0
    wait: float = 0.0


NOW = Moment()


class Answers(Protocol):
    """Where questions are answered."""

    async def answer(
        self, question: str, arguments: Mapping[str, Any], caller: Caller, moment: Moment = NOW
    ) -> Answered:
        """The answer, cut to what ``caller`` may see, for ``moment``. ``Rejected``, ``NotFound`` and ``Forbidden`` as
        they come; ``Unavailable`` where ``at_least`` was not reached in time."""

    async def reached(self, moment: Moment) -> tuple[int, int]:
        """The position that an answer for ``moment`` would be for, and when that was received (microseconds)."""

    async def ready(self) -> dict[str, Any]:
        """``{"ready", "position", "judged"}``; ``Unavailable`` where it does not work."""


class Feed(Protocol):
    """What followers wrote, in order, none left out."""

    async def open(self, caller: Caller, after: tuple[int, int] | None) -> AsyncIterator[FeedItem]:
        """What came after (position, sequence), or what comes from now on; then what comes, without end, cut to what
        ``caller`` may see. It ends where the reader is too slow, and where the process stops: resume after the last
        item. ``Conflict`` where the ledger has not come as far."""


class Clock(Protocol):
    """Time, as an argument."""

    def now(self) -> int:
        """Microseconds since 1970 UTC."""


@dataclass(frozen=True, slots=True)
class Ports:
    """All that the door is given by a runtime. ``pool`` is for what the door itself keeps: keys, its access log."""

    intake: Intake
    answers: Answers
    feed: Feed
    clock: Clock
    pool: Pool
    metrics: Metrics
    settings: Settings
    local_key: str = ""
    """The secret of the service file; empty: there is none, and everybody needs a key of their own."""
