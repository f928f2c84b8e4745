"""Who says what on Kafka: signatures, doors, trusted headers, and everything that is none of them."""

from __future__ import annotations

import hmac
import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from fieldline_schemas.faults import Fault
from fieldline_streams.kafka import signing
from fieldline_streams.kafka.envelope import NOBODY, Envelopes
from fieldline_streams.kafka.signing import DoorSigner, KeysKnown, Signer
from fieldline_trace.api.http.credentials import id_of
from fieldline_trace.capture import Accepted, Deployment, Door, Handed, Refused, mend, replay, take_all
from fieldline_trace.errors import Rejected
from fieldline_trace.settings import Settings
from fieldline_trace.store import Pool

from tests.integration.kafka.saying import event, key_for, now, record

SECRET = bytes(range(32))


async def _read(pool: Pool, *said: tuple[bytes | None, Sequence[tuple[str, bytes]]], **settings: Any) -> list[Handed]:
    envelopes = Envelopes(Settings(**settings), SECRET, KeysKnown(pool))
    return await envelopes.handed([record(value, headers) for value, headers in said])


def _refused(handed: Handed, code: str, door: Door = NOBODY) -> None:
    assert handed.fault is not None
    assert (handed.fault.code, handed.door) == (code, door)
    assert handed.fault.told("en") != handed.fault.told("zh-CN")


async def test_a_signed_event_is_its_key_holders_as_by_http(pool: Pool) -> None:
    key = await key_for(pool, "hof-1", operators=("neighbour",))
    value = event("e1")
    (handed,) = await _read(pool, (value, Signer(key).headers(value)))
    assert handed == Handed(value, Door("hof-1", "producer", "default", "kafka", frozenset({"hof-1", "neighbour"})))


async def test_the_signature_is_the_hmac_under_the_hash_of_the_key(pool: Pool) -> None:
    """As whoever has no Python would make it."""
    key = await key_for(pool, "hof-1")
    value, name = event("e1"), id_of(key)
    assert name is not None
    made = hmac.new(sha256(key.encode()).digest(), value, sha256).hexdigest()
    headers = [("fieldline-key", name.encode()), ("fieldline-signature", made.encode())]
    assert (await _read(pool, (value, headers)))[0].fault is None
    assert Signer(key).headers(value) == headers


async def test_what_nobody_signed_or_signed_wrongly_is_nobodys(pool: Pool) -> None:
    key, other = await key_for(pool, "hof-1"), await key_for(pool, "hof-2")
    value = event("e1")
    good, others = Signer(key).headers(value), Signer(other).headers(value)
    cases: dict[str, Sequence[tuple[str, bytes]]] = {
        "message_unsigned": [("fieldline-sender", b"hof-1")],
        "message_signature": [good[0], others[1]],
        "message_key_unknown": [("fieldline-key", b"nobody"), good[1]],
    }
    for code, headers in cases.items():
        _refused((await _read(pool, (value, headers)))[0], code)
    for signature in (b"", b"\xff\x00", good[1][1].upper(), good[1][1][:-1]):
        _refused((await _read(pool, (value, [good[0], ("fieldline-signature", signature)])))[0], "message_signature")
    _refused((await _read(pool, (event("e2"), good)))[0], "message_signature")
    _refused((await _read(pool, (value, [("fieldline-key", b"\xff\xfe"), good[1]])))[0], "message_key_unknown")


async def test_a_key_that_is_revoked_opens_nothing_and_one_that_is_over_is_kept_as_its_holders(pool: Pool) -> None:
    revoked, over = await key_for(pool, "hof-1"), await key_for(pool, "hof-2")
    await pool.execute("update api_key set revoked_at = $2 where id = $1", id_of(revoked), now())
    await pool.execute("update api_key set expires_at = $2 where id = $1", id_of(over), now() - 1)
    value = event("e1")
    one, two = await _read(pool, *[(value, Signer(key).headers(value)) for key in (revoked, over)])
    _refused(one, "message_key_closed")
    _refused(two, "message_key_closed", Door("hof-2", "producer", "default", "kafka", frozenset({"hof-2"})))


@pytest.mark.parametrize("fresh", [1000.0, -1.0])
async def test_what_is_known_of_a_key_is_asked_for_again_when_it_is_no_longer_fresh(
    pool: Pool, monkeypatch: pytest.MonkeyPatch, fresh: float
) -> None:
    assert signing.FRESH_SECONDS <= 2, "a revoked key is to be refused within seconds"
    monkeypatch.setattr(signing, "FRESH_SECONDS", fresh)
    key = await key_for(pool, "hof-1")
    value = event("e1")
    envelopes = Envelopes(Settings(), SECRET, KeysKnown(pool))
    records = [record(value, Signer(key).headers(value))]
    assert (await envelopes.handed(records))[0].fault is None
    await pool.execute("update api_key set revoked_at = $2 where id = $1", id_of(key), now())
    assert ((await envelopes.handed(records))[0].fault is None) == (fresh > 0)


async def test_an_authority_of_an_area_and_a_reader_hand_in_by_http(pool: Pool) -> None:
    value = event("e1")
    area = await key_for(pool, "bureau", "regulator", grid="4101")
    everywhere = await key_for(pool, "office", "regulator")
    bounded, free = await _read(pool, *[(value, Signer(key).headers(value)) for key in (area, everywhere)])
    _refused(bounded, "message_area")
    assert free == Handed(value, Door("office", "regulator", channel="kafka"))


