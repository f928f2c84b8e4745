"""What was refused can be mended and taken in, once, as said by who said it."""

from __future__ import annotations

import asyncio
import json

import pytest
from fieldline_trace.capture import (
    Accepted,
    Door,
    Receipt,
    Refused,
    Repeated,
    Variant,
    Verified,
    dismiss,
    mend,
    replay,
    verify,
)
from fieldline_trace.errors import Conflict, NotFound, Rejected
from fieldline_trace.store import Pool, ledger_read
from fieldline_trace.store.ledger_read import StoredEvent

from tests.integration.capture.events import FARM, PERSONS, PostgresLedger, made

BAD = made("e1", colour="green")
GOOD = made("e1")
MADE_READABLE = "update rejected set raw = convert_to(replace(encode(raw, 'escape'), '\"colour\"', '\"x-c\"'), 'UTF8')"


async def _refused(pool: Pool, raw: bytes = BAD, door: Door = FARM, *, history: bool = False) -> int:
    (receipt,) = await PostgresLedger(pool).take([raw], door, history=history)
    assert isinstance(receipt, Refused)
    return receipt.rejected_id


async def _mend(pool: Pool, number: int, raw: bytes = GOOD, by: str = "clerk") -> None:
    async with pool.acquire() as conn:
        await mend(conn, number, raw, by=by, persons=PERSONS)


async def _replay(
    pool: Pool, *numbers: int, by: str = "clerk", sender: str | None = None, rule: str | None = None
) -> dict[int, Receipt]:
    async with pool.acquire() as conn:
        found = await replay(conn, numbers or None, by=by, sender=sender, rule=rule, persons=PERSONS)
    return dict(found)


async def _status(pool: Pool, number: int) -> str:
    return str(await pool.fetchval("select status from rejected where number = $1", number))


async def _events(pool: Pool) -> list[StoredEvent]:
    return sorted(await PostgresLedger(pool).events(), key=lambda event: event.number)


async def _whole(pool: Pool) -> bool:
    async with pool.acquire() as conn:
        return isinstance(await verify(conn), Verified)


async def test_what_was_mended_enters_the_ledger_as_its_senders_and_names_the_mender(pool: Pool) -> None:
    number = await _refused(pool, door=Door("hof-1", "producer", channel="file"))
    await _mend(pool, number)
    assert await _status(pool, number) == "mended"
    assert await _events(pool) == []
    receipts = await _replay(pool, number, by="chief")
    assert isinstance(receipts[number], Accepted)
    (event,) = await _events(pool)
    assert (event.body, event.sender, event.role, event.channel) == (GOOD, "hof-1", "producer", "file")
    assert event.mender == "clerk"
    row = await pool.fetchrow("select status, raw, mended, mended_by, settled_by, event from rejected")
    assert row is not None
    assert tuple(row.values()) == ("replayed", BAD, GOOD, "clerk", "chief", event.number)
    assert await _whole(pool)


async def test_who_mended_is_under_the_hash(pool: Pool) -> None:
    number = await _refused(pool)
    await _mend(pool, number)
    await _replay(pool, number)
    await pool.execute("update door set mender = 'somebody else' where mender <> ''")
    assert not await _whole(pool)


async def test_it_counts_once_however_often_it_is_replayed(pool: Pool) -> None:
    number = await _refused(pool)
    await _mend(pool, number)
    first = (await _replay(pool, number))[number]
    assert isinstance(first, Accepted)
    again = await asyncio.gather(*(_replay(pool, number) for _ in range(4)))
    assert [receipts[number] for receipts in again] == [Repeated(first.number, "e1")] * 4
    assert await _replay(pool) == {}
    assert len(await _events(pool)) == 1


async def test_replays_that_race_store_one_event(pool: Pool) -> None:
    number = await _refused(pool)
    await _mend(pool, number)
    receipts = [found[number] for found in await asyncio.gather(*(_replay(pool, number) for _ in range(5)))]
    assert sorted(type(receipt).__name__ for receipt in receipts) == ["Accepted", *["Repeated"] * 4]
    assert len(await _events(pool)) == 1


