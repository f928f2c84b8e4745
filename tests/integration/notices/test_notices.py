"""Notices: every change told once or more under one id, in order by subject, signed, and by nobody held up."""

from __future__ import annotations

import asyncio
import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from fieldline_streams.embedded.runtime import Runtime, opened
from fieldline_trace.notices import subscribers
from fieldline_trace.notices.sealing import Seals
from fieldline_trace.settings import Settings
from fieldline_trace.store import borrowed
from standardwebhooks import WebhookVerificationError

from tests.integration.feed.conftest import harvested, result, say, story
from tests.integration.notices.receiver import SECONDS, Got, Receiver, receiving

NOW = 1_772_323_200_000_000
BOTH = ("alerts", "scope-changes")


async def subscribed(runtime: Runtime, receiver: Receiver, **more: Any) -> dict[str, Any]:
    asked: dict[str, Any] = {"topics": BOTH, "content": "whole", "tenant": "default", "note": "", "by": "admin"}
    async with borrowed(runtime.pool) as conn:
        return await subscribers.add(conn, url=receiver.url, now=NOW, loopback=True, **asked | more)


async def listed(runtime: Runtime, subscriber: str, state: str | None = None) -> list[dict[str, Any]]:
    async with borrowed(runtime.pool) as conn:
        return await subscribers.notices(conn, subscriber, None, state, 10_000)


async def until_settled(runtime: Runtime, subscriber: str, state: str, count: int) -> list[dict[str, Any]]:
    async with asyncio.timeout(SECONDS):
        while len(found := await listed(runtime, subscriber, state)) < count or await listed(  # noqa: ASYNC110
            runtime, subscriber, "waiting"
        ):
            await asyncio.sleep(0.01)
    return found


async def written(runtime: Runtime) -> list[str]:
    """Ids of all changes that the judge wrote, by subject in order."""
    rows = await runtime.pool.fetch(
        "select 'alert.' || id || '.' || version as id, position from alert_version"
        " union all select 'scope.' || scope || '.' || version, position from scope_version order by position"
    )
    return [row["id"] for row in rows]


def by_subject(ids: list[str]) -> dict[str, list[int]]:
    """Versions in their order, by subject; repeats of a version next to each other are one."""
    found: dict[str, list[int]] = {}
    for one in ids:
        subject, _, version = one.rpartition(".")
        versions = found.setdefault(subject, [])
        if versions[-1:] != [int(version)]:
            versions.append(int(version))
    return found


async def test_every_change_is_told_in_order_by_subject_and_signed(runtime: Runtime) -> None:
    async with receiving() as receiver:
        made = await subscribed(runtime, receiver)
        await say(runtime, *story(6))
        ids = await written(runtime)
        got = await receiver.until(lambda got: len({one.id for one in got}) >= len(ids))
        assert by_subject([one.id for one in got]) == by_subject(ids)
        for one in got:
            said = one.verified(made["secret"])
            kind, _, rest = one.id.partition(".")
            assert said["data"][kind] == rest.rpartition(".")[0]
            assert said["timestamp"] == said["data"]["at"]
        with pytest.raises(WebhookVerificationError):
            got[0].verified("whsec_" + "A" * 43 + "=")


async def test_what_came_before_is_not_told_and_topics_and_content_are_as_asked_for(runtime: Runtime) -> None:
    await say(runtime, *story(2))
    async with receiving() as receiver:
        await subscribed(runtime, receiver, topics=("alerts",), content="ids")
        await say(runtime, ("producer", harvested(9)), ("laboratory", result(9)))
        [got] = await receiver.until(lambda got: bool(got))
        assert got.said["type"] == "alert.raised"
        assert set(got.said["data"]) == {"position", "at", "alert", "version", "change", "rule"}


