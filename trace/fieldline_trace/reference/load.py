"""Reads the reference data that ships with this package."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from typing import Any

from fieldline_trace.reference.limits import Limit, Limits, limits_of
from fieldline_trace.reference.products import Products, even
from fieldline_trace.reference.yields import Yields

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
class Substance:
    """What may not be used, or must not be found."""

    code: str
    kind: str
    """``pesticide``, ``veterinary_drug`` or ``non_food``."""
    banned_from: date | None
    not_detected: bool
    non_food: bool
    status: str
    source: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A sampling plan: of ``n`` units none above ``most``, at most ``c`` above ``m``; CFU/g."""

    product: str
    analyte: str
    n: int
    c: int
    m: Decimal
    most: Decimal
    status: str
    source: str


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Microseconds, days, grams and degrees that rules go by."""

    confirmation: int
    acknowledgement: Mapping[str, int]
    """By severity."""
    retest_days: int
    retest_days_agricultural: int
    retest_rapid: int
    retained_grams: int
    retained_keep: int
    milk_cooled: int
    milk_greatest: Decimal


@dataclass(frozen=True, slots=True)
class Signal:
    """When reports are more than chance: how many chance gives, within how many microseconds, over how many a subject
    is watched, and the rate of false alarms that is allowed for one subject in that time."""

    background: float
    within: int
    over: int
    false_alarms: float


@dataclass(frozen=True, slots=True)
class Explained:
    """When a source explains findings: how many microseconds apart they may be, and the rate of false alarms that is
    allowed for one source."""

    within: int
    false_alarms: float


@dataclass(frozen=True, slots=True)
class Target:
    """The share of samples that should pass in an area; ``grid``: beginning of its administrative code."""

    name: str
    share: float
    grid: str
    agricultural: bool
    """It is for agricultural products alone."""
    source: str


@dataclass(frozen=True, slots=True)
class Targets:
    """Targets that were read where they were published, and when a share is below one."""

    targets: Sequence[Target]
    samples: int
    """Below so many samples no share that passed is spoken of."""
    false_alarms: float


@dataclass(frozen=True, slots=True)
class Regional:
    """When failures of several producers are a problem of their area."""

    producers: int
    within: int
    """Microseconds."""
    digits: int
    """Of the administrative code of an area."""
    background: float
    """Probability that a producer's samples fail with nothing wrong in the area."""
    false_alarms: float


@dataclass(frozen=True, slots=True)
class Reference:
    """All reference data of this release."""

    absence: Absence
    hazards: Mapping[str, Hazard]
    collapse: int
    """From how many holdings on what suspects also fed is one counted row."""
    limits: Limits
    substances: Mapping[str, Substance]
    """By spelling, evened out."""
    plans: Sequence[Plan]
    deadlines: Deadlines
    targets: Targets
    regional: Regional
    cases: Signal
    site_cases: Signal
    complaints: Signal
    sources: Explained
    environment: int
    """Microseconds within which an environment is drawn on for what it explains."""
    yields: Yields

    def substance(self, name: str) -> Substance | None:
        """What a text names, if it is banned or must not be found; None where it is neither."""
        return self.substances.get(even(name))

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
    absence, hazards, targets = _read("absence.toml"), _read("hazards.toml"), _read("targets.toml")
    signals = _read("signals.toml")
    products = Products.of(_read("products.toml"))
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
        Limits(products, limits_of(_read("limits.toml"), products)),
        _substances(_read("substances.toml")),
        [
            Plan(
                one["product"],
                products.analyte(one["analyte"]),
                one["n"],
                one["c"],
                Decimal(one["m"]),
                Decimal(one["M"]),
                one["status"],
                one["source"],
            )
            for one in _read("sampling.toml")["plan"]
        ],
        _deadlines(_read("deadlines.toml")),
        _targets(targets),
        _regional(signals["regional"]),
        _signal(signals["cases"]),
        _signal(signals["site_cases"]),
        _signal(signals["complaints"]),
        Explained(microseconds(signals["sources"]["within"]), float(signals["sources"]["false_alarms"])),
        microseconds(signals["environment"]["within"]),
        Yields.of(_read("yields.toml"), products),
    )


def limits_in(text: str) -> tuple[Limit, ...]:
    """The limits of a file in the form of ``limits.toml``; ``ValueError`` names what is wrong with it."""
    try:
        return limits_of(tomllib.loads(text, parse_float=Decimal), load_reference().limits.products)
    except KeyError as missing:
        raise ValueError(f"{missing.args[0]} is missing") from None
    except (TypeError, AttributeError, ArithmeticError) as wrong:
        raise ValueError(f"not in the form of a file of limits: {wrong}") from None


def _substances(table: Mapping[str, Any]) -> dict[str, Substance]:
    found = {}
    for code, said in table["substance"].items():
        one = Substance(
            code,
            said["kind"],
            said.get("banned_from"),
            said.get("not_detected", False),
            said.get("non_food", False),
            said["status"],
            said["source"],
        )
        found.update({even(name): one for name in (code, *said["names"])})
    return found


def _targets(table: Mapping[str, Any]) -> Targets:
    found = [
        Target(name, float(one["share"]), one["grid"], one["agricultural"], one["source"])
        for name, one in table["target"].items()
        if one["status"] in ("V", "V2")
    ]
    return Targets(found, table["samples"], float(table["false_alarms"]))


def _regional(said: Mapping[str, Any]) -> Regional:
    return Regional(
        said["producers"],
        microseconds(said["within"]),
        said["digits"],
        float(said["background"]),
        float(said["false_alarms"]),
    )


def _signal(said: Mapping[str, Any]) -> Signal:
    within, over = microseconds(said["within"]), microseconds(said["over"])
    return Signal(float(said["background"]), within, over, float(said["false_alarms"]))


def _deadlines(table: Mapping[str, Any]) -> Deadlines:
    acknowledgement = table["acknowledgement"]
    return Deadlines(
        microseconds(table["confirmation"]["within"]),
        {severity: microseconds(acknowledgement[severity]) for severity in ("critical", "hold")},
        table["retest"]["working_days"],
        table["retest"]["agricultural_working_days"],
        microseconds(table["retest"]["rapid"]),
        table["retained_sample"]["grams"],
        microseconds(table["retained_sample"]["keep"]),
        microseconds(table["raw_milk"]["cooled_within"]),
        Decimal(table["raw_milk"]["greatest"]),
    )


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath(name).read_text("utf-8"), parse_float=Decimal)