async def test_the_sender_handing_in_the_mended_text_later_repeats_it(pool: Pool) -> None:
    number = await _refused(pool)
    await _mend(pool, number)
    first = (await _replay(pool, number))[number]
    assert isinstance(first, Accepted)
    assert await PostgresLedger(pool).take([GOOD]) == [Repeated(first.number, "e1")]
    assert await _status(pool, number) == "replayed"


async def test_history_stays_history_and_the_role_its_own(pool: Pool) -> None:
    number = await _refused(pool, door=Door("bureau", "regulator"), history=True)
    await _mend(pool, number)
    await _replay(pool, number)
    row = await pool.fetchrow("select d.history, d.role from event e join door d on d.number = e.door")
    assert row is not None
    assert tuple(row.values()) == (True, "regulator")


async def test_a_text_that_cannot_be_taken_either_is_no_mending(pool: Pool) -> None:
    number = await _refused(pool)
    with pytest.raises(Rejected, match="shape"):
        await _mend(pool, number, made("e1", shape="round"))
    act = json.dumps({"kind": "scope_closed", "id": "a", "scope": "scope-1", "reason": "done"}).encode()
    with pytest.raises(Rejected, match="only the role"):
        await _mend(pool, number, act)
    assert await _status(pool, number) == "open"


async def test_what_still_cannot_be_read_stays_open_with_todays_fault(pool: Pool) -> None:
    number = await _refused(pool)
    await pool.execute("update rejected set field = 'x', rule = 'an older release said so'")
    receipts = await _replay(pool, number)
    assert isinstance(receipts[number], Refused)
    row = await pool.fetchrow("select status, field, times from rejected")
    assert row is not None
    assert tuple(row.values()) == ("open", "colour", 1)


async def test_after_a_fix_of_the_reader_all_that_were_refused_for_a_rule_are_replayed(pool: Pool) -> None:
    """The fix is made by hand here: the texts are put right in the table as if they had always been readable."""
    taken = [await _refused(pool, made(f"e{place}", colour="green")) for place in range(3)]
    other = await _refused(pool, b"rubbish")
    foreign = await _refused(pool, made("f1", colour="green"), Door("plant-7", "producer"))
    await pool.execute(MADE_READABLE)
    receipts = await _replay(pool, rule="no such field", sender="hof-1")
    assert sorted(receipts) == taken
    assert all(isinstance(receipt, Accepted) for receipt in receipts.values())
    assert [await _status(pool, number) for number in (*taken, other, foreign)] == [*["replayed"] * 3, "open", "open"]
    assert [event.mender for event in await _events(pool)] == ["", "", ""]
    assert isinstance((await _replay(pool))[foreign], Accepted)


async def test_what_is_handed_in_anew_under_the_same_id_closes_the_open_row(pool: Pool) -> None:
    number, mended = await _refused(pool), await _refused(pool, made("e2", colour="red"))
    other = await _refused(pool, made("e1", colour="green"), Door("plant-7", "producer"))
    await _mend(pool, mended, made("e2"))
    first, second = await PostgresLedger(pool).take([GOOD, made("e2", out="hof-1/leaf/L2")])
    assert isinstance(first, Accepted)
    assert isinstance(second, Accepted)
    rows = await pool.fetch("select number, status, event from rejected order by number")
    assert [tuple(row.values()) for row in rows] == [
        (number, "resent", first.number),
        (mended, "resent", second.number),
        (other, "open", None),
    ]
    assert (await _replay(pool, number))[number] == Repeated(first.number, "e1")
    with pytest.raises(Conflict, match="resent"):
        await _mend(pool, number)


async def test_of_one_micro_batch_the_last_word_under_an_id_counts(pool: Pool) -> None:
    await PostgresLedger(pool).take([BAD, GOOD])
    assert await pool.fetchval("select status from rejected") == "resent"
    await PostgresLedger(pool).take([made("e9"), made("e9", colour="green")])
    assert await pool.fetchval("select status from rejected order by number desc") == "open"