async def test_history_raises_no_notices(runtime: Runtime) -> None:
    async with receiving() as receiver:
        made = await subscribed(runtime, receiver)
        for sender, role, event in (("farm-1", "producer", harvested(1)), ("lab", "laboratory", result(1))):
            await runtime.hand_in([json.dumps(event).encode()], sender=sender, role=role, history=True)
        await say(runtime, ("producer", harvested(2)), ("laboratory", result(2)))
        got = await receiver.until(lambda got: any(one.said["type"] == "alert.raised" for one in got))
        assert {one.said["data"]["subject"] for one in got if one.id.startswith("alert")} == {"farm-2/leaf/L1"}
        assert not [one for one in await listed(runtime, made["id"]) if "farm-1" in one["subject"]]


async def test_what_fails_is_tried_again_under_its_id_and_what_follows_of_its_subject_waits(runtime: Runtime) -> None:
    fails = itertools.count()
    async with receiving(lambda got: 503 if next(fails) < 2 else 204) as receiver:
        await subscribed(runtime, receiver)
        await say(runtime, *story(3))
        ids = await written(runtime)
        got = await receiver.until(lambda got: len(got) >= len(ids) + 2)
        assert {one.id for one in got} == set(ids)
        assert by_subject([one.id for one in got]) == by_subject(ids)


async def test_what_is_given_up_is_listed_and_sent_again_on_demand(runtime: Runtime) -> None:
    works = False
    async with receiving(lambda got: 204 if works else 500) as receiver:
        made = await subscribed(runtime, receiver, topics=("alerts",))
        await say(runtime, ("producer", harvested(1)), ("laboratory", result(1)))
        [dead] = await until_settled(runtime, made["id"], "dead", 1)
        assert (dead["tries"], dead["said"]) == (3, "HTTP 500")
        works = True
        async with borrowed(runtime.pool) as conn:
            assert await subscribers.replay(conn, made["id"], None, None, now=NOW) == 1
        [again] = await until_settled(runtime, made["id"], "delivered", 1)
        assert again["id"] == dead["id"] == receiver.got[-1].id


async def test_one_that_does_not_answer_keeps_no_other_waiting(runtime: Runtime) -> None:
    async with receiving(lambda got: 0) as silent, receiving() as prompt:
        slow = await subscribed(runtime, silent)
        await subscribed(runtime, prompt)
        await say(runtime, *story(20))
        ids = await written(runtime)
        await prompt.until(lambda got: len({one.id for one in got}) >= len(ids))
        assert not await listed(runtime, slow["id"], "delivered")


async def test_a_receiver_that_redirects_is_not_followed(runtime: Runtime) -> None:
    async with receiving() as elsewhere, receiving(lambda got: 307) as receiver:
        receiver.more = {"location": elsewhere.url}
        made = await subscribed(runtime, receiver, topics=("alerts",))
        await say(runtime, ("producer", harvested(1)), ("laboratory", result(1)))
        [dead] = await until_settled(runtime, made["id"], "dead", 1)
        assert dead["said"] == "HTTP 307"
        assert elsewhere.got == []


async def test_a_receiver_that_is_gone_is_not_tried_again(runtime: Runtime) -> None:
    async with receiving(lambda got: 410) as receiver:
        made = await subscribed(runtime, receiver, topics=("alerts",))
        await say(runtime, ("producer", harvested(1)), ("laboratory", result(1)))
        [dead] = await until_settled(runtime, made["id"], "dead", 1)
        assert dead["tries"] == len(receiver.got) == 1


async def test_a_rotated_secret_signs_beside_the_old_one_until_its_grace_is_over(runtime: Runtime) -> None:
    async with receiving() as receiver:
        made = await subscribed(runtime, receiver, topics=("alerts",))
        async with borrowed(runtime.pool) as conn:
            renewed = await subscribers.rotate(conn, made["id"], None, now=NOW, grace=NOW)
            await say(runtime, ("producer", harvested(1)), ("laboratory", result(1)))
            first = (await receiver.until(lambda got: len(got) == 1))[0]
            assert first.verified(made["secret"]) == first.verified(renewed["secret"])
            last = await subscribers.rotate(conn, made["id"], None, now=NOW, grace=0)
        await say(runtime, ("producer", harvested(2)), ("laboratory", result(2)))
        second = (await receiver.until(lambda got: len(got) == 2))[1]
        second.verified(last["secret"])
        with pytest.raises(WebhookVerificationError):
            second.verified(renewed["secret"])


