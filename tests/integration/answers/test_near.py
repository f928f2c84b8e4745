"""What is near to a batch that is not known."""

from __future__ import annotations

import json

import pytest
from fieldline_trace.api.answers.near import near
from fieldline_trace.capture import Door, take
from fieldline_trace.store import Pool

LABELS = ("DC 17", "DC 71", "R31", "BabDE03", "BabDE07", "L-4711/2")


async def _known(pool: Pool) -> None:
    events = [
        {
            "kind": "harvested",
            "operator": "hof-1",
            "site": "field",
            "out_batch": {"batch": f"hof-1/leaf/K{n}", "label": label},
        }
        for n, label in enumerate(LABELS)
    ]
    async with pool.acquire() as conn:
        await take(conn, [json.dumps(event).encode() for event in events], Door("hof-1", "producer"))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("DC17", "DC 17"),
        ("dc 17", "DC 17"),
        ("dc-17", "DC 17"),
        ("r31", "R31"),
        ("BabDE3", "BabDE03"),
        ("4711", "L-4711/2"),
        ("HOF1/leaf/k3", "hof-1/leaf/K3"),
        ("k3", "hof-1/leaf/K3"),
        ("hof-1/leaf/K33", "hof-1/leaf/K3"),
    ],
)
async def test_what_was_meant_comes_first_whatever_case_spaces_and_punctuation(
    pool: Pool, typed: str, meant: str
) -> None:
    await _known(pool)
    async with pool.acquire() as conn:
        assert (await near(conn, typed, 5))[0] == meant


@pytest.mark.parametrize("typed", ["%", "_", "'", "\\", "—", "x" * 1000])
async def test_nothing_odd_that_is_typed_does_harm(pool: Pool, typed: str) -> None:
    await _known(pool)
    async with pool.acquire() as conn:
        assert len(await near(conn, typed, 5)) <= 5
