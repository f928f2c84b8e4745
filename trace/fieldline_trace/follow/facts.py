"""What events that are read whole say about batches, operators, sites and samples, kept by what they are about.

A fact counts while its event is not withdrawn. What is asked comes in an order that its content decides, never its
arrival.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Set
from typing import NamedTuple

from fieldline_schemas.contract import BatchRef, Envelope
from fieldline_schemas.kinds.certified import Certified
from fieldline_schemas.kinds.commingled import Commingled
from fieldline_schemas.kinds.complaint import Complaint
from fieldline_schemas.kinds.cooled import Cooled
from fieldline_schemas.kinds.external_notice import ExternalNotice
from fieldline_schemas.kinds.illness_case import IllnessCase
from fieldline_schemas.kinds.imported import Imported
from fieldline_schemas.kinds.input_applied import InputApplied
from fieldline_schemas.kinds.inspected import Inspected
from fieldline_schemas.kinds.labelled import Labelled
from fieldline_schemas.kinds.milked import Milked
from fieldline_schemas.kinds.received import Received
from fieldline_schemas.kinds.sample_retained import SampleRetained
from fieldline_schemas.kinds.sampled import Sampled
from fieldline_schemas.kinds.split import Split
from fieldline_schemas.kinds.stored import Stored

from fieldline_trace.follow.standing import State

Anchor = tuple[str, str | int]
"""("batch", number), ("operator", key), ("lab", key), ("alert", id) …: what a fact is about."""
Doubt = tuple[str, object]
"""(rule, subject)."""


class Fact(NamedTuple):
    """One event."""

    identity: int
    digest: str
    number: int
    historical: bool
    authority: bool
    sender: str
    received_at: int
    event: Envelope


class Facts:
    """Facts by what they are about. ``state``: how an event stands."""

    def __init__(self, state: Callable[[int], State]) -> None:
        self._state = state
        self._about: dict[Anchor, dict[int, Fact]] = {}
        self._anchors: dict[int, tuple[Anchor, ...]] = {}

    def add(self, fact: Fact, anchors: Iterable[Anchor]) -> None:
        """Enter one."""
        named = tuple(dict.fromkeys(anchors))
        self._anchors[fact.number] = named
        for anchor in named:
            self._about.setdefault(anchor, {})[fact.number] = fact

    def about(self, *anchors: Anchor, kind: type[Envelope] | tuple[type[Envelope], ...] = Envelope) -> list[Fact]:
        """The standing facts of a kind about any of these, each once."""
        found = {
            fact.number: fact
            for anchor in anchors
            for fact in self._about.get(anchor, {}).values()
            if isinstance(fact.event, kind) and self._state(fact.number) is not State.WITHDRAWN
        }
        return sorted(found.values(), key=lambda fact: fact[:2])

    def has(self, anchor: Anchor) -> bool:
        """Whether anything was ever said about it."""
        return anchor in self._about

    def anchors_of(self, events: Set[int]) -> Iterator[Anchor]:
        """What those of ``events`` that are facts are about."""
        for number in events & self._anchors.keys() if len(events) > len(self._anchors) else events:
            yield from self._anchors.get(number, ())

    def firm(self, fact: Fact) -> bool:
        """Neither disputed nor said by some variants only."""
        return self._state(fact.number) is State.RECORDED


def batches_of_fact(event: Envelope) -> list[str]:
    """Canonical keys of the batches that a fact is about."""
    refs: Iterable[BatchRef] = ()
    if isinstance(event, InputApplied):
        refs = event.applied_to
    elif isinstance(
        event, Cooled | Stored | Imported | Sampled | ExternalNotice | Certified | Inspected | Received | Labelled
    ):
        refs = event.batches
    elif isinstance(event, Milked | Commingled):
        refs = [event.out_batch]
    elif isinstance(event, Split):
        refs = event.out_batches
    elif isinstance(event, SampleRetained):
        refs = [event.batch]
    elif isinstance(event, Complaint):
        return [event.batch] if event.batch else []
    elif isinstance(event, IllnessCase):
        return [one.batch for one in event.exposures]
    return [ref.batch for ref in refs]
