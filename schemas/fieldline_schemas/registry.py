"""Which kinds there are, by name and number, and how old versions are brought up to the known one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from fieldline_schemas.contract import Envelope
from fieldline_schemas.faults import Fault, shown
from fieldline_schemas.fields import Version, read_field
from fieldline_schemas.kinds.aggregated import Aggregated
from fieldline_schemas.kinds.alert_acknowledged import AlertAcknowledged
from fieldline_schemas.kinds.alert_handled import AlertHandled
from fieldline_schemas.kinds.certified import Certified
from fieldline_schemas.kinds.cleaned import Cleaned
from fieldline_schemas.kinds.clock_ticked import ClockTicked
from fieldline_schemas.kinds.commingled import Commingled
from fieldline_schemas.kinds.complaint import Complaint
from fieldline_schemas.kinds.consignee_answered import ConsigneeAnswered
from fieldline_schemas.kinds.consignee_notified import ConsigneeNotified
from fieldline_schemas.kinds.contamination_declared import ContaminationDeclared
from fieldline_schemas.kinds.cooled import Cooled
from fieldline_schemas.kinds.corrected import Corrected
from fieldline_schemas.kinds.disaggregated import Disaggregated
from fieldline_schemas.kinds.disposed import Disposed
from fieldline_schemas.kinds.exported import Exported
from fieldline_schemas.kinds.external_notice import ExternalNotice
from fieldline_schemas.kinds.harvested import Harvested
from fieldline_schemas.kinds.illness_case import IllnessCase
from fieldline_schemas.kinds.imported import Imported
from fieldline_schemas.kinds.incident_joined import IncidentJoined
from fieldline_schemas.kinds.incident_stepped import IncidentStepped
from fieldline_schemas.kinds.input_applied import InputApplied
from fieldline_schemas.kinds.input_sold import InputSold
from fieldline_schemas.kinds.inspected import Inspected
from fieldline_schemas.kinds.labelled import Labelled
from fieldline_schemas.kinds.landed import Landed
from fieldline_schemas.kinds.licensed import Licensed
from fieldline_schemas.kinds.member_excluded import MemberExcluded
from fieldline_schemas.kinds.member_included import MemberIncluded
from fieldline_schemas.kinds.member_released import MemberReleased
from fieldline_schemas.kinds.milked import Milked
from fieldline_schemas.kinds.noted import Noted
from fieldline_schemas.kinds.notice_approved import NoticeApproved
from fieldline_schemas.kinds.packed import Packed
from fieldline_schemas.kinds.planted import Planted
from fieldline_schemas.kinds.prepared import Prepared
from fieldline_schemas.kinds.received import Received
from fieldline_schemas.kinds.reference_changed import ReferenceChanged
from fieldline_schemas.kinds.relabelled import Relabelled
from fieldline_schemas.kinds.retest_requested import RetestRequested
from fieldline_schemas.kinds.returned import Returned
from fieldline_schemas.kinds.same_batch import SameBatch
from fieldline_schemas.kinds.sample_retained import SampleRetained
from fieldline_schemas.kinds.sampled import Sampled
from fieldline_schemas.kinds.sanctioned import Sanctioned
from fieldline_schemas.kinds.scope_closed import ScopeClosed
from fieldline_schemas.kinds.scope_opened import ScopeOpened
from fieldline_schemas.kinds.served import Served
from fieldline_schemas.kinds.shipped import Shipped
from fieldline_schemas.kinds.slaughtered import Slaughtered
from fieldline_schemas.kinds.sold import Sold
from fieldline_schemas.kinds.split import Split
from fieldline_schemas.kinds.stored import Stored
from fieldline_schemas.kinds.tested import Tested
from fieldline_schemas.kinds.tracing_marked import TracingMarked
from fieldline_schemas.kinds.transformed import Transformed


class Registry:
    """Kinds by name and by number. Names and numbers are unique, numbers from 1 to 255."""

    def __init__(self, models: Iterable[type[Envelope]]) -> None:
        self.models: dict[str, type[Envelope]] = {}
        self.names: dict[int, str] = {}
        for model in models:
            kind, code = model.model_fields["kind"].default, model.CODE
            if kind in self.models or code in self.names or not 0 < code < 256:
                raise ValueError(f"{kind} ({code}): a kind's name and number, 1 to 255, are its own")
            if sorted(model.UPCASTS) != list(range(1, model.VERSION)):
                raise ValueError(f"{kind}: an upcaster for each version before {model.VERSION}")
            self.models[kind], self.names[code] = model, kind

    def model_of(self, event: dict[str, Any]) -> type[Envelope]:
        """The contract of an event's kind; ``Fault`` where it names none."""
        kind = event.get("kind")
        if kind is None:
            raise Fault.by("is_missing", "kind")
        model = self.models.get(kind) if isinstance(kind, str) else None
        if model is None:
            raise Fault.by("kind_unknown", "kind", shown(kind), kinds=list(self.models))
        return model

    def version_of(self, event: dict[str, Any]) -> int:
        """The version of its kind that an event says it has; 1 where it says nothing."""
        said = event.get("version")
        return 1 if said is None else read_field(Version, said, "version")

    def upcast(self, event: dict[str, Any]) -> dict[str, Any]:
        """The same event in its kind's known version, not yet validated. The version must not be from the future."""
        model, version = self.model_of(event), self.version_of(event)
        while version < model.VERSION:
            event = {**model.UPCASTS[version](event), "version": version + 1}
            version += 1
        return event


KINDS: Final = Registry(
    (
        Harvested,
        Transformed,
        Prepared,
        Shipped,
        Received,
        Served,
        IllnessCase,
        Sampled,
        Tested,
        Corrected,
        SameBatch,
        ClockTicked,
        ScopeOpened,
        ScopeClosed,
        MemberReleased,
        Planted,
        InputApplied,
        InputSold,
        Milked,
        Slaughtered,
        Landed,
        Cooled,
        Packed,
        Split,
        Commingled,
        Relabelled,
        Aggregated,
        Disaggregated,
        Stored,
        Sold,
        Returned,
        Imported,
        Exported,
        SampleRetained,
        Disposed,
        Inspected,
        Certified,
        Licensed,
        Sanctioned,
        Complaint,
        ExternalNotice,
        ContaminationDeclared,
        AlertAcknowledged,
        AlertHandled,
        ReferenceChanged,
        RetestRequested,
        Labelled,
        ConsigneeNotified,
        ConsigneeAnswered,
        TracingMarked,
        NoticeApproved,
        MemberExcluded,
        MemberIncluded,
        Cleaned,
        Noted,
        IncidentJoined,
        IncidentStepped,
    )
)
"""All kinds that this release reads."""


def contract_model(kind: str) -> type[Envelope]:
    """The pydantic contract of a kind; ``Fault`` where there is none."""
    return KINDS.model_of({"kind": kind})


def kind_of(code: int) -> str:
    """The kind with this number."""
    return KINDS.names[code]


def code_of(kind: str) -> int:
    """The number of a kind, as records have it."""
    return contract_model(kind).CODE
