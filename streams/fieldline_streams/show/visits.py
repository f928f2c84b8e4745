"""How each operation of the door is asked for, for one's own data and for another's: what the matrix of roles asks.

Two chains that know nothing of each other: a lot of ``hof-1`` in one county, tested by one laboratory, and a lot of
``hof-9`` in another.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from fieldline_trace.api.access_log import AccessLog
from fieldline_trace.api.caller import Caller
from fieldline_trace.capture.personal import Persons

from fieldline_streams.embedded.door import WallClock
from fieldline_streams.embedded.runtime import Runtime

HAZARD = {"hazard_class": "pathogen", "hazard": "Salmonella"}
SENDERS = {
    "producer": "hof-1", "laboratory": "lab-1", "regulator": "county-41", "emergency": "team-1",
    "administrator": "admin-1", "public": "citizen-1",
}  # fmt: skip
"""Who comes in each role. What is the caller's own is the chain of hof-1, and what this sender handed in."""
PERSON = "informant number 4"
YES = range(200, 300)
RECEIVER = "https://receiver.example/hook"
"""Who is told; nobody there answers."""
NOBODY = "nobody"
"""Who comes without a key, beside the roles."""


@dataclass(slots=True)
class Chain:
    """A lot, what was judged of it, and what its sender handed in."""

    sender: str
    batch: str
    site: str
    alert: str = ""
    scope: str = ""


@dataclass(slots=True)
class Sent:
    """What a sender handed in: one event that was taken and one that was refused."""

    receipt: str
    rejected: int
    id: str


@dataclass(slots=True)
class Scene:
    """All that the matrix asks about."""

    base: str
    local: httpx.AsyncClient
    chains: dict[str, Chain]
    sent: dict[str, Sent] = field(default_factory=dict)
    pseudonym: str = ""
    subscriber: str = ""
    position: int = 0
    numbers: int = 0

    def fresh(self) -> int:
        """A number that was not used yet."""
        self.numbers += 1
        return self.numbers

    async def key(self, role: str, sender: str = "") -> tuple[str, str]:
        """A new key of a role, and its id."""
        asked: dict[str, Any] = {"sender": sender or SENDERS[role], "role": role}
        if role == "regulator":
            asked["grid"] = "41"
        made = (await self.local.post("/v1/keys", json=asked)).raise_for_status().json()
        return made["key"], made["made"]["id"]


@dataclass(slots=True)
class Visitor:
    """Who asks, for whose data."""

    scene: Scene
    role: str
    client: httpx.AsyncClient
    key_id: str
    whose: str

    @property
    def chain(self) -> Chain:
        """The lot that is asked about."""
        return self.scene.chains[self.whose]

    @property
    def sender(self) -> str:
        """Who handed in what is asked about."""
        return SENDERS[self.role] if self.whose == "own" else self.chain.sender

    @property
    def sent(self) -> Sent:
        """What that was."""
        return self.scene.sent[self.sender]

    async def get(self, path: str, **query: Any) -> httpx.Response:
        """The answer to a GET."""
        return await self.client.get(path, params=query)

    async def post(self, path: str, body: Any, **query: Any) -> httpx.Response:
        """The answer to a POST."""
        return await self.client.post(path, json=body, params=query)


Visit = Callable[[Visitor], Awaitable[tuple[int, bool]]]
"""Status of the answer, and whether it gave what was asked for."""


def _got(answer: httpx.Response, *words: str) -> tuple[int, bool]:
    """Whether an answer is one, and names all of ``words``."""
    return answer.status_code, answer.status_code in YES and all(word in answer.text for word in words)


async def _events(v: Visitor) -> tuple[int, bool]:
    event = harvested(v.chain, f"M{v.scene.fresh()}")
    named = {"x-fieldline-sender": SENDERS[v.role] if v.whose == "own" else v.chain.sender}
    return _got(await v.client.post("/v1/events", json=event, headers=named))


