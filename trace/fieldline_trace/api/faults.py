"""The one JSON shape of a fault: in receipts, in problems, in what was refused and kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fieldline_schemas.faults import Fault
from fieldline_schemas.messages import is_code


def fault_said(fault: Fault) -> dict[str, Any]:
    """``{"field", "value", "rule", "rule_code", "arguments"}``: the sentence in the language that is spoken, its code
    in the catalogue of messages, and what the sentence is made with."""
    return {
        "field": fault.field,
        "value": fault.value,
        "rule": fault.rule,
        "rule_code": fault.code,
        "arguments": dict(fault.arguments),
    }


def fault_of(said: Mapping[str, Any], rule: str = "") -> Fault:
    """The fault that a receipt or a problem tells of; ``rule`` where it says none."""
    return Fault(
        said.get("field", ""),
        said.get("value", ""),
        said.get("rule", rule),
        said.get("rule_code", "") if is_code(said.get("rule_code", "")) else "",
        said.get("arguments", {}),
    )