async def test_a_repeat_of_what_is_known_closes_nothing(pool: Pool) -> None:
    ledger = PostgresLedger(pool)
    await ledger.take([GOOD])
    number = await _refused(pool)
    await ledger.take([GOOD])
    assert await _status(pool, number) == "open"


async def test_a_replay_that_conflicts_with_what_was_said_since_is_a_variant(pool: Pool) -> None:
    number = await _refused(pool)
    await _mend(pool, number, made("e5"))
    await PostgresLedger(pool).take([made("e5", out="hof-1/leaf/L2")])
    assert isinstance((await _replay(pool, number))[number], Variant)


async def test_handed_in_again_unmended_it_is_counted_and_keeps_its_fate(pool: Pool) -> None:
    number = await _refused(pool)
    await _mend(pool, number)
    await _replay(pool, number)
    assert await _refused(pool) == number
    row = await pool.fetchrow("select status, times from rejected")
    assert row is not None
    assert tuple(row.values()) == ("replayed", 2)


async def test_what_was_dismissed_has_a_reason_and_is_not_replayed(pool: Pool) -> None:
    number = await _refused(pool)
    async with pool.acquire() as conn:
        with pytest.raises(Rejected, match="reason"):
            await dismiss(conn, [number], by="clerk", reason=" ")
        await dismiss(conn, [number], by="clerk", reason="a test of the scanner")
        await dismiss(conn, [number], by="other", reason="again")
    row = await pool.fetchrow("select status, settled_by, reason from rejected")
    assert row is not None
    assert tuple(row.values()) == ("dismissed", "clerk", "a test of the scanner")
    with pytest.raises(Conflict, match="dismissed"):
        await _replay(pool, number)
    assert await _replay(pool) == {}


async def test_the_text_of_what_was_dismissed_may_be_forgotten_and_it_is_known_again_all_the_same(pool: Pool) -> None:
    number = await _refused(pool)
    async with pool.acquire() as conn:
        await dismiss(conn, [number], by="clerk", reason="it named a person")
        await dismiss(conn, [number], by="clerk", reason="it named a person", erase=True)
    row = await pool.fetchrow("select status, raw, value, reason from rejected")
    assert row is not None
    assert tuple(row.values()) == ("dismissed", b"", "", "it named a person")
    assert await _refused(pool) == number
    assert await pool.fetchval("select raw from rejected") == b""


async def test_what_is_in_the_ledger_cannot_be_dismissed(pool: Pool) -> None:
    number = await _refused(pool)
    await _mend(pool, number)
    await _replay(pool, number)
    async with pool.acquire() as conn:
        with pytest.raises(Conflict, match="correct the event"):
            await dismiss(conn, [number], by="clerk", reason="no")


async def test_a_number_that_is_unknown_or_anothers_is_not_found(pool: Pool) -> None:
    number = await _refused(pool)
    with pytest.raises(NotFound):
        await _replay(pool, number, 999)
    with pytest.raises(NotFound):
        await _replay(pool, number, sender="plant-7")
    assert await _status(pool, number) == "open"


async def test_many_are_replayed_with_a_receipt_each(pool: Pool) -> None:
    ledger = PostgresLedger(pool)
    for some in range(3):
        door = Door(f"sender-{some}", "producer")
        await ledger.take([made(f"e{place}", **{"x-y": "y" * 1_000_001}) for place in range(3)], door)
    await ledger.take([made(f"a{place}", colour="x") for place in range(1200)])
    await pool.execute(MADE_READABLE)
    receipts = await _replay(pool)
    outcomes = [type(receipt).__name__ for receipt in receipts.values()]
    assert (outcomes.count("Accepted"), outcomes.count("Refused")) == (1200, 9)
    assert list(receipts) == sorted(receipts)
    assert (await ledger_read.head(pool)).position == 3
