"""What capture promises, of the ledger in PostgreSQL and of its twin in memory alike."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from fieldline_schemas.canonical import digest, identity_hash
from fieldline_schemas.record import AUTHORITY, EMERGENCY, HISTORICAL, MADE, MOVED, SKEWED, UNREADABLE_YET
from fieldline_schemas.registry import KINDS
from fieldline_schemas.times import FOREVER, NEVER
from fieldline_trace.capture import Accepted, Door, Refused, Repeated, Variant
from fieldline_trace.capture.door import ACTS, ROLES

from tests.integration.capture.events import (
    FARM,
    Ledger,
    PostgresLedger,
    TwinLedger,
    made,
    many,
    numbers,
    records,
    shipped,
)


@pytest.fixture(params=["postgres", "memory"])
def ledger(request: pytest.FixtureRequest) -> Ledger:
    return PostgresLedger(request.getfixturevalue("pool")) if request.param == "postgres" else TwinLedger()


async def test_what_is_accepted_is_kept_to_the_byte_in_the_order_it_came(ledger: Ledger) -> None:
    raws = [made(f"e{number}", **{"x-note": " é\u4e2d "}) for number in range(50)]
    receipts = await ledger.take(raws[:30]) + await ledger.take(raws[30:])
    assert all(isinstance(receipt, Accepted) for receipt in receipts)
    stored = sorted(await ledger.events(), key=lambda event: event.number)
    assert [event.body for event in stored] == raws
    assert [event.id for event in stored] == [f"e{number}" for number in range(50)]
    assert [event.number for event in stored] == [
        receipt.number for receipt in receipts if isinstance(receipt, Accepted)
    ]
    assert {(event.sender, event.role, event.tenant, event.channel) for event in stored} == {
        ("hof-1", "producer", "default", "http")
    }


async def test_positions_have_no_gap_and_times_of_receipt_increase(ledger: Ledger) -> None:
    for number in range(12):
        await ledger.take([made(f"e{number}")])
    entries = await ledger.entries()
    assert [entry.position for entry in entries] == list(range(1, 13))
    times = [entry.received_at for entry in entries]
    assert times == sorted(set(times))


async def test_the_same_again_changes_nothing(ledger: Ledger) -> None:
    raws = [made(f"e{number}") for number in range(20)]
    first = await ledger.take(raws)
    entries = await ledger.entries()
    again = await ledger.take(raws)
    assert again == [Repeated(r.number, r.id) for r in first if isinstance(r, Accepted)]
    assert await ledger.entries() == entries
    assert len(await ledger.events()) == 20


async def test_the_same_in_another_spelling_is_a_repeat(ledger: Ledger) -> None:
    (first,) = await ledger.take([made("e1")])
    other = json.loads(made("e1"))
    other["out_batches"][0]["quantity"] = 12.5
    other["zone"] = None
    backwards = json.dumps(dict(reversed(other.items())), indent=2).encode()
    assert isinstance(first, Accepted)
    assert await ledger.take([backwards]) == [Repeated(first.number, "e1")]


async def test_a_known_id_with_other_content_is_a_variant_and_both_stand(ledger: Ledger) -> None:
    (first,) = await ledger.take([made("e1", out="hof-1/leaf/L1")])
    (second,) = await ledger.take([made("e1", out="hof-1/leaf/L2")])
    assert isinstance(first, Accepted)
    assert isinstance(second, Variant)
    assert second.first == first.number
    assert len(await ledger.events()) == 2
    last = (await records(ledger))[-1]
    assert last.variant_of == [(0, first.number)]
    assert await ledger.take([made("e1", out="hof-1/leaf/L2"), made("e1", out="hof-1/leaf/L1")]) == [
        Repeated(second.number, "e1"),
        Repeated(first.number, "e1"),
    ]
    (third,) = await ledger.take([made("e1", out="hof-1/leaf/L3")])
    assert isinstance(third, Variant)
    assert third.first == first.number


async def test_repeats_and_variants_within_one_batch_are_told_apart(ledger: Ledger) -> None:
    one, two = made("e1", out="hof-1/leaf/L1"), made("e1", out="hof-1/leaf/L2")
    first, again, other, again_other = await ledger.take([one, one, two, two])
    assert isinstance(first, Accepted)
    assert again == Repeated(first.number, "e1")
    assert isinstance(other, Variant)
    assert other.first == first.number
    assert again_other == Repeated(other.number, "e1")
    (record,) = await records(ledger)
    assert (record.count, record.variant_of) == (2, [(1, first.number)])


async def test_one_id_of_two_senders_is_two_events(ledger: Ledger) -> None:
    other = Door("plant-7", "producer")
    (first,) = await ledger.take([made("e1")])
    (second,) = await ledger.take([made("e1")], other)
    assert isinstance(first, Accepted)
    assert isinstance(second, Accepted)
    one, two = await records(ledger)
    assert one.columns().identities[0] == identity_hash("hof-1", "e1")
    assert two.columns().identities[0] == identity_hash("plant-7", "e1")


async def test_one_id_through_two_doors_of_a_sender_is_one_event(ledger: Ledger) -> None:
    (first,) = await ledger.take([made("e1")])
    assert isinstance(first, Accepted)
    assert await ledger.take([made("e1")], Door("hof-1", "producer", channel="file")) == [Repeated(first.number, "e1")]


async def test_a_missing_id_is_derived_from_the_content(ledger: Ledger) -> None:
    raw = made(None)
    first, again = await ledger.take([raw, raw])
    assert isinstance(first, Accepted)
    assert first.id == f"urn:fieldline:event:{digest(raw).hex()[:32]}"
    assert again == Repeated(first.number, first.id)
    (other,) = await ledger.take([made(None, out="hof-1/leaf/L2")])
    assert isinstance(other, Accepted)
    assert other.id != first.id


UNREADABLE = {
    "nothing": b"",
    "a NUL": b"\0",
    "NULs in a text": b'{"kind": "harvested", "id": "a\\u0000b"}',
    "invalid UTF-8": b'{"kind": "harvested", "id": "\xff\xfe"}',
    "a lone surrogate": b'{"kind": "harvested", "id": "\\ud800"}',
    "a field named by a lone surrogate": b'{"kind": "transformed", "\\ud800": 1}',
    "a field named by a NUL": b'{"kind": "transformed", "operator": "o", "site": "s", "a\\u0000": 1}',
    "no JSON": b"<event/>",
    "a list": b"[1]",
    "a number": b"12",
    "half an event": made("e")[:-20],
    "no kind": b'{"id": "e"}',
    "an unknown kind": b'{"kind": "teleported", "id": "e"}',
    "a check digit that is wrong": made("e", out="(01)09506000134353(10)B7"),
    "an unknown field": made("e", colour="green"),
    "depth": b"[" * 100_000,
    "great size": made("e", **{"x-much": "y" * 1_000_001}),
    "a byte order mark": b"\xef\xbb\xbf" + made("e"),
    "random bytes": bytes(range(256)),
}


@pytest.mark.parametrize("what", UNREADABLE)
async def test_what_cannot_be_read_is_kept_with_the_fault_and_the_rest_goes_on(ledger: Ledger, what: str) -> None:
    raw = UNREADABLE[what]
    before, refused, after = await ledger.take([made("e1"), raw, made("e2")])
    assert isinstance(before, Accepted)
    assert isinstance(after, Accepted)
    assert isinstance(refused, Refused)
    assert refused.fault.rule
    kept = (await ledger.rejected())[refused.rejected_id]
    assert (kept.sender, kept.raw, kept.times) == ("hof-1", raw, 1)
    assert await numbers(ledger) == [before.number, after.number]


async def test_what_is_refused_twice_at_once_is_counted_twice(ledger: Ledger) -> None:
    receipts = await ledger.take([b"rubbish", b"rubbish"])
    assert len({receipt.rejected_id for receipt in receipts if isinstance(receipt, Refused)}) == 1
    assert [kept.times for kept in (await ledger.rejected()).values()] == [2]


async def test_what_is_refused_again_is_counted_not_doubled(ledger: Ledger) -> None:
    (first,) = await ledger.take([b"rubbish"])
    (again,) = await ledger.take([b"rubbish"])
    (others,) = await ledger.take([b"rubbish"], Door("plant-7", "producer"))
    assert isinstance(first, Refused)
    assert isinstance(again, Refused)
    assert isinstance(others, Refused)
    assert again.rejected_id == first.rejected_id != others.rejected_id
    kept = await ledger.rejected()
    assert [kept[number].times for number in (first.rejected_id, others.rejected_id)] == [2, 1]
    assert await ledger.entries() == []


@pytest.mark.parametrize(
    ("kind", "role", "allowed"),
    [
        ("scope_closed", "producer", False),
        ("scope_closed", "laboratory", False),
        ("scope_closed", "regulator", True),
        ("scope_closed", "emergency", True),
        ("member_released", "regulator", False),
        ("member_released", "emergency", True),
        ("clock_ticked", "emergency", False),
        ("clock_ticked", "system", True),
    ],
)
async def test_an_act_is_for_roles_that_may_do_it(ledger: Ledger, kind: str, role: str, allowed: bool) -> None:
    act = {
        "scope_closed": {"scope": "scope-1", "reason": "done"},
        "member_released": {"scope": "scope-1", "batch": "hof-1/leaf/L1", "site": "field-1", "reason": "clean"},
        "clock_ticked": {"at": "2026-03-01T00:00:00Z"},
    }[kind]
    raw = json.dumps({"kind": kind, "id": "act-1", **act}).encode()
    (receipt,) = await ledger.take([raw], Door("who", role))
    if allowed:
        assert isinstance(receipt, Accepted)
    else:
        assert isinstance(receipt, Refused)
        assert receipt.fault.field == "kind"
        assert (await ledger.rejected())[receipt.rejected_id].raw == raw


ROLE_MATRIX = {
    # kind: producer, laboratory, regulator, emergency, administrator, system
    "scope_opened": "--ye--",
    "scope_closed": "--ye--",
    "member_released": "---e--",
    "member_excluded": "---e--",
    "member_included": "--ye--",
    "incident_joined": "--ye--",
    "incident_stepped": "--ye--",
    "clock_ticked": "-----s",
    "contamination_declared": "oo" + "yea" + "-",
    "alert_acknowledged": "--yea-",
    "alert_handled": "--yea-",
    "reference_changed": "----a-",
    "consignee_notified": "oo" + "ye" + "o" + "-",
    "consignee_answered": "oo" + "ye" + "o" + "-",
    "notice_approved": "--ye--",
    "tracing_marked": "yyyyyy",
    "corrected": "yyyyyy",
    "harvested": "yyyyyy",
}
"""Who may say what: ``-`` nobody of this role, ``o`` an operator of itself, anything else whoever has the role."""


@pytest.mark.parametrize("kind", ROLE_MATRIX)
def test_each_act_is_for_these_roles_and_no_others(kind: str) -> None:
    for role, mark in zip(ROLES, ROLE_MATRIX[kind], strict=True):
        mine, others = Door("hof-1", role).forbids(kind, "hof-1"), Door("hof-1", role).forbids(kind, "plant-7")
        assert (mine is None) == (mark != "-"), role
        assert (others is None) == (mark not in "-o"), role


def test_every_kind_that_roles_hold_exists() -> None:
    assert set(ACTS) <= set(KINDS.models)
    assert set(ACTS) <= set(ROLE_MATRIX)


async def test_a_sender_speaks_for_its_operators_alone(ledger: Ledger) -> None:
    door = Door("erp-system", "producer", operators=frozenset({"hof-1", "hof-2"}))
    own, foreign = await ledger.take([made("e1"), made("e2", operator="plant-7")], door)
    assert isinstance(own, Accepted)
    assert isinstance(foreign, Refused)
    assert (foreign.fault.field, foreign.fault.value) == ("operator", "'plant-7'")
    assert "hof-1, hof-2" in foreign.fault.rule


async def test_an_event_of_a_future_version_is_kept_for_later(ledger: Ledger) -> None:
    raw = made("e1", version=99, shape="unknown to this release")
    (receipt,) = await ledger.take([raw])
    assert isinstance(receipt, Accepted)
    (record,) = await records(ledger)
    assert record.columns().flags.tolist() == [UNREADABLE_YET]
    assert record.details == [(0, digest(raw), raw)]
    assert record.columns().step_event.size == 0
    assert await ledger.take([raw]) == [Repeated(receipt.number, "e1")]


async def test_a_record_says_what_flowed_in_numbers_of_names(ledger: Ledger) -> None:
    await ledger.take([made("e1", in_batches=["a/b/1", "a/b/2"]), shipped("e2", "hof-1/leaf/L1", "market-5")])
    (record,) = await records(ledger)
    columns = record.columns()
    batch, site, party = [await ledger.names(sort) for sort in ("batch", "site", "party")]
    assert columns.kinds.tolist() == [2, 4]
    assert [party[number] for number in columns.senders.tolist()] == ["hof-1", "hof-1"]
    assert [party[number] for number in columns.operators.tolist()] == ["hof-1", "hof-1"]
    assert [site[number] for number in columns.sites.tolist()] == ["field-1", "field-1"]
    assert columns.step_event.tolist() == [0, 1]
    assert columns.step_shape.tolist() == [MADE, MOVED]
    assert [batch[number] for number in columns.in_batch.tolist()] == ["a/b/1", "a/b/2", "hof-1/leaf/L1"]
    assert [batch[number] for number in columns.out_batch.tolist()] == ["hof-1/leaf/L1", "hof-1/leaf/L1"]
    assert [site[number] for number in columns.in_site.tolist()] == ["field-1", "field-1", "field-1"]
    assert [site[number] for number in columns.out_site.tolist()] == ["field-1", "market-5"]
    assert columns.in_start.tolist() == [0, 2, 3]
    assert columns.out_start.tolist() == [0, 1, 2]


async def test_numbers_of_batches_are_dense(ledger: Ledger) -> None:
    for number in range(10):
        await ledger.take([made(f"e{number}-{place}", out=f"hof-1/leaf/L{place}") for place in range(number + 1)])
    assert sorted(await ledger.names("batch")) == list(range(1, 12))


async def test_a_lot_number_as_printed_is_found_with_its_batch(ledger: Ledger) -> None:
    labelled = {"batch": "hof-1/leaf/L1", "label": "LOT 6832"}
    await ledger.take([made("e1", out_batches=[labelled]), made("e2", out_batches=[labelled])])
    assert await ledger.labels() == {("hof-1/leaf/L1", "LOT 6832")}


async def _ahead(ledger: Ledger, hours: float) -> str:
    then = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=await ledger.now(), hours=hours)
    return then.isoformat()


async def test_what_lies_more_than_a_day_ahead_counts_as_unknown(ledger: Ledger) -> None:
    await ledger.take([made("e1", at=await _ahead(ledger, 23)), made("e2", at=await _ahead(ledger, 25))])
    (record,) = await records(ledger)
    columns = record.columns()
    assert columns.flags.tolist() == [0, SKEWED]
    assert (columns.times[0] != [NEVER, FOREVER, NEVER, FOREVER]).all()
    assert columns.times[1].tolist() == [NEVER, FOREVER, NEVER, FOREVER]


async def test_an_arrival_ahead_counts_as_unknown_while_the_departure_stands(ledger: Ledger) -> None:
    await ledger.take([shipped("e1", "hof-1/leaf/L1", "market-5", arrived=await _ahead(ledger, 30))])
    (record,) = await records(ledger)
    departed = datetime(2026, 3, 1, 22, tzinfo=UTC).timestamp() * 1_000_000
    assert record.columns().times.tolist() == [[departed, departed, NEVER, FOREVER]]
    assert record.columns().flags.tolist() == [SKEWED]


async def test_an_arrival_ahead_bounds_no_unknown_departure(ledger: Ledger) -> None:
    received = {
        "id": "r1",
        "kind": "received",
        "operator": "market",
        "site": "market-5",
        "from_site": "field-1",
        "at": await _ahead(ledger, 30),
        "batches": ["hof-1/leaf/L1"],
    }
    await ledger.take([json.dumps(received).encode()])
    (record,) = await records(ledger)
    assert record.columns().times.tolist() == [[NEVER, FOREVER, NEVER, FOREVER]]
    assert record.columns().flags.tolist() == [SKEWED]


async def test_a_planned_arrival_and_the_rest_of_the_year_may_lie_ahead(ledger: Ledger) -> None:
    year = (await _ahead(ledger, 0))[:4]
    planned = shipped("e1", "hof-1/leaf/L1", "market-5", planned_arrival=await _ahead(ledger, 500))
    await ledger.take([planned, made("e2", at=year, zone="Asia/Shanghai")])
    (record,) = await records(ledger)
    assert record.columns().flags.tolist() == [0, 0]
    assert record.columns().times[1, 1] != FOREVER


async def test_history_and_the_role_of_the_sender_are_flags_of_each_event(ledger: Ledger) -> None:
    await ledger.take([made("e1")], history=True)
    await ledger.take([made("e2")], Door("bureau", "regulator"))
    await ledger.take([made("e3")], Door("team", "emergency"))
    flags = [record.columns().flags.tolist() for record in await records(ledger)]
    assert flags == [[HISTORICAL], [AUTHORITY], [AUTHORITY | EMERGENCY]]


async def test_events_that_followers_read_whole_are_in_the_record(ledger: Ledger) -> None:
    correction = {"id": "c1", "kind": "corrected", "target": {"id": "e1"}, "action": "withdraw", "reason": "typo"}
    raw = json.dumps(correction).encode()
    await ledger.take([made("e1"), raw])
    (record,) = await records(ledger)
    assert record.details == [(1, digest(raw), raw)]


async def test_nothing_at_all_is_no_entry(ledger: Ledger) -> None:
    assert await ledger.take([]) == []
    assert await ledger.entries() == []


@pytest.mark.parametrize("seed", range(4))
async def test_nothing_is_lost_and_nothing_is_twice_however_it_comes(ledger: Ledger, seed: int) -> None:
    raws = many(400, seed, ids=120)
    contents = {(json.loads(raw)["id"], digest(raw)) for raw in raws}
    for start in range(0, len(raws), 37):
        await ledger.take(raws[start : start + 60])  # they overlap: each end is handed in twice
    stored = await ledger.events()
    counted = Counter((event.id, digest(event.body)) for event in stored)
    assert set(counted) == contents
    assert set(counted.values()) == {1}
    assert [event.number for event in sorted(stored, key=lambda e: e.number)] == sorted(await numbers(ledger))


async def test_a_door_needs_a_known_role_and_a_name() -> None:
    with pytest.raises(ValueError, match="role 'king' is none of producer"):
        Door("hof-1", "king")
    with pytest.raises(ValueError, match="sender '' is not 1 to 256"):
        Door("", "producer")
    assert FARM.flags == 0
