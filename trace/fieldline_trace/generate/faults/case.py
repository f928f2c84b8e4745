"""What a planter draws on, and what it plants: the events of one case, who says them, and the alerts it deserves."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

FIRST: Final = date(2026, 10, 1)
"""Cases happen from this day on."""
DAYS: Final = 30
"""Within so many days."""


@dataclass(frozen=True, slots=True)
class Saying:
    """One event as somebody hands it in. ``part``: those of a later part come after all of an earlier one, whatever
    the order within; needed by a rule that goes by what was known when."""

    sender: str
    role: str
    event: dict[str, Any]
    part: int = 0


@dataclass(frozen=True, slots=True)
class Planted:
    """The events of one case, and (rule, subject) of each alert that has to stand in the end."""

    sayings: list[Saying]
    alerts: list[tuple[str, str]]


@dataclass(slots=True)
class Drawn:
    """Chance and names of one case; no other has the same names."""

    name: str
    """Begin of all its names."""
    chance: random.Random
    sayings: list[Saying] = field(default_factory=list)

    @property
    def operator(self) -> str:
        """The operator that it is about, who has a site of the same name."""
        return self.name

    def batch(self, product: str, lot: str = "L1") -> str:
        """A batch of its operator."""
        return f"{self.name}/{product}/{lot}"

    def day(self) -> date:
        """A day on which it happens."""
        return FIRST + timedelta(days=self.chance.randrange(DAYS))

    def say(self, kind: str, *, sender: str = "", role: str = "producer", part: int = 0, **more: Any) -> None:
        """Add an event at the operator's site; fields that are None are left out."""
        said: dict[str, Any] = {"kind": kind, "id": f"{self.name}:{len(self.sayings)}", "zone": "Asia/Shanghai"}
        said |= {"operator": self.operator, "site": self.operator} | more
        event = {name: _text(value) for name, value in said.items() if value is not None}
        self.sayings.append(Saying(sender or self.operator, role, event, part))

    def planted(self, *alerts: tuple[str, str]) -> Planted:
        """What was said, with the alerts that it deserves."""
        return Planted(self.sayings, list(alerts))

    def made(self, batch: str, day: date, **more: Any) -> None:
        """A harvest of ``batch``; ``more`` goes with the batch."""
        self.say("harvested", at=day, out_batch={"batch": batch, **{k: _text(v) for k, v in more.items()}})

    def sampled(self, batch: str, day: date, sample: str = "S1", **more: Any) -> str:
        """A sample that an authority took; its number."""
        number = f"{self.name}:{sample}"
        self.say("sampled", sender="county", role="regulator", operator="county", at=day, sample=number,
                 batches=[batch], **more)  # fmt: skip
        return number

    def noticed(self, batch: str, day: date) -> str:
        """A notice from abroad that names ``batch``; its reference."""
        reference = f"{self.name}:N"
        self.say("external_notice", sender="county", role="regulator", operator="county", at=day, system="RASFF",
                 reference=reference, product="sesame", hazard_class="pathogen", hazard="Salmonella",
                 batches=[batch])  # fmt: skip
        return reference

    def tested(self, day: date, verdict: str = "passed", report: str = "R1", **more: Any) -> None:
        """A laboratory's result, on ``sample`` or ``batch``."""
        said: dict[str, Any] = {"lab": "lab", "hazard_class": "residue", "hazard": "lead"} | more
        said |= {"operator": said["lab"], "report": f"{self.name}:{report}", "verdict": verdict, "at": day}
        self.say("tested", sender=str(said["lab"]), role="laboratory", **said)


@dataclass(frozen=True, slots=True)
class Planter:
    """How failures of one rule are planted."""

    rule: str
    plant: Callable[[Drawn, bool], Planted]
    """A case that deserves the alert (True), or just does not."""
    exact: bool = True
    """Nothing is left to chance: every case is told, and nothing else. False: statistical; its figures are stated."""
    everywhere: bool = True
    """Its alerts count wherever they stand. False: only in its own cases, as other cases lack what it asks for."""
    waits: bool = False
    """Its alert stands once a deadline has passed."""


def _text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