async def _history(v: Visitor) -> tuple[int, bool]:
    return _got(await v.post("/v1/events", harvested(v.scene.chains["own"], f"M{v.scene.fresh()}"), history="true"))


async def _refused(v: Visitor) -> int:
    """A number of something refused, of the sender that is asked about, that nobody has touched."""
    answer = await v.scene.local.post(
        "/v1/events", json={"kind": "harvested", "x-number": v.scene.fresh()}, headers=_as(v.sender, "producer")
    )
    return int(answer.json()["receipts"][0]["rejected"])


async def _mend(v: Visitor) -> tuple[int, bool]:
    number, chain = await _refused(v), v.scene.chains["own"]
    raw = json.dumps(harvested(chain, f"M{v.scene.fresh()}") | {"operator": v.sender})
    return _got(await v.post(f"/v1/rejected/{number}/mend", {"raw": raw}), '"mended"')


async def _replay(v: Visitor) -> tuple[int, bool]:
    return _got(await v.post("/v1/rejected/replay", {"rejected": [await _refused(v)]}), '"receipts":[{')


async def _dismiss(v: Visitor) -> tuple[int, bool]:
    return _got(await v.post("/v1/rejected/dismiss", {"rejected": [await _refused(v)], "reason": "a test"}))


async def _feed(v: Visitor) -> tuple[int, bool]:
    """Read from the beginning until the alert comes, or all is told."""
    async with v.client.stream("GET", "/v1/feed", params={"since": "0.0"}, timeout=30) as answer:
        if answer.status_code not in YES:
            return answer.status_code, False
        kind = ""
        async for line in answer.aiter_lines():
            name, _, said = line.partition(": ")
            if name == "event":
                kind = said
            elif name == "data":
                if v.chain.alert in said:
                    return answer.status_code, True
                if kind == "position" and json.loads(said)["position"] >= v.scene.position:
                    break
        return answer.status_code, False


async def _lists(v: Visitor) -> tuple[int, bool]:
    """Rejected, as listed: those of the sender that is asked about."""
    answer = await v.get("/v1/rejected", limit=1000)
    rows = answer.json().get("rejected", [])
    return answer.status_code, any(row["sender"] == v.sender for row in rows)


async def _keys_list(v: Visitor) -> tuple[int, bool]:
    other = (await v.scene.key("producer", v.chain.sender))[1]
    return _got(await v.get("/v1/keys", limit=10_000), v.key_id if v.whose == "own" else other)


async def _key_act(v: Visitor, act: str) -> tuple[int, bool]:
    """With a key that is thrown away, on itself or on another that is."""
    mine, mine_id = await v.scene.key(v.role)
    other_id = (await v.scene.key("producer", v.chain.sender))[1]
    path = f"/v1/keys/{mine_id if v.whose == 'own' else other_id}/{act}"
    return _got(await v.client.post(path, json={}, headers={"authorization": f"Bearer {mine}"}))


async def _access(v: Visitor) -> tuple[int, bool]:
    return _got(await v.get("/v1/access", limit=1000), f'"whose":["{v.sender}"]')


