"""A made-up trade of any length to show things on: farms, plants, shops, tests that fail, corrections.

Deterministic: the same arguments give the same events, each with an id of its own.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

FARMS, PLANTS, SHOPS = 200, 20, 400
HAZARD = {"hazard_class": "pathogen", "hazard": "Salmonella"}


def events(count: int, today: date, *, seed: int = 1, fails: float = 0.001) -> Iterator[bytes]:
    """``count`` events that end the day before ``today``; a share ``fails`` of them are tests that failed."""
    chance = random.Random(seed)  # noqa: S311  (no secret: the same trade each time)
    begin = today - timedelta(30)
    farm_lots: list[tuple[int, str]] = []
    plant_lots: list[tuple[int, str]] = []
    made = 0
    number = 0

    def said(kind: str, operator: str, site: str, day: float, **fields: Any) -> bytes:
        at = (begin + timedelta(int(day))).isoformat() + f"T{int(day % 1 * 24):02}:00:00Z"
        event = {"id": f"urn:trade:{made}", "kind": kind, "operator": operator, "site": site, "at": at, **fields}
        return json.dumps(event).encode()

    while made < count:
        number += 1
        day = 25 * made / count
        farm, plant, shop = (chance.randrange(size) for size in (FARMS, PLANTS, SHOPS))
        lot = f"farm-{farm}/leaf/L{number}"
        steps: list[tuple[str, str, str, float, dict[str, Any]]] = [
            ("harvested", f"farm-{farm}", f"field {farm}", day, {"out_batch": lot}),
            (
                "shipped", f"farm-{farm}", f"field {farm}", day + 0.2,
                {
                    "batches": [lot],
                    "to_site": f"plant {plant}",
                    "arrived": (begin + timedelta(int(day) + 1)).isoformat(),
                },
            ),
        ]  # fmt: skip
        farm_lots.append((plant, lot))
        inputs = [known for at, known in farm_lots[-3 * PLANTS :] if at == plant][-3:]
        product = f"plant-{plant}/salad/S{number}"
        steps += [
            (
                "transformed", f"plant-{plant}", f"plant {plant}", day + 1.5,
                {"in_batches": inputs, "out_batches": [{"batch": product, "quantity": 100, "unit": "kg"}]},
            ),
            (
                "shipped", f"plant-{plant}", f"plant {plant}", day + 2,
                {
                    "batches": [{"batch": product, "quantity": 40, "unit": "kg"}],
                    "to_site": f"shop {shop}",
                    "to_operator": f"shop-{shop}",
                    "arrived": (begin + timedelta(int(day) + 3)).isoformat(),
                },
            ),
        ]  # fmt: skip
        plant_lots.append((plant, product))
        for kind, operator, site, when, fields in steps:
            if made < count:
                yield said(kind, operator, site, when, **fields)
                made += 1
        if made < count and chance.random() < 4 * fails:
            plant, product = chance.choice(plant_lots[-200:])
            yield said("tested", "lab-1", f"plant {plant}", day + 4, **failed(product, f"R{made}"))
            made += 1
        if made < count and chance.random() < 0.004:
            target = {"id": f"urn:trade:{max(0, made - chance.randrange(1, 200))}"}
            yield said(
                "corrected",
                f"plant-{plant}",
                f"plant {plant}",
                day,
                target=target,
                action="withdraw",
                reason="typed wrongly",
            )
            made += 1


def failed(batch: str, report: str) -> dict[str, Any]:
    """The fields of a test of ``batch`` that failed."""
    return {"batch": batch, "lab": "lab-1", "report": report, "verdict": "failed", **HAZARD}