async def test_a_trial_is_posted_and_what_became_of_it_is_listed(runtime: Runtime) -> None:
    async with receiving() as receiver:
        made = await subscribed(runtime, receiver)
        async with borrowed(runtime.pool) as conn:
            trial = await subscribers.attempt(conn, made["id"], None, now=NOW)
        [got] = await receiver.until(lambda got: bool(got))
        assert (got.id, got.said["type"], got.said["data"]) == (trial, "test", {"subscriber": made["id"]})
        [told] = await until_settled(runtime, made["id"], "delivered", 1)
        assert (told["id"], told["said"]) == (trial, "HTTP 204")


async def test_who_was_removed_is_told_nothing_more(runtime: Runtime) -> None:
    async with receiving(lambda got: 500) as receiver, receiving() as other:
        made = await subscribed(runtime, receiver, topics=("alerts",))
        await subscribed(runtime, other)
        await say(runtime, ("producer", harvested(1)), ("laboratory", result(1)))
        await receiver.until(lambda got: bool(got))
        async with borrowed(runtime.pool) as conn:
            await subscribers.remove(conn, made["id"], None, now=NOW)
            assert made["id"] not in [one["id"] for one in await subscribers.listed(conn, None)]
        await say(runtime, ("producer", harvested(2)), ("laboratory", result(2)))
        await other.until(lambda got: len(got) >= 4)
        assert len({one.id for one in receiver.got}) == 1
        assert (
            await runtime.pool.fetchval(
                "select count(*) from notice where subscriber = $1 and state = 'waiting'", made["id"]
            )
            == 0
        )


async def test_a_restart_tells_what_was_not_told_and_nothing_is_left_out(settings: Settings) -> None:
    works = False

    def answer(got: Got) -> int:
        return 204 if works else 0

    async with receiving(answer) as receiver:
        async with opened(settings) as runtime:
            made = await subscribed(runtime, receiver)
            await say(runtime, *story(3))
            await receiver.until(lambda got: bool(got))
        works = True
        async with opened(settings) as runtime:
            await runtime.pool.execute("update notice set leased_until = 0")  # as if the lease had run out
            await say(runtime, *story(2, start=10))
            ids = await written(runtime)
            await until_settled(runtime, made["id"], "delivered", len(ids))
        assert {one.id for one in receiver.got} == set(ids)


async def test_how_long_it_took_until_somebody_knew_is_measured(runtime: Runtime) -> None:
    async with receiving() as receiver:
        made = await subscribed(runtime, receiver, topics=("alerts",))
        await say(runtime, ("producer", harvested(1)), ("laboratory", result(1)))
        await until_settled(runtime, made["id"], "delivered", 1)
    said = {one.name: one.value for metric in runtime.metrics.registry.collect() for one in metric.samples}
    assert said["fieldline_notice_delay_seconds_count"] == 1
    assert said["fieldline_notices_total"] == 1


async def test_secrets_are_kept_sealed_and_notices_bear_their_signatures(settings: Settings, tmp_path: Path) -> None:
    key = tmp_path / "webhook.key"
    key.write_text("k" * 32)
    sealing = settings.model_copy(update={"webhook_key_file": key})
    async with opened(sealing) as runtime, receiving() as receiver:
        made = await subscribed(runtime, receiver, seals=Seals.of(sealing))
        kept = await runtime.pool.fetchval("select secret from subscriber")
        assert (kept[:7], made["secret"] in kept) == ("sealed:", False)
        async with borrowed(runtime.pool) as conn:
            await subscribers.attempt(conn, made["id"], None, now=NOW)
        (got,) = await receiver.until(lambda got: len(got) == 1)
        assert got.verified(made["secret"])["type"] == "test"