VISITS: Mapping[str, Visit] = {
    "events": _events,
    "receipt": lambda v: _then(v.get(f"/v1/receipts/{v.sent.receipt}"), v.sent.receipt),
    "rejected_list": _lists,
    "rejected_show": lambda v: _then(v.get(f"/v1/rejected/{v.sent.rejected}"), '"raw"'),
    "rejected_mend": _mend,
    "rejected_replay": _replay,
    "rejected_dismiss": _dismiss,
    "trace": lambda v: _then(v.get("/v1/trace", batch=v.chain.batch, direction="forward"), v.chain.batch),
    "sources": lambda v: _then(v.get("/v1/sources", batches=[v.chain.batch]), v.chain.batch),
    "why": lambda v: _then(v.get("/v1/why", batch=v.chain.batch, of=v.chain.batch), v.chain.batch),
    "paths": lambda v: _then(v.get("/v1/paths", origin=v.chain.batch, target=v.chain.batch), v.chain.batch),
    "accountable": lambda v: _then(v.get("/v1/accountable", batch=v.chain.batch), v.chain.batch),
    "dead_ends": lambda v: _then(v.get("/v1/dead-ends", batch=v.chain.batch), v.chain.batch),
    "hypothesis": lambda v: _then(
        v.get("/v1/hypothesis", suspects=[v.chain.batch], batches=[v.chain.batch]), v.chain.batch
    ),
    "present": lambda v: _then(v.get("/v1/present", site=v.chain.site), v.chain.batch),
    "span": lambda v: _then(v.get("/v1/span", batch=v.chain.batch), v.chain.batch),
    "proof": lambda v: _then(v.get("/v1/proof", batch=v.chain.batch), v.chain.batch),
    "areas": lambda v: _then(v.get("/v1/areas", batch=v.chain.batch), v.chain.batch),
    "balance": lambda v: _then(v.get("/v1/balance", batch=v.chain.batch), v.chain.batch),
    "share": lambda v: _then(v.get("/v1/share", source=v.chain.batch, batch=v.chain.batch), v.chain.batch),
    "risk": lambda v: _then(v.get("/v1/risk", batch=v.chain.batch), v.chain.batch),
    "steps": lambda v: _then(v.get("/v1/steps", batch=v.chain.batch), v.chain.batch),
    "changed": lambda v: _then(v.get("/v1/changed", batch=v.chain.batch, since_position=0), v.chain.batch),
    "event": lambda v: _then(v.get("/v1/event", id=v.sent.id), '"entry_hash"'),
    "batch": lambda v: _then(v.get("/v1/batch", batch=v.chain.batch), v.chain.batch),
    "name": lambda v: _then(v.get("/v1/name", batch=v.chain.batch), v.chain.batch),
    "reference": lambda v: _then(v.get("/v1/reference", analyte="lead"), "lead"),
    "alerts": lambda v: _then(v.get("/v1/alerts"), v.chain.alert),
    "alert_show": lambda v: _then(v.get(f"/v1/alerts/{v.chain.alert}"), v.chain.alert),
    "alert_acknowledge": lambda v: _then(v.post(f"/v1/alerts/{v.chain.alert}/acknowledge", {})),
    "alert_handle": lambda v: _then(
        v.post(f"/v1/alerts/{v.chain.alert}/handle", {"action": "dismiss", "reason": "only a look"})
    ),
    "scope_list": lambda v: _then(v.get("/v1/scopes"), v.chain.scope),
    "scope_show": lambda v: _then(v.get("/v1/scope", scope=v.chain.scope), v.chain.scope),
    "scope_preview": lambda v: _then(
        v.post("/v1/scopes/preview", {"batches": [v.chain.batch], "hazard": "Listeria"}), v.chain.batch
    ),
    "scope_diff": lambda v: _then(v.get(f"/v1/scopes/{v.chain.scope}/diff"), v.chain.scope),
    "scope_consignees": lambda v: _then(v.get(f"/v1/scopes/{v.chain.scope}/consignees"), v.chain.scope),
    "scope_progress": lambda v: _then(v.get(f"/v1/scopes/{v.chain.scope}/progress"), v.chain.scope),
    "scope_versions": lambda v: _then(v.get(f"/v1/scopes/{v.chain.scope}/versions"), v.chain.scope),
    "scope_export": lambda v: _then(v.get(f"/v1/scopes/{v.chain.scope}/export"), v.chain.batch),
    "scope_file": lambda v: _then(v.get(f"/v1/scopes/{v.chain.scope}/file/csv"), v.chain.batch),
    "scope_include": lambda v: _then(
        v.post(f"/v1/scopes/{v.chain.scope}/include", {"batch": v.chain.batch, "reason": "a test"})
    ),
    "scope_exclude": lambda v: _then(
        v.post(f"/v1/scopes/{v.chain.scope}/exclude", {"batch": v.chain.batch, "reason": "a test"})
    ),
    "scope_told": lambda v: _then(v.post(f"/v1/scopes/{v.chain.scope}/told", {"consignee": v.chain.sender})),
    "scope_answered": lambda v: _then(v.post(f"/v1/scopes/{v.chain.scope}/answered", {"consignee": v.chain.sender})),
    "incident_join": lambda v: _then(
        v.post(
            "/v1/incidents",
            {"incident": f"of-{v.whose}", "scopes": [v.chain.scope], "reason": "a test"},
        )
    ),
    "incident_list": lambda v: _then(v.get("/v1/incidents"), f"of-{v.whose}"),
    "incident_show": lambda v: _then(v.get(f"/v1/incidents/of-{v.whose}"), f"of-{v.whose}"),
    "incident_step": lambda v: _then(
        v.post(f"/v1/incidents/of-{v.whose}/step", {"step": "report", "reason": "a test"})
    ),
    "scope_open": lambda v: _then(v.post("/v1/scopes", {"scope": v.chain.scope, "reason": "a test"})),
    "scope_release": lambda v: _then(
        v.post(
            f"/v1/scopes/{v.chain.scope}/release",
            {"batch": v.chain.batch, "site": v.chain.site, "reason": "a test"},
        )
    ),
    "scope_close": lambda v: _then(v.post(f"/v1/scopes/{v.chain.scope}/close", {"reason": "a test"})),
    "feed": _feed,
    "keys_list": _keys_list,
    "keys_rotate": lambda v: _key_act(v, "rotate"),
    "keys_revoke": lambda v: _key_act(v, "revoke"),
    "access_list": _access,
}
"""Operations on somebody's data: how they are asked for, and how it is told that they gave it."""

