"""Reads the reference data that ships with this package."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

_DURATION = re.compile(r"^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$")


@dataclass(frozen=True, slots=True)
class Absence:
    """Grace periods in microseconds, after which missing records count as missing."""

    origin: int
    arrival: int
    round_to: int
    """Deadlines are rounded up to multiples of this."""


@dataclass(frozen=True, slots=True)
class Hazard:
    """How far a finding of one class of hazards reaches."""

    code: str
    names: Mapping[str, str]
    """By language, ``en`` and ``zh-CN``."""
    back: bool
    """The sources of what failed are suspects."""
    others: bool
    """What else a suspect fed is possible."""
    origins: str = "all"
    """Which suspects come first: ``start``, those that chains begin with, or ``all``."""
    kill_step: str = "ignored"
    """``demotes`` or ``cuts``: what was made after a recorded one, and the sources before it, come lower. Neither
    removes."""
    dilution: str = "none"
    """``none`` or ``exposure``: whether it lowers the exposure that is estimated."""
    window: str = "clean_break"
    """What bounds a window at a site or line."""
    cleaning: bool = True
    """A documented cleaning that names no classes ends a window."""


@dataclass(frozen=True, slots=True)
class Reference:
    """All reference data of this release."""

    absence: Absence
    hazards: Mapping[str, Hazard]
    collapse: int
    """From how many holdings on what suspects also fed is one counted row."""

    def hazard(self, code: str) -> Hazard:
        """The class ``code``; one that the file does not know reaches as far as any."""
        return self.hazards.get(code) or Hazard(code, {"en": code, "zh-CN": code}, True, True)


def microseconds(duration: str) -> int:
    """An ISO 8601 duration of days, hours and minutes. ``ValueError`` where it is none."""
    match = _DURATION.match(duration)
    if match is None or not any(match.groups()):
        raise ValueError(f"{duration!r} is no duration of days, hours and minutes")
    days, hours, minutes = (int(part or 0) for part in match.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60_000_000


@lru_cache(maxsize=1)
def load_reference() -> Reference:
    """The reference data of this release."""
    absence, hazards = _read("absence.toml"), _read("hazards.toml")
    return Reference(
        Absence(
            microseconds(absence["origin"]["grace"]),
            microseconds(absence["arrival"]["grace"]),
            microseconds(absence["round_to"]),
        ),
        {
            code: Hazard(code, entry["name"], **{name: said for name, said in entry.items() if name != "name"})
            for code, entry in hazards["hazard"].items()
        },
        hazards["collapse"],
    )


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath(name).read_text("utf-8"))
