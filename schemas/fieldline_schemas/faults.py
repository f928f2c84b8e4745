"""What is wrong with an input: which field, which value, which rule."""

from __future__ import annotations

from collections.abc import Sequence

SHOWN = 100
"""Characters of a value's repr that a fault shows."""


class Fault(ValueError):
    """An input broke a rule. ``str()`` is ``field: value: rule``.

    ``field`` is a path such as ``in_batches[1].batch`` (empty: the whole input), ``value`` the repr of what stood
    there, cut to 100 characters (empty: nothing stood there), ``rule`` a sentence that says what would be right.
    """

    field: str
    value: str
    rule: str

    def __init__(self, field: str, value: str, rule: str) -> None:
        super().__init__(field, value, rule)
        self.field = field
        self.value = value if len(value) <= SHOWN else value[: SHOWN - 1] + "…"
        self.rule = rule

    @classmethod
    def of(cls, value: object, rule: str, field: str = "") -> Fault:
        """The fault of ``value``; who knows the field adds it with ``at``."""
        return cls(field, shown(value), rule)

    def at(self, *path: str | int) -> Fault:
        """The same fault, seen from outside: ``path`` leads to where it stood until now."""
        return Fault(joined([*path, self.field] if self.field else path), self.value, self.rule)

    def __str__(self) -> str:
        return ": ".join(part for part in (self.field, self.value, self.rule) if part)


def shown(value: object) -> str:
    """The repr of a value, cut to 100 characters; a long text is cut before it is quoted."""
    if isinstance(value, str):
        return repr(value) if len(value) <= SHOWN else repr(value[:SHOWN])[:-1] + "…"
    if isinstance(value, int) and value.bit_length() > 8 * SHOWN:
        return f"an integer of {value.bit_length()} bits"
    if isinstance(value, int | float | bool | None):
        return repr(value)[:SHOWN]
    if isinstance(value, dict):
        return f"an object of {len(value)} fields"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    return str(value)[:SHOWN]


def joined(path: Sequence[str | int]) -> str:
    """``("in_batches", 1, "batch")`` as ``in_batches[1].batch``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text and not part.startswith("[") else part
    return text
