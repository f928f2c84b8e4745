"""The rules there are, by name, with what each one finds."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from fieldline_trace.risk.rules import (
    chain_gap,
    clock_skew,
    correction_refused,
    event_conflict,
    result_superseded,
    rule_failed,
    test_failed,
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule's name and what it finds, in one line."""

    name: str
    finds: str


RULES: Final = MappingProxyType(
    {
        rule.name: rule
        for rule in (
            Rule(test_failed.NAME, "a laboratory's verdict that a batch failed"),
            Rule(result_superseded.NAME, "a laboratory amended a report to or from failed"),
            Rule(chain_gap.NAME, "records do not join: no origin, several origins, impossible order, no arrival"),
            Rule(event_conflict.NAME, "one id was sent with several contents"),
            Rule(clock_skew.NAME, "a sender's times lie more than 24 hours ahead of receipt"),
            Rule(correction_refused.NAME, "a correction or an act that has no effect"),
            Rule(rule_failed.NAME, "a rule could not judge a subject"),
        )
    }
)