WHOLE: Mapping[str, Visit] = {
    "live": lambda v: _then(v.get("/health/live")),
    "ready": lambda v: _then(v.get("/health/ready")),
    "metrics": lambda v: _then(v.get("/metrics")),
    "openapi": lambda v: _then(v.get("/openapi.json")),
    "events_history": _history,
    "activity": lambda v: _then(v.get("/v1/activity"), '"spans"'),
    "contacts": lambda v: _then(v.get("/v1/contacts", site=v.chain.site)),
    "score": lambda v: _then(v.get("/v1/score")),
    "notices": lambda v: _then(v.get("/v1/notices")),
    "story": lambda v: _then(v.get("/v1/story", batch=v.scene.chains["own"].batch), '"stages"'),
    "scope_events": lambda v: _then(v.get(f"/v1/scopes/{v.scene.chains['own'].scope}/events"), '"body"'),
    "scope_network": lambda v: _then(v.get(f"/v1/scopes/{v.scene.chains['own'].scope}/network"), '"network"'),
    "person_show": lambda v: _then(v.get(f"/v1/persons/{v.scene.pseudonym}"), PERSON),
    "verify": lambda v: _then(v.post("/v1/verify", {}), '"ok":true'),
    "checkpoint": lambda v: _then(v.get("/v1/checkpoint")),
    "me": lambda v: _then(v.get("/v1/me"), SENDERS[v.role]),
    "keys_create": lambda v: _then(v.post("/v1/keys", {"sender": "new", "role": "producer"})),
    "rebuild": lambda v: _then(v.post("/v1/rebuild", {})),
    "subscribers_add": lambda v: _then(v.post("/v1/subscribers", {"url": RECEIVER}), '"secret"'),
    "subscribers_list": lambda v: _then(v.get("/v1/subscribers"), RECEIVER),
    "subscribers_rotate": lambda v: _then(v.post(f"/v1/subscribers/{v.scene.subscriber}/rotate", {}), '"secret"'),
    "subscribers_test": lambda v: _then(v.post(f"/v1/subscribers/{v.scene.subscriber}/test", {})),
    "subscribers_notices": lambda v: _then(v.get(f"/v1/subscribers/{v.scene.subscriber}/notices")),
    "subscribers_replay": lambda v: _then(v.post(f"/v1/subscribers/{v.scene.subscriber}/replay", {})),
    "subscribers_remove": lambda v: _then(v.post(f"/v1/subscribers/{v.scene.subscriber}/remove", {})),
    "person_erase": lambda v: _then(v.post(f"/v1/persons/{v.scene.pseudonym}/erase", {"reason": "a test"})),
}
"""Operations that are had or not, on nobody's data in particular."""


