"""A head that was signed before tells what a chain that was made anew would hide."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fieldline_trace.capture import Broken, Checkpoint, Deployment, Verified, checkpoint, verify
from fieldline_trace.capture.key_files import SIGNING
from fieldline_trace.errors import Conflict, Rejected
from fieldline_trace.store import Pool

from tests.integration.capture.events import PostgresLedger, made


async def _signed(pool: Pool, folder: Path) -> Checkpoint:
    async with pool.acquire() as conn:
        return await checkpoint(conn, Deployment(folder).signing)


async def _held(pool: Pool, signed: Checkpoint) -> Verified | Broken:
    async with pool.acquire() as conn:
        return await verify(conn, signed)


async def _fill(pool: Pool, *names: str) -> None:
    for name in names:
        await PostgresLedger(pool).take([made(name)])


async def test_a_ledger_that_grew_goes_through_the_head_that_was_signed(pool: Pool, tmp_path: Path) -> None:
    await _fill(pool, "e1", "e2")
    signed = await _signed(pool, tmp_path)
    assert signed.position == 2
    await _fill(pool, "e3")
    found = await _held(pool, signed)
    assert isinstance(found, Verified)
    assert found.position == 3


async def test_an_empty_ledger_can_be_signed(pool: Pool, tmp_path: Path) -> None:
    signed = await _signed(pool, tmp_path)
    await _fill(pool, "e1")
    assert isinstance(await _held(pool, Checkpoint.read(signed.said())), Verified)


async def test_what_was_chained_anew_looks_whole_and_is_told_by_the_checkpoint(pool: Pool, tmp_path: Path) -> None:
    await _fill(pool, "e1", "e2", "e3")
    signed = await _signed(pool, tmp_path)
    await pool.execute(
        "do $$ declare e record; before bytea := sha256('fieldline.ledger.1'); begin"
        " update ledger set received_at = received_at + 1 where position = 2;"
        " for e in select * from ledger order by position loop"
        "  update ledger set prev = before, hash = sha256(before || int8send(e.position) || int8send(e.received_at)"
        "   || int8send(e.block) || e.leaves) where position = e.position returning hash into before;"
        " end loop; update ledger_head set hash = before; end $$"
    )
    async with pool.acquire() as conn:
        assert isinstance(await verify(conn), Verified)
    found = await _held(pool, signed)
    assert isinstance(found, Broken)
    assert found.position == 3
    assert "chained anew" in found.what


async def test_a_ledger_that_was_cut_back_is_told(pool: Pool, tmp_path: Path) -> None:
    await _fill(pool, "e1", "e2", "e3")
    signed = await _signed(pool, tmp_path)
    last = await pool.fetchval("select block << 16 from ledger where position = 3")
    for statement in (
        "delete from event where number >= $1",
        "delete from identity where number >= $1",
        "delete from mention where event >= $1",
    ):
        await pool.execute(statement, last)
    await pool.execute("delete from ledger where position = 3")
    await pool.execute(
        "update ledger_head h set position = l.position, received_at = l.received_at, hash = l.hash"
        " from ledger l where l.position = 2"
    )
    found = await _held(pool, signed)
    assert isinstance(found, Broken)
    assert found.position == 3
    assert "removed" in found.what


async def test_the_signature_holds_for_nothing_else(pool: Pool, tmp_path: Path) -> None:
    await _fill(pool, "e1")
    said = (await _signed(pool, tmp_path)).said()
    assert Checkpoint.read(json.loads(json.dumps(said))).said() == said
    other = (await _signed(pool, tmp_path / "other")).said()
    assert other["public_key"] != said["public_key"]
    wrong: list[dict[str, Any]] = [
        {"position": 2},
        {"received_at": said["received_at"] + 1},
        {"hash": "0" * 64},
        {"public_key": other["public_key"]},
        {"signature": other["signature"]},
        {"signature": "no hexadecimal"},
        {"position": "1"},
        {"position": -1},
        {"position": 2**70},
        {"position": True},
        {"hash": None},
        {"fieldline": "checkpoint 2"},
    ]
    for change in wrong:
        with pytest.raises(Rejected, match=f"against.{'signature' if len(change) > 1 else ''}"):
            Checkpoint.read(said | change)


async def test_who_has_to_have_signed_can_be_said(pool: Pool, tmp_path: Path) -> None:
    said = (await _signed(pool, tmp_path)).said()
    assert Checkpoint.read(said, said["public_key"].upper()).said() == said
    with pytest.raises(Rejected, match="public_key"):
        Checkpoint.read(said, "0" * 64)


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    first = Deployment(tmp_path).public_key
    assert Deployment(tmp_path).public_key == first
    assert (tmp_path / SIGNING).stat().st_mode & 0o077 == 0
    (tmp_path / SIGNING).write_bytes(b"no key")
    with pytest.raises(Conflict, match="Ed25519"):
        Deployment(tmp_path).signing  # noqa: B018
