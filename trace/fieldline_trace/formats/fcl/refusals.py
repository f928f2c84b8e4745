"""What a conversion says of what it did not take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fieldline_schemas.faults import Fault


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row, or a field of one, that was not taken: where it stands, and what is at fault."""

    row: str
    fault: Fault
    kept: bool = False
    """True where the row was taken all the same, without this field."""

    def said(self) -> dict[str, Any]:
        """``{"row", "field", "value", "rule", "rule_code", "kept"}``."""
        fault = self.fault
        return {
            "row": self.row,
            "field": fault.field,
            "value": fault.value,
            "rule": fault.rule,
            "rule_code": fault.code,
            "kept": self.kept,
        }

    def __str__(self) -> str:
        return f"{self.row}: {self.fault.field}: {self.fault.value!r}: {self.fault.rule}"
