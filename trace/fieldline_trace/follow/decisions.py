"""What people say of a scope's members and consignees, read from their acts, and what becomes of it when these are
withdrawn."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from fieldline_schemas.kinds.consignee_answered import ConsigneeAnswered
from fieldline_schemas.kinds.consignee_notified import ConsigneeNotified
from fieldline_schemas.kinds.incident_joined import IncidentJoined
from fieldline_schemas.kinds.incident_stepped import IncidentStepped
from fieldline_schemas.kinds.member_excluded import MemberExcluded
from fieldline_schemas.kinds.member_included import MemberIncluded

from fieldline_trace.follow.bases import Bases
from fieldline_trace.follow.names import Names
from fieldline_trace.follow.standing import State
from fieldline_trace.recall.called import Account, Answered, Calls, Told
from fieldline_trace.recall.decided import Decided
from fieldline_trace.recall.docket import Docket
from fieldline_trace.recall.incidents import Incidents, Joined, Stepped
from fieldline_trace.risk.alerts import Cause

DecisionAct = MemberExcluded | MemberIncluded
CallAct = ConsigneeNotified | ConsigneeAnswered
IncidentAct = IncidentJoined | IncidentStepped


class Decisions:
    """Acts about members go to the docket while they stand; acts about consignees are kept for who asks."""

    def __init__(self, bases: Bases, docket: Docket) -> None:
        self._bases, self._docket = bases, docket
        self._said: dict[int, tuple[str, Decided]] = {}
        """By number of the act: the scope, and what it says."""
        self.calls = Calls()
        self.incidents = Incidents()

    def decide(self, event: DecisionAct, number: int, names: Names, cause: Cause) -> None:
        """Somebody who may put a batch in, or takes it out."""
        batch = names.batch_number(event.batch)
        site = names.site_number(event.site) if event.site else 0
        if batch is None or site is None:
            return
        self._said[number] = event.scope, Decided(batch, site, isinstance(event, MemberIncluded), number)
        self._let(number, cause, 0)

    def restated(self, events: Iterable[int], cause: Cause, by: int) -> None:
        """These events stand otherwise now."""
        for number in sorted(self._said.keys() & set(events)):
            self._let(number, cause, by)

    def call(self, event: CallAct, number: int, names: Names) -> None:
        """Somebody was told, or answered."""
        if isinstance(event, ConsigneeNotified):
            batches = tuple(sorted(b for b in map(names.batch_number, event.batches) if b is not None))
            told = Told(number, event.at, event.consignee, batches, event.via, event.answer_by)
            self.calls.told(event.scope, told)
            return
        accounts = []
        for one in event.accounts:
            batch = names.batch_number(one.batch)
            if batch is not None:
                amounts = (one.received, one.held, one.sold, one.returned, one.disposed)
                accounts.append(Account(batch, one.unit, *(None if a is None else Decimal(a) for a in amounts)))
        answer = Answered(number, event.at, event.consignee, tuple(accounts), event.passed_on, event.note or "")
        self.calls.answered(event.scope, answer)

    def incident(self, event: IncidentAct, number: int) -> None:
        """Scopes were joined, or a step was taken."""
        if isinstance(event, IncidentJoined):
            said = Joined(number, event.at, tuple(event.scopes), event.title or "")
            self.incidents.joined(event.incident, said)
        else:
            self.incidents.stepped(event.incident, Stepped(number, event.at, event.step))

    def _let(self, number: int, cause: Cause, by: int) -> None:
        scope, what = self._said[number]
        stands = self._bases.state(number) is not State.WITHDRAWN
        self._docket.decide(scope, number, what if stands else None, cause, by=by)
