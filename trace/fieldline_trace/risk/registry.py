"""The rules there are, by name, with what each finds, proposes and is cleared by, as its docstring says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType, ModuleType
from typing import Final

from fieldline_trace.risk.rules import (
    alert_unacknowledged,
    banned_substance,
    canteen_cluster,
    certificate_mismatch,
    chain_gap,
    claim_unsupported,
    clock_skew,
    cold_chain_breach,
    common_source,
    complaint_signal,
    confirmation_overdue,
    correction_refused,
    event_conflict,
    expired,
    external_notice,
    held_batch_moved,
    illegal_additive,
    incoming_unverified,
    input_sale_unlicensed,
    interval_breach,
    lab_not_accredited,
    label_fault,
    limit_exceeded,
    mass_balance,
    operator_status,
    pass_rate_below_target,
    regional_problem,
    released_untested,
    result_superseded,
    retest,
    rule_failed,
    sample_missing,
    sampling_plan_failed,
    scope_grew,
    screening_positive,
    shared_environment,
    test_failed,
    withdrawal_breach,
)

SECTIONS: Final = ("Inputs", "Condition", "Severity", "Proposes", "Source", "Clears")
"""What each rule's docstring says, in this order."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule's name, what it finds in one line, and the sections of its docstring."""

    name: str
    finds: str
    says: Mapping[str, str]

    @property
    def proposes(self) -> str:
        """``hold``, ``confirm``, ``draft_scope`` or ``nothing``: the first word of the section."""
        return re.split(r"\W", self.says["Proposes"], maxsplit=1)[0]


def _rule(module: ModuleType) -> Rule:
    """The rule of a module, as its docstring says it; ``ValueError`` where a section is missing."""
    text = " ".join((module.__doc__ or "").split())
    head, *parts = re.split(rf"(?:^|(?<= ))({'|'.join(SECTIONS)}): ", text)
    says = MappingProxyType({name: part.strip() for name, part in zip(parts[::2], parts[1::2], strict=True)})
    name, _, finds = head.strip().partition(": ")
    if name != module.NAME or tuple(says) != SECTIONS:
        raise ValueError(f"{module.__name__}: the docstring begins with NAME: and says {', '.join(SECTIONS)}")
    return Rule(name, finds.rstrip("."), says)


RULES: Final = MappingProxyType(
    {
        rule.name: rule
        for rule in map(
            _rule,
            (
                test_failed,
                screening_positive,
                result_superseded,
                retest,
                limit_exceeded,
                sampling_plan_failed,
                banned_substance,
                illegal_additive,
                confirmation_overdue,
                lab_not_accredited,
                interval_breach,
                withdrawal_breach,
                cold_chain_breach,
                incoming_unverified,
                certificate_mismatch,
                claim_unsupported,
                label_fault,
                released_untested,
                expired,
                operator_status,
                input_sale_unlicensed,
                sample_missing,
                canteen_cluster,
                complaint_signal,
                common_source,
                shared_environment,
                pass_rate_below_target,
                regional_problem,
                external_notice,
                held_batch_moved,
                alert_unacknowledged,
                scope_grew,
                mass_balance,
                chain_gap,
                event_conflict,
                clock_skew,
                correction_refused,
                rule_failed,
            ),
        )
    }
)
