"""Rows that capture spells out for binary COPY are what PostgreSQL understands."""

from __future__ import annotations

import json
import random
from decimal import Decimal

import pytest
from fieldline_schemas import fast
from fieldline_trace.capture.rows import storable
from fieldline_trace.store import Pool, ledger_read

from tests.integration.capture.events import PostgresLedger, made

AMOUNTS = [
    "1",
    "9999",
    "10000",
    "10001",
    "100000000",
    "0.1",
    "0.0001",
    "0.00001",
    "0.00000001",
    "1.5",
    "12.50",
    "12345.6789",
    "12345.67891",
    "99999999.99999999",
    "1e3",
    "1e-3",
    "10000000000000.000001",
]


def _random_amounts(seed: int) -> list[str]:
    order = random.Random(seed)
    return [f"{order.randrange(1, 10 ** order.randrange(1, 14))}.{order.randrange(10**6):06}" for _ in range(200)]


@pytest.mark.parametrize("amounts", [AMOUNTS, _random_amounts(1)], ids=["chosen", "random"])
async def test_an_amount_is_kept_as_the_decimal_that_it_is(pool: Pool, amounts: list[str]) -> None:
    lots = [{"batch": f"a/b/{place}", "quantity": amount, "unit": "kg"} for place, amount in enumerate(amounts)]
    raw = made("e1", in_batches=[], out_batches=lots)
    await PostgresLedger(pool).take([raw])
    texts = [amount for _, _, _, amount, _ in fast.read(raw).quantities]
    assert [Decimal(text) for text in texts] == [Decimal(amount) for amount in amounts]
    # PostgreSQL reads the same numbers from text; equal in value, in spelling, in order, and in what they add up to.
    rows = await pool.fetch(
        """
        select m.amount, m.amount = t.text::numeric as equal, m.amount::text = t.text as alike, m.unit,
               sum(m.amount) over () = sum(t.text::numeric) over () as adds_up,
               rank() over (order by m.amount) = rank() over (order by t.text::numeric) as ordered
        from unnest($1::text[]) with ordinality t (text, place)
        join batch b on b.key = 'a/b/' || (t.place - 1) join mention m on m.batch = b.number order by t.place
        """,
        texts,
    )
    assert [row["amount"] for row in rows] == [Decimal(amount) for amount in amounts]
    assert {tuple(list(row.values())[1:]) for row in rows} == {(True, True, "KGM", True, True)}


async def test_a_lot_that_goes_in_with_an_amount_and_comes_out_without_is_told_twice(pool: Pool) -> None:
    lot = {"batch": "a/b/c", "quantity": "5", "unit": "kg"}
    await PostgresLedger(pool).take([made("e1", in_batches=[lot], out_batches=["a/b/c"])])
    rows = await pool.fetch("select role, amount from mention order by role")
    assert [tuple(row.values()) for row in rows] == [(1, Decimal(5)), (2, None)]


async def test_texts_of_all_scripts_are_kept(pool: Pool) -> None:
    raw = made("号码 🥬 é", out="农场/菠菜/批次🥬1", site="东区 3 号大棚", operator="合作社", grid_unit="410105")
    await PostgresLedger(pool).take([raw])
    (event,) = await PostgresLedger(pool).events()
    assert (event.id, event.site, event.operator, event.grid) == ("号码 🥬 é", "东区 3 号大棚", "合作社", "410105")
    assert await ledger_read.batch_number(pool, "农场/菠菜/批次🥬1") is not None


async def test_each_mention_is_one_row_with_its_quantity_if_it_has_one(pool: Pool) -> None:
    received = {
        "id": "r1",
        "kind": "received",
        "operator": "market",
        "site": "market-5",
        "at": "2026-03-03",
        "batches": [{"batch": "hof-1/leaf/L1", "quantity": 3, "unit": "kg"}, "hof-1/leaf/L2"],
    }
    same = {"id": "s1", "kind": "same_batch", "batches": ["hof-1/leaf/L1", "hof-1/leaf/L7"]}
    tested = {
        "id": "t1",
        "kind": "tested",
        "batch": "hof-1/leaf/L1",
        "lab": "lab-1",
        "report": "R1",
        "hazard_class": "pathogen",
        "hazard": "STEC",
        "method": "confirmatory",
        "verdict": "failed",
    }
    await PostgresLedger(pool).take([json.dumps(event).encode() for event in (received, same, tested)])
    rows = await pool.fetch(
        "select b.key, s.key as site, m.event & 65535 as event, m.role, m.amount from mention m"
        " join batch b on b.number = m.batch left join site s on s.number = m.site order by event, b.key"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("hof-1/leaf/L1", "market-5", 0, 4, Decimal(3)),
        ("hof-1/leaf/L2", "market-5", 0, 4, None),
        ("hof-1/leaf/L1", None, 1, 0, None),
        ("hof-1/leaf/L7", None, 1, 0, None),
        ("hof-1/leaf/L1", None, 2, 0, None),
    ]


def test_what_postgres_cannot_hold_in_a_text_is_spelled_out() -> None:
    assert storable("a\0b\ud800é") == "a\\x00b\\ud800é"
