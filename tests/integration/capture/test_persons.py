"""Persons are split off at the door: the ledger holds pseudonyms, and forgetting a person breaks no hash."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fieldline_schemas.personal import personal_paths
from fieldline_schemas.registry import KINDS
from fieldline_schemas.wire import decode
from fieldline_trace.capture import (
    Accepted,
    Deployment,
    Persons,
    Refused,
    Repeated,
    Verified,
    is_pseudonym,
    mend,
    replay,
    take,
    verify,
)
from fieldline_trace.capture.erase import erase, person
from fieldline_trace.capture.key_files import PSEUDONYMS
from fieldline_trace.errors import Conflict, NotFound, Rejected
from fieldline_trace.store import Pool
from hypothesis import given
from hypothesis import strategies as st

from tests.integration.capture.events import FARM, PERSONS, PostgresLedger, TwinLedger, made

SAMPLES = Path(__file__).parents[2] / "contract" / "schemas" / "samples"
NAME = "欧阳 Zoë Öztürk"


def sold(name: str = "e1", buyer: str = NAME, **more: object) -> bytes:
    """A sale to a person."""
    said = {
        "id": name,
        "kind": "sold",
        "operator": "hof-1",
        "site": "shop-1",
        "at": "2026-03-02T09:00:00+08:00",
        "batches": [{"batch": "hof-1/leaf/L1", "quantity": 1.50, "unit": "kg"}],
        "buyer": buyer,
    }
    return json.dumps(said | more, ensure_ascii=False).encode()


async def _dumped(pool: Pool) -> str:
    """All that is stored, but for the table of persons."""
    tables = await pool.fetch(
        "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where n.nspname = 'public' and c.relkind = 'r' and c.relname <> 'person'"
    )
    said = []
    for (table,) in tables:
        said += [row[0] for row in await pool.fetch(f'select t::text from "{table}" t')]
    return "\n".join(said)


async def test_nothing_but_the_table_of_persons_holds_a_person(pool: Pool) -> None:
    (receipt,) = await PostgresLedger(pool).take([sold()])
    assert isinstance(receipt, Accepted)
    (event,) = await PostgresLedger(pool).events()
    pseudonym = decode(event.body)["buyer"]
    assert is_pseudonym(pseudonym)
    people = [tuple(row) for row in await pool.fetch("select pseudonym, value from person")]
    assert people == [(pseudonym, NAME)]
    stored = await _dumped(pool)
    assert NAME not in stored
    assert NAME.encode().hex() not in stored
    async with pool.acquire() as conn:
        assert isinstance(await verify(conn), Verified)
        assert (await person(conn, pseudonym)).value == NAME


async def test_all_else_of_the_event_stays_as_it_was_said() -> None:
    said = json.loads(sold()) | {"x-note": [1.50, {"b": 1e2}]}
    raw = json.dumps(said).encode()
    split, _ = PERSONS.split(raw, "sold", "default")
    before, after = decode(raw), decode(split)
    assert {**before, "buyer": ""} == {**after, "buyer": ""}
    assert list(before) == list(after)
    assert b'[1.5, {"b": 100.0}]' in raw
    assert b'[1.5, {"b": 100.0}]' in split


async def test_the_same_person_has_the_same_pseudonym_so_a_repeat_stays_a_repeat(pool: Pool) -> None:
    ledger = PostgresLedger(pool)
    (first,) = await ledger.take([sold()])
    assert isinstance(first, Accepted)
    spaced = json.dumps(json.loads(sold()), indent=2).encode()
    assert await ledger.take([sold(), spaced]) == [Repeated(first.number, "e1")] * 2
    (event,) = await ledger.events()
    assert await ledger.take([event.body]) == [Repeated(first.number, "e1")]
    await ledger.take([sold("e2"), sold("e3", "buyer number 17")])
    buyers = [decode(event.body)["buyer"] for event in await ledger.events()]
    assert len(set(buyers)) == 2


async def test_an_id_that_is_derived_rests_on_the_pseudonym(pool: Pool) -> None:
    event = json.loads(sold())
    del event["id"]
    raw = json.dumps(event).encode()
    first, again = await PostgresLedger(pool).take([raw, raw])
    assert isinstance(first, Accepted)
    assert again == Repeated(first.number, first.id)
    stored = (await PostgresLedger(pool).events())[0].body
    twin = await TwinLedger().take([stored])
    assert isinstance(twin[0], Accepted)
    assert twin[0].id == first.id


async def test_another_installation_has_other_pseudonyms() -> None:
    other = Persons(bytes(32))
    assert other.pseudonym(NAME, "default") != PERSONS.pseudonym(NAME, "default")
    assert PERSONS.pseudonym(NAME, "default") != PERSONS.pseudonym(NAME, "another tenant")
    with pytest.raises(ValueError, match="31 bytes"):
        Persons(bytes(31))


async def test_without_a_secret_an_event_that_names_a_person_is_refused(pool: Pool) -> None:
    async with pool.acquire() as conn:
        refused, taken = await take(conn, [sold(), made("e2")], FARM)
    assert isinstance(refused, Refused)
    assert "secret" in refused.fault.rule
    assert isinstance(taken, Accepted)


async def test_a_person_is_forgotten_and_the_ledger_stays_whole(pool: Pool) -> None:
    ledger = PostgresLedger(pool)
    await ledger.take([sold(), sold("e2", "buyer number 17")])
    pseudonym = PERSONS.pseudonym(NAME, "default")
    async with pool.acquire() as conn:
        before = await verify(conn)
        erased, _ = await erase(conn, pseudonym, by="clerk", reason="asked for it")
        assert (erased.value, erased.erased_by, erased.reason) == (None, "clerk", "asked for it")
        assert await verify(conn) == before
        assert isinstance(before, Verified)
        again, gone = await erase(conn, pseudonym, by="other", reason="again")
    assert (again, gone) == (erased, 0)
    assert [row[0] for row in await pool.fetch("select value from person order by value nulls first")] == [
        None,
        "buyer number 17",
    ]


async def test_who_was_forgotten_stays_forgotten_when_named_again(pool: Pool) -> None:
    ledger = PostgresLedger(pool)
    await ledger.take([sold()])
    async with pool.acquire() as conn:
        await erase(conn, PERSONS.pseudonym(NAME, "default"), by="clerk", reason="asked for it")
    first, second = await ledger.take([sold(), sold("e2")])
    assert isinstance(first, Repeated)
    assert isinstance(second, Accepted)
    assert await pool.fetchval("select value from person") is None


@pytest.mark.parametrize("ascii_only", [True, False])
async def test_what_was_refused_and_names_the_person_is_forgotten_with_it(pool: Pool, ascii_only: bool) -> None:
    ledger = PostgresLedger(pool)
    naming = json.dumps(json.loads(sold("e2", colour="green")), ensure_ascii=ascii_only).encode()
    broken = naming[:-5]
    await ledger.take([sold(), naming, broken, b"rubbish", sold("e3", "buyer number 17", colour="green")])
    async with pool.acquire() as conn:
        _, gone = await erase(conn, PERSONS.pseudonym(NAME, "default"), by="clerk", reason="asked for it")
    assert gone == 2
    rows = await pool.fetch("select length(raw) as left, status from rejected order by number")
    assert sorted((row["left"] > 0, row["status"]) for row in rows) == [
        (False, "dismissed"),
        (False, "dismissed"),
        (True, "open"),
        (True, "open"),
    ]
    (again,) = await ledger.take([broken])
    assert isinstance(again, Refused)
    assert await pool.fetchval("select raw from rejected where number = $1", again.rejected_id) == b""


async def test_a_mended_text_is_split_off_when_it_is_taken_in_and_forgotten_like_the_original(pool: Pool) -> None:
    (refused,) = await PostgresLedger(pool).take([sold(colour="green")])
    assert isinstance(refused, Refused)
    async with pool.acquire() as conn:
        await mend(conn, refused.rejected_id, sold(), by="clerk", persons=PERSONS)
        ((_, receipt),) = await replay(conn, [refused.rejected_id], by="clerk", persons=PERSONS)
        assert isinstance(receipt, Accepted)
        assert isinstance(await verify(conn), Verified)
        await erase(conn, PERSONS.pseudonym(NAME, "default"), by="clerk", reason="asked for it")
    row = await pool.fetchrow("select raw, mended, status from rejected")
    assert row is not None
    assert tuple(row.values()) == (b"", None, "replayed")


async def test_nobody_is_behind_an_unknown_pseudonym_and_erasing_needs_a_reason(pool: Pool) -> None:
    await PostgresLedger(pool).take([sold()])
    async with pool.acquire() as conn:
        with pytest.raises(NotFound):
            await person(conn, "person-" + "0" * 32)
        with pytest.raises(NotFound):
            await erase(conn, "person-" + "0" * 32, by="clerk", reason="asked for it")
        with pytest.raises(Rejected, match="reason"):
            await erase(conn, PERSONS.pseudonym(NAME, "default"), by="clerk", reason="")


def test_every_personal_field_of_every_sample_is_split_off() -> None:
    split = 0
    for path in sorted(SAMPLES.glob("*.json")):
        said = json.loads(path.read_text("utf-8"))["said"]
        paths = personal_paths(said["kind"])
        stored, found = PERSONS.split(json.dumps(said).encode(), said["kind"], "default")
        for one in paths:
            split += _count(json.loads(stored), one)
        if not found:
            assert stored == json.dumps(said).encode()
    assert split > 0
    assert sum(bool(personal_paths(kind)) for kind in KINDS.models) > 0


def _count(said: object, path: tuple[str, ...]) -> int:
    if isinstance(said, list):
        return sum(_count(inner, path) for inner in said)
    if path:
        return _count(said[path[0]], path[1:]) if isinstance(said, dict) and path[0] in said else 0
    assert isinstance(said, str)
    assert is_pseudonym(said)
    return 1


@given(st.text(min_size=1, max_size=100).filter(lambda text: text.isprintable() and bool(text.strip())), st.booleans())
async def test_any_name_is_stored_as_the_same_pseudonym_however_it_is_spelled(name: str, ascii_only: bool) -> None:
    said = json.dumps({"kind": "sold", "buyer": name}, ensure_ascii=ascii_only).encode()
    split, found = PERSONS.split(said, "sold", "default")
    assert decode(split)["buyer"] == PERSONS.pseudonym(f" {name} ", "default")
    assert PERSONS.split(split, "sold", "default") == (split, {})
    assert list(found) == [decode(split)["buyer"]]


def test_the_secret_of_an_installation_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    first = Deployment(tmp_path).persons.pseudonym(NAME, "default")
    assert Deployment(tmp_path).persons.pseudonym(NAME, "default") == first
    assert (tmp_path / PSEUDONYMS).stat().st_mode & 0o077 == 0
    (tmp_path / PSEUDONYMS).chmod(0o644)
    with pytest.raises(Conflict, match="chmod 600"):
        Deployment(tmp_path).persons  # noqa: B018
