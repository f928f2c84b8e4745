"""The events that followers read whole, read once: from the record's raw bytes to the contract's models."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fieldline_schemas.canonical import identity_hash
from fieldline_schemas.contract import Envelope
from fieldline_schemas.faults import Fault
from fieldline_schemas.kinds.cleaned import Cleaned
from fieldline_schemas.kinds.consignee_answered import ConsigneeAnswered
from fieldline_schemas.kinds.consignee_notified import ConsigneeNotified
from fieldline_schemas.kinds.contamination_declared import ContaminationDeclared
from fieldline_schemas.kinds.corrected import Corrected
from fieldline_schemas.kinds.member_excluded import MemberExcluded
from fieldline_schemas.kinds.member_included import MemberIncluded
from fieldline_schemas.kinds.member_released import MemberReleased
from fieldline_schemas.kinds.same_batch import SameBatch
from fieldline_schemas.kinds.sampled import Sampled
from fieldline_schemas.kinds.scope_opened import ScopeOpened
from fieldline_schemas.kinds.tested import Tested
from fieldline_schemas.record import SKEWED, UNREADABLE_YET, Record
from fieldline_schemas.said import NotYetReadable
from fieldline_schemas.sites import location_key
from fieldline_schemas.times import FOREVER, NEVER, UNKNOWN, Interval
from fieldline_schemas.whole import read_whole
from fieldline_schemas.windows import Window, declared, opened, swabbed

from fieldline_trace.capture.pack import AHEAD_US
from fieldline_trace.errors import Unavailable
from fieldline_trace.follow import results
from fieldline_trace.follow.facts import batches_of_fact
from fieldline_trace.follow.standing import Correction


@dataclass(frozen=True, slots=True)
class Detail:
    """One event read whole. ``event`` is None where it cannot be read; then ``error`` says why."""

    index: int
    digest: str
    event: Envelope | None
    error: str = ""


def read_details(record: Record, received_at: int) -> list[Detail]:
    """The details of one record that this release can read, in order. Those of later versions wait for the upgrade.
    When something was is not known where the door found that it lies too far ahead of ``received_at``."""
    found = []
    for index, digest, raw in record.details:
        if record.flags[index] & UNREADABLE_YET:
            continue
        try:
            event = read_whole(raw)
            if record.flags[index] & SKEWED and _is_ahead(event.at, received_at + AHEAD_US):
                event = event.model_copy(update={"at": UNKNOWN})
            found.append(Detail(index, digest.hex(), event))
        except NotYetReadable as later:
            # Captured by a later release beside us, which reads it: it is for a later release to judge, too.
            raise Unavailable(f"event {index} of block {record.block} waits for the upgrade: {later}") from later
        except Fault as fault:
            found.append(Detail(index, digest.hex(), None, str(fault)))
    return found


def _is_ahead(at: Interval, latest: int) -> bool:
    return at.lo > latest or (at.lo == NEVER and latest < at.hi < FOREVER)


def batches_named(event: Envelope) -> Iterator[str]:
    """Canonical keys of the batches whose numbers applying the event needs."""
    if isinstance(event, Tested | MemberReleased | MemberExcluded | MemberIncluded):
        yield from [event.batch] if event.batch else []
    elif isinstance(event, ConsigneeNotified):
        yield from event.batches
    elif isinstance(event, ConsigneeAnswered):
        yield from (one.batch for one in event.accounts)
    elif isinstance(event, Sampled | SameBatch):
        yield from (ref.batch for ref in event.batches)
    elif isinstance(event, ScopeOpened):
        yield from (seed.batch for seed in event.seeds if seed.batch)
        if event.matching is not None and event.matching.batch:
            yield event.matching.batch
    elif isinstance(event, ContaminationDeclared):
        yield from [event.source] if event.source else []
    yield from batches_of_fact(event)
    yield from (window.key for window in windows_of(event))


def sites_named(event: Envelope) -> Iterator[str]:
    """Canonical keys of the sites, and of the places within them, whose numbers applying the event needs."""
    if event.site:
        yield event.site
    if isinstance(event, ScopeOpened):
        yield from (seed.site for seed in event.seeds if seed.site)
        if event.matching is not None and event.matching.site:
            yield event.matching.site
    if isinstance(event, Cleaned) and event.location:
        yield location_key(event.site, event.location)
    yield from (location_key(one.site, one.location) for one in windows_of(event) if one.site and one.location)


def windows_of(event: Envelope) -> list[Window]:
    """The windows of contamination that an event may make stand."""
    if isinstance(event, ContaminationDeclared):
        return declared(event)
    if isinstance(event, ScopeOpened):
        return [window for window in opened(event) if window is not None]
    return swabbed(event) if isinstance(event, Sampled) else []


def target_of(event: Corrected, sender: str) -> int:
    """Identity of what a correction corrects. ``sender``: the correction's own, which is the target's where none is
    named."""
    return identity_hash(event.target.sender or sender, event.target.id)


def correction_of(event: Corrected, number: int, sender: str) -> Correction:
    """What a correction says, by identities."""
    senders = {sender, event.target.sender or sender}
    return Correction(
        number,
        target_of(event, sender),
        event.target.digest,
        event.action == "replace",
        tuple(frozenset(identity_hash(one, other) for one in senders) for other in event.replacements),
    )


def tested_of(
    event: Tested,
    number: int,
    identity: int,
    sender: str,
    *,
    authority: bool,
    historical: bool,
    received_at: int,
) -> results.Tested:
    """What a laboratory reported."""
    found = []
    for one in event.results:
        unit = f" {one.unit}" if one.unit else ""
        limit = f" (limit {one.limit}{unit})" if one.limit else ""
        found.append(f"{one.analyte} {one.value}{unit}{limit}")
    return results.Tested(
        number=number,
        identity=identity,
        sender=sender,
        authority=authority,
        historical=historical,
        batch=event.batch or "",
        site=event.site,
        lab=event.lab,
        report=event.report,
        sample=event.sample or "",
        hazard_class=event.hazard_class,
        hazard=event.hazard,
        screening=event.method == "screening",
        verdict=event.verdict,
        whole_lot=event.scope == "lot",
        supersedes=event.supersedes or "",
        results=tuple(found),
        values=tuple((one.analyte, one.value, one.unit or "") for one in event.results),
        at=event.at,
        received_at=received_at,
        retest_of=("", "") if event.retest_of is None else (event.retest_of.lab, event.retest_of.report),
        strain=event.strain or "",
        grid=event.grid_unit or "",
    )
