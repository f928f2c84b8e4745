"""What is wrong with an input: which field, which value, which rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fieldline_schemas.messages import Language, is_code, sentence

MOST_KEPT = 1000
"""Characters of an argument that are kept."""
SHOWN = 100
"""Characters of a value's repr that a fault shows."""


class Fault(ValueError):
    """An input broke a rule. ``str()`` is ``field: value: rule``.

    ``field`` is a path such as ``in_batches[1].batch`` (empty: the whole input), ``value`` the repr of what stood
    there, cut to 100 characters (empty: nothing stood there). ``code`` is the rule's in the catalogue of messages,
    with its ``arguments``; ``rule`` is the sentence that says what would be right, in the language that is spoken.
    ``rule``, where it is given instead of a code, is that sentence.
    """

    field: str
    value: str
    code: str
    arguments: Mapping[str, str | list[str]]
    """As JSON can hold them and PostgreSQL store them."""

    def __init__(
        self, field: str, value: str, rule: str, code: str = "", arguments: Mapping[str, Any] | None = None
    ) -> None:
        known = {name: _kept(argument) for name, argument in (arguments or {}).items()}
        super().__init__(field, value, rule, code, known)
        self.field = field
        self.value = value if len(value) <= SHOWN else value[: SHOWN - 1] + "…"
        self.code = code
        self.arguments = known
        self._rule = rule

    @classmethod
    def by(cls, code: str, field: str = "", value: str = "", **arguments: Any) -> Fault:
        """The fault of breaking the rule with this code; ``value`` is shown as it is."""
        return Fault(field, value, "" if is_code(code) else code, code if is_code(code) else "", arguments)

    @classmethod
    def of(cls, value: object, code: str, field: str = "", **arguments: Any) -> Fault:
        """The same of any ``value``; who knows the field adds it with ``at``."""
        return Fault.by(code, field, shown(value), **arguments)

    @property
    def rule(self) -> str:
        """The sentence, in the language that is spoken."""
        return self.told()

    def told(self, spoken: Language | None = None) -> str:
        """The sentence in one language."""
        return sentence(self.code, self.arguments, spoken) if self.code else self._rule

    def at(self, *path: str | int) -> Fault:
        """The same fault, seen from outside: ``path`` leads to where it stood until now."""
        where = joined([*path, self.field] if self.field else path)
        return Fault(where, self.value, self._rule, self.code, self.arguments)

    def about(self, value: object) -> Fault:
        """The same fault of a value that the one at fault is a part of."""
        return Fault(self.field, shown(value), self._rule, self.code, self.arguments)

    def __str__(self) -> str:
        return ": ".join(part for part in (self.field, self.value, self.rule) if part)


def _kept(argument: Any) -> str | list[str]:
    if isinstance(argument, list | tuple):
        return [str(_kept(one)) for one in argument]
    return str(argument).encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")[:MOST_KEPT]


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
