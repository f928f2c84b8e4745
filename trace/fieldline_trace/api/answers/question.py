"""The questions that can be asked, by name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fieldline_schemas.faults import Fault, joined
from fieldline_schemas.messages import Sentence
from pydantic import BaseModel, ValidationError

from fieldline_trace.api.answers import (
    activity,
    alerts,
    areas,
    balance,
    batch,
    consignees,
    contacts,
    ends,
    event,
    exports,
    incidents,
    ledger,
    legs,
    naming_question,
    notices,
    persons,
    present,
    progress,
    proofs,
    reference,
    rejected,
    risk,
    scopes,
    score,
    shares,
    sources,
    spans,
    steps,
    trace,
    versions,
    ways,
)
from fieldline_trace.api.answers.desk import Desk
from fieldline_trace.errors import NotFound, Rejected

Answer = Callable[[Desk, Any], Awaitable[dict[str, Any]]]

QUESTIONS: Mapping[str, tuple[type[BaseModel], Answer]] = {
    "trace": (trace.TraceArguments, trace.trace),
    "sources": (sources.SourcesArguments, sources.sources),
    "contacts": (contacts.ContactsArguments, contacts.contacts),
    "why": (ways.WhyArguments, ways.why),
    "paths": (ways.PathsArguments, ways.paths),
    "accountable": (ways.AccountableArguments, ways.accountable),
    "dead ends": (ends.EndsArguments, ends.dead_ends),
    "hypothesis": (legs.HypothesisArguments, legs.hypothesis),
    "present": (present.PresentArguments, present.present),
    "span": (spans.SpanArguments, spans.span),
    "proof": (proofs.ProofArguments, proofs.proof),
    "areas": (areas.AreasArguments, areas.areas),
    "balance": (balance.BalanceArguments, balance.balance),
    "share": (shares.ShareArguments, shares.share),
    "steps": (steps.StepsArguments, steps.steps),
    "story": (steps.StoryArguments, steps.story),
    "reference": (reference.ReferenceArguments, reference.reference),
    "risk": (risk.RiskArguments, risk.risk),
    "score": (score.ScoreArguments, score.score),
    "event": (event.EventArguments, event.event_show),
    "activity": (activity.ActivityArguments, activity.activity),
    "batch": (batch.BatchArguments, batch.batch),
    "name": (naming_question.NameArguments, naming_question.name_batch),
    "alerts": (alerts.AlertsArguments, alerts.alerts),
    "alert show": (alerts.AlertArguments, alerts.alert_show),
    "notices": (notices.NoticesArguments, notices.notices),
    "scope list": (scopes.ListArguments, scopes.scope_list),
    "scope show": (scopes.ShowArguments, scopes.scope_show),
    "scope preview": (scopes.PreviewArguments, scopes.scope_preview),
    "scope diff": (scopes.DiffArguments, scopes.scope_diff),
    "scope consignees": (consignees.ConsigneesArguments, consignees.scope_consignees),
    "scope progress": (consignees.ConsigneesArguments, progress.scope_progress),
    "scope versions": (versions.VersionsArguments, versions.scope_versions_said),
    "scope export": (exports.ExportArguments, exports.scope_export),
    "scope events": (exports.OfScopeArguments, exports.scope_events),
    "scope network": (exports.OfScopeArguments, exports.scope_network),
    "incident list": (incidents.IncidentsArguments, incidents.incident_list),
    "incident show": (incidents.IncidentArguments, incidents.incident_show),
    "rejected list": (rejected.ListArguments, rejected.rejected_list),
    "rejected show": (rejected.ShowArguments, rejected.rejected_show),
    "rejected mend": (rejected.MendArguments, rejected.rejected_mend),
    "rejected replay": (rejected.ReplayArguments, rejected.rejected_replay),
    "rejected dismiss": (rejected.DismissArguments, rejected.rejected_dismiss),
    "person show": (persons.PersonArguments, persons.person_show),
    "person erase": (persons.EraseArguments, persons.person_erase),
    "verify": (ledger.VerifyArguments, ledger.verify_ledger),
    "checkpoint": (ledger.CheckpointArguments, ledger.checkpoint_ledger),
    "rebuild": (ledger.RebuildArguments, ledger.rebuild_needs_the_runtime),
}
"""Name to the model of its arguments and the function that answers. A new question is a module and a line here."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its arguments, both known to be well-formed."""

    name: str
    arguments: BaseModel

    @classmethod
    def named(cls, name: str, arguments: Mapping[str, Any]) -> Question:
        """The question; ``NotFound`` where there is none of that name, ``Rejected`` where an argument is at fault."""
        if name not in QUESTIONS:
            raise NotFound(Sentence("question_not_known", name=repr(name)), tuple(QUESTIONS))
        try:
            return cls(name, QUESTIONS[name][0].model_validate(arguments))
        except ValidationError as invalid:
            first = invalid.errors(include_url=False)[0]
            raise Rejected(Fault.of(first["input"], "contract_says", joined(first["loc"]), why=first["msg"])) from None


async def answer(desk: Desk, question: Question) -> dict[str, Any]:
    """The answer of what is on ``desk``."""
    return await QUESTIONS[question.name][1](desk, question.arguments)
