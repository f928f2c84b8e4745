"""The one catalogue of what is said about faults: code and arguments in, a sentence in either language out.

The sentences are in ``messages.toml``. Which language is spoken is a matter of whoever asks, so it goes with the task
that answers: ``speaking`` sets it, for HTTP from ``Accept-Language``, on the command line from ``--lang``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final, Literal, get_args

Language = Literal["en", "zh-CN"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
TERM: Final = "@"
"""What an argument begins with that is a term of the catalogue."""
_spoken: ContextVar[Language] = ContextVar("language", default="en")


def language() -> Language:
    """What is spoken here and now."""
    return _spoken.get()


@contextmanager
def speaking(spoken: Language) -> Iterator[None]:
    """Within, sentences are in this language."""
    token = _spoken.set(spoken)
    try:
        yield
    finally:
        _spoken.reset(token)


def speak(spoken: Language) -> None:
    """Speak this language from here on: for a process that has one asker."""
    _spoken.set(spoken)


def language_of(tag: str) -> Language | None:
    """The language of a tag (``zh``, ``zh-Hans-CN``, ``en-GB``), None where it is none of ours."""
    first = tag.strip().lower().partition("-")[0].partition("_")[0]
    return {"zh": "zh-CN", "en": "en"}.get(first)  # type: ignore[return-value]


def preferred(accepted: str) -> Language:
    """The language that an ``Accept-Language`` header likes best; English where it names none of ours."""
    best: tuple[float, int, Language] = (0.0, 0, "en")
    for place, part in enumerate(accepted[:1000].split(",")):
        tag, _, quality = part.partition(";")
        found = language_of(tag)
        try:
            weight = float(quality.strip().removeprefix("q=")) if quality.strip() else 1.0
        except ValueError:
            weight = 0.0
        if found is not None and (weight, -place) > best[:2] and weight > 0:
            best = (weight, -place, found)
    return best[2]


def is_code(code: str) -> bool:
    """Whether the catalogue has this code."""
    return code in _catalogue()[0]


def sentence(code: str, arguments: Mapping[str, Any], spoken: Language | None = None) -> str:
    """What a code says with its arguments, in the language that is spoken where none is named. ``KeyError`` where there
    is no such code, or an argument is missing."""
    chosen = spoken or language()
    messages, terms = _catalogue()
    said = {name: _said(argument, terms, chosen) for name, argument in arguments.items()}
    return messages[code][chosen].format_map(said)


class Sentence:
    """A sentence that is in the language of whoever reads it. ``KeyError`` when it is read, where there is no such code
    or an argument is missing."""

    __slots__ = ("arguments", "code")

    def __init__(self, code: str, /, **arguments: Any) -> None:
        self.code = code
        self.arguments = arguments

    def __str__(self) -> str:
        return sentence(self.code, self.arguments)

    __repr__ = __str__


class _Several(tuple[str, ...]):
    """An argument that is a list: joined by commas, or by "or"."""

    spoken: Language

    def __format__(self, how: str) -> str:
        chinese = self.spoken != "en"
        if how == "or":
            return ("或" if chinese else " or ").join(self)
        return ("、" if chinese else ", ").join(self)


def _said(argument: Any, terms: Mapping[str, Mapping[str, str]], spoken: Language) -> Any:
    if isinstance(argument, list | tuple):
        several = _Several(str(_said(one, terms, spoken)) for one in argument)
        several.spoken = spoken
        return several
    if isinstance(argument, str) and argument[:1] == TERM and argument[1:] in terms:
        return terms[argument[1:]][spoken]
    return str(argument)


@lru_cache(maxsize=1)
def _catalogue() -> tuple[dict[str, dict[str, str]], dict[str, dict[str, str]]]:
    read = tomllib.loads(files(__package__).joinpath("messages.toml").read_text("utf-8"))
    messages, terms = (
        {code: {"en": said["en"], "zh-CN": said["zh"]} for code, said in read[part].items()}
        for part in ("messages", "terms")
    )
    return messages, terms