async def _then(asked: Awaitable[httpx.Response], *words: str) -> tuple[int, bool]:
    return _got(await asked, *words)


async def told(base: str, local: httpx.AsyncClient, runtime: Runtime) -> Scene:
    """Two chains, each with a lot that failed; what each sender handed in; who read whose data."""
    scene = Scene(
        base,
        local,
        {"own": Chain("hof-1", "hof-1/leaf/L1", "field 1"), "foreign": Chain("hof-9", "hof-9/root/L9", "field 9")},
    )
    for whose, lab, grid in (("own", "lab-1", "410101"), ("foreign", "lab-9", "520101")):
        chain = scene.chains[whose]
        lot = chain.batch.rsplit("/", 1)[1]
        await _taken(local, chain.sender, "producer", harvested(chain, lot) | {"grid_unit": grid})
        failed = {
            "kind": "tested", "batch": chain.batch, "lab": lab, "report": f"R-{lab}", "verdict": "failed",
            "site": chain.site, "grid_unit": grid, **HAZARD,
        }  # fmt: skip
        await _taken(local, lab, "laboratory", failed)
    for sender in (*SENDERS.values(), "hof-9"):
        receipt = await _taken(local, sender, "producer", _complaint(sender, informant=None))
        refused = await local.post("/v1/events", json={"x-who": sender}, headers=_as(sender, "producer"))
        scene.sent[sender] = Sent(receipt["receipt"], refused.json()["receipts"][0]["rejected"], receipt["id"])
        reader = Caller("reader", "emergency", key_id="seen")
        await AccessLog(runtime.doors, WallClock()).seen(reader, "batch", "a lot", [sender])
    position = (await _taken(local, "shop-2", "producer", _complaint("shop-2", informant=PERSON)))["position"]
    scene.position = position
    made = (await local.post("/v1/subscribers", json={"url": RECEIVER})).raise_for_status().json()
    scene.subscriber = made["subscriber"]["id"]
    scene.pseudonym = Persons.of(runtime.settings.data_dir).pseudonym(PERSON, "default")
    alerts = (await local.get("/v1/alerts", params={"at_least": position, "wait": 30})).json()["alerts"]
    scopes = (await local.get("/v1/scopes")).json()["scopes"]
    for chain in scene.chains.values():
        (chain.alert,) = [a["id"] for a in alerts if a["rule"] == "TEST_FAILED" and a["subject"] == chain.batch]
        (chain.scope,) = [scope["scope"] for scope in scopes if scope["lot"] == chain.batch]
    return scene


def harvested(chain: Chain, lot: str) -> dict[str, Any]:
    """A harvest of a lot of a chain."""
    return {
        "kind": "harvested", "operator": chain.sender, "site": chain.site,
        "out_batch": f"{chain.batch.rsplit('/', 1)[0]}/{lot}",
    }  # fmt: skip


def _complaint(number: str, informant: str | None) -> dict[str, Any]:
    event = {"kind": "complaint", "operator": number, "site": f"{number} shop", "number": number, "text": "It smells"}
    return event if informant is None else event | {"informant": informant}


async def _taken(local: httpx.AsyncClient, sender: str, role: str, event: dict[str, Any]) -> dict[str, Any]:
    answer = await local.post("/v1/events", json=event, headers=_as(sender, role))
    if answer.status_code != 202:
        raise LookupError(f"{event['kind']} was refused: {answer.text}")
    receipt: dict[str, Any] = answer.json()["receipts"][0]
    return receipt


def _as(sender: str, role: str) -> dict[str, str]:
    return {"x-fieldline-sender": sender, "x-fieldline-role": role}