async def test_a_door_of_the_deployment_is_believed_with_its_bounds_and_no_other_is(pool: Pool) -> None:
    door = Door("hof-1", "producer", "north", "http", frozenset({"hof-1"}))
    value = event("e1")
    headers = DoorSigner(SECRET, door, history=True).headers(value)
    foreign = DoorSigner(bytes(32), door).headers(value)
    wider = DoorSigner(SECRET, Door("hof-1", "emergency")).headers(value)
    read = await _read(
        pool, (value, headers), (value, foreign), (value, [wider[0], headers[1]]), (event("e2"), headers)
    )
    assert read[0] == Handed(value, door, history=True)
    for one in read[1:]:
        _refused(one, "message_signature")


async def test_headers_are_trusted_only_where_the_deployment_says_so_and_never_for_who_decides(pool: Pool) -> None:
    value = event("e1")

    def said(sender: bytes, role: bytes) -> tuple[bytes, list[tuple[str, bytes]]]:
        return value, [("fieldline-sender", sender), ("fieldline-role", role)]

    _refused((await _read(pool, said(b"hof-1", b"producer")))[0], "message_unsigned")
    named, lab, decides, empty = await _read(
        pool,
        said(b"hof-1", b"producer"),
        said(b"lab-2", b"laboratory"),
        said(b"office", b"emergency"),
        said(b"", b"producer"),
        kafka_trust="headers",
    )
    assert named == Handed(value, Door("hof-1", "producer", channel="kafka"))
    assert lab == Handed(value, Door("lab-2", "laboratory", channel="kafka"))
    _refused(decides, "message_role")
    _refused(empty, "message_header")


async def test_who_signs_is_read_as_signed_where_headers_are_trusted(pool: Pool) -> None:
    key = await key_for(pool, "hof-1")
    value = event("e1")
    headers = [*Signer(key).headers(b"something else"), ("fieldline-sender", b"hof-2")]
    (handed,) = await _read(pool, (value, headers), kafka_trust="headers")
    _refused(handed, "message_signature")


async def test_a_message_without_a_value_is_something_that_is_refused(pool: Pool) -> None:
    key = await key_for(pool, "hof-1")
    (handed,) = await _read(pool, (None, Signer(key).headers(b"")))
    assert handed.raw == b""


async def test_headers_that_hold_nothing_or_what_no_database_holds_are_refused_and_kept(pool: Pool) -> None:
    """Whoever may write to a topic could else stop its partition for everybody."""
    value = event("e1")
    cases: list[tuple[str, Sequence[tuple[str, Any]], dict[str, Any]]] = [
        ("message_key_unknown", [("fieldline-key", b"a\0b"), ("fieldline-signature", b"\0")], {}),
        ("message_key_unknown", [("fieldline-key", b"a" * 100_000)], {}),
        ("message_key_unknown", [("fieldline-key", None), ("fieldline-signature", None)], {}),
        ("message_signature", [("fieldline-door", None), ("fieldline-signature", None)], {}),
        ("message_signature", [("fieldline-door", b"{}")], {}),
        ("message_unsigned", [("\0", b"\0")], {}),
        ("message_header", [("fieldline-sender", None)], {"kafka_trust": "headers"}),
        ("message_header", [("fieldline-sender", b"hof\0")], {"kafka_trust": "headers"}),
        ("message_role", [("fieldline-sender", b"hof"), ("fieldline-role", b"\0")], {"kafka_trust": "headers"}),
        ("message_role", [("fieldline-sender", b"hof"), ("fieldline-role", None)], {"kafka_trust": "headers"}),
    ]
    for code, headers, settings in cases:
        handed = await _read(pool, (value, headers), **settings)
        _refused(handed[0], code)
        async with pool.acquire() as conn:
            (receipt,) = await take_all(conn, handed)
        assert isinstance(receipt, Refused)
        assert receipt.fault.code == code


async def test_nothing_of_what_nobody_signed_is_taken_in_by_being_replayed(pool: Pool) -> None:
    """Even where it names no operator, as results of tests need not."""
    tested = {
        "id": "t1", "kind": "tested", "batch": "hof-1/leaf/e1", "lab": "lab-north", "report": "R-1",
        "hazard_class": "pathogen", "hazard": "STEC", "verdict": "failed",
    }  # fmt: skip
    values = [json.dumps(tested).encode(), event("e1")]
    unsigned = await _read(pool, *[(value, []) for value in values])
    trusted = await _read(pool, *[(value, [("fieldline-sender", b"lab")]) for value in values], kafka_trust="headers")
    async with pool.acquire() as conn:
        assert [type(receipt) for receipt in await take_all(conn, trusted)] == [Accepted] * 2
        assert [type(receipt) for receipt in await take_all(conn, unsigned)] == [Refused] * 2
        replayed = await replay(conn, None, by="administrator")
        for number, receipt in replayed:
            assert isinstance(receipt, Refused)
            assert receipt.fault.code == "operator_nobody"
            with pytest.raises(Rejected, match="speak for nobody"):
                await mend(conn, number, values[0], by="administrator")
        assert len(replayed) == 2


def test_a_key_of_another_kind_signs_nothing() -> None:
    with pytest.raises(ValueError, match="no key"):
        Signer("secret")


def test_the_deployments_secret_is_made_once_and_is_its_owners(tmp_path: Path) -> None:
    secret = Deployment(tmp_path / "data").stream_key
    assert Deployment(tmp_path / "data").stream_key == secret
    assert len(secret) == 32
    assert (tmp_path / "data" / "stream.key").stat().st_mode & 0o077 == 0


def test_the_faults_of_messages_are_told_in_words() -> None:
    assert "revoked" in Fault.by("message_key_closed", why="revoked").told("en")
