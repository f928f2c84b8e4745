"""What a conversion says of what it did not take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row, or a field of one, that was not taken: where it stands, and what rule it breaks."""

    row: str
    field: str
    value: str
    rule: str
    kept: bool = False
    """True where the row was taken all the same, without this field."""

    def __str__(self) -> str:
        return f"{self.row}: {self.field}: {self.value!r}: {self.rule}"
