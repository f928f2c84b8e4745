"""The descriptions of the interfaces are as committed, and true: what the door answers is what OpenAPI says of it.

The whole of OpenAPI is tried against the door on a socket, by good requests and by bad ones, with few examples each.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
import schemathesis
import uvicorn
from fieldline_schemas.topics import EVENTS
from fieldline_streams.embedded.door import door
from fieldline_streams.embedded.runtime import opened
from fieldline_streams.embedded.serve import DoorServer
from fieldline_trace.api.http.schema import unbound, written
from fieldline_trace.settings import Settings
from fieldline_trace.store import EmbeddedPostgres
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.http.conftest import LOCAL

ROOT = Path(__file__).resolve().parents[3]
KEY = {"authorization": f"Bearer {LOCAL}"}
OPENAPI: dict[str, Any] = unbound().openapi()
few = settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck), database=None)


@pytest.mark.parametrize("name", ["openapi.json", "asyncapi.json"])
def test_a_description_is_as_committed(name: str) -> None:
    """``python -m fieldline_trace.api.http.schema`` writes them anew."""
    assert (ROOT / "docs" / name).read_text("utf-8") == written(unbound())[name]


def test_every_schema_of_the_descriptions_is_a_schema_and_every_reference_leads_somewhere() -> None:
    for text in written(unbound()).values():
        said = json.loads(text)
        schemas = said["components"]["schemas"]
        for schema in schemas.values():
            jsonschema.Draft202012Validator.check_schema(schema)
        for ref in _refs(said):
            here: Any = said
            for part in ref.removeprefix("#/").split("/"):
                here = here[part.replace("~1", "/")]


def test_every_kind_of_event_is_on_one_topic() -> None:
    said = json.loads(written(unbound())["asyncapi.json"])
    on = [kind for topic in EVENTS for kind in said["channels"][topic.name]["messages"]]
    assert len(on) == len(set(on)) > 40


def test_every_operation_says_who_may_what_it_may_answer_and_how_one_comes_in() -> None:
    for path, methods in OPENAPI["paths"].items():
        for operation in methods.values():
            name = operation["operationId"]
            assert operation["summary"], path
            assert operation["description"], path
            assert set(operation["x-roles"]) >= {"producer", "public"}
            assert operation["security"] == ([] if operation["x-roles"]["public"] != "none" else [{"key": []}]), name
            assert {"400", "401", "403", "405", "422", "429", "500", "503"} <= set(operation["responses"]), name
            assert any(status.startswith("2") for status in operation["responses"]), name


class _Served(threading.Thread):
    """The door over a runtime, in a thread with a loop of its own."""

    def __init__(self, given: Settings) -> None:
        super().__init__(daemon=True)
        self._settings = given
        self._ready = threading.Event()
        self._server: DoorServer | None = None
        self.address = ""

    def run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        async with opened(self._settings) as runtime:
            with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
                listening.bind(("127.0.0.1", 0))
                self.address = f"http://127.0.0.1:{listening.getsockname()[1]}"
                self._server = DoorServer(
                    uvicorn.Config(door(runtime, LOCAL), log_level="warning", access_log=False, lifespan="off")
                )
                serving = asyncio.create_task(self._server.serve(sockets=[listening]))
                await self._server.listens.wait()
                self._ready.set()
                await serving

    def __enter__(self) -> str:
        self.start()
        assert self._ready.wait(60)
        return self.address

    def __exit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.should_exit = True
        self.join(60)


@pytest.fixture(scope="module")
def address(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the door is, with a chain of a few events behind it."""
    given = Settings(
        data_dir=tmp_path_factory.mktemp("described"),
        database_url=postgres.dsn(f"t_{secrets.token_hex(8)}"),
        body_seconds=5.0,
        failures_per_minute=1_000_000,
    )
    with _Served(given) as found:
        harvested = {"kind": "harvested", "operator": "hof-1", "site": "field 1", "out_batch": "hof-1/leaf/L1"}
        failed = {
            "kind": "tested", "batch": "hof-1/leaf/L1", "lab": "lab-1", "report": "R1", "hazard_class": "pathogen",
            "hazard": "Salmonella", "verdict": "failed",
        }  # fmt: skip
        answer = httpx.post(f"{found}/v1/events", json=[harvested, failed, {}], headers=KEY)
        assert answer.status_code == 202
        yield found


api = schemathesis.openapi.from_dict(OPENAPI)
api.config.phases.update(phases=["examples", "fuzzing"])
CHECKS = [
    schemathesis.checks.not_a_server_error,
    *(
        schemathesis.checks.CHECKS.get_one(name)
        for name in (
            "status_code_conformance",
            "content_type_conformance",
            "response_headers_conformance",
            "response_schema_conformance",
            "unsupported_method",
        )
    ),
]


@api.exclude(operation_id="feed").parametrize()
@few
def test_the_door_answers_as_openapi_says(case: Any, address: str) -> None:
    case.call_and_validate(base_url=address, headers=KEY, checks=CHECKS, timeout=60)


def test_what_the_feed_tells_is_as_asyncapi_says(address: str) -> None:
    said = json.loads(written(unbound())["asyncapi.json"])
    messages = said["channels"]["feed"]["messages"]
    seen: dict[str, int] = {}
    with httpx.stream("GET", f"{address}/v1/feed?since=0.0", headers=KEY, timeout=30) as feed:
        kind = ""
        for line in feed.iter_lines():
            name, _, data = line.partition(": ")
            if name == "event":
                kind = data
            elif name == "data":
                schema = {**messages[kind]["payload"], "components": said["components"]}
                jsonschema.validate(json.loads(data), schema)
                seen[kind] = seen.get(kind, 0) + 1
                if set(seen) == set(messages):
                    break
    assert set(seen) == {"alert", "scope", "position"}


def _refs(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for part in value.values():
            yield from _refs(part)
    elif isinstance(value, list):
        for part in value:
            yield from _refs(part)


HEADER = st.text(st.characters(min_codepoint=32, max_codepoint=255, blacklist_characters="\x7f"), max_size=40).map(
    str.strip
)
PATHS = sorted({path.replace("{", "").replace("}", "") for path in OPENAPI["paths"]} - {"/v1/feed"})


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(
    path=st.sampled_from(PATHS),
    method=st.sampled_from(("GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH")),
    body=st.binary(max_size=200),
    kind=st.sampled_from(("application/json", "application/x-ndjson", "text/plain", "")),
    headers=st.dictionaries(
        st.sampled_from(
            ("authorization", "x-fieldline-sender", "x-fieldline-role", "x-request-id", "accept-language", "accept",
             "if-none-match", "content-encoding", "last-event-id", "range", "cookie", "origin")
        ),
        HEADER,
        max_size=4,
    ),
    query=st.text(max_size=30),
)  # fmt: skip
def test_whatever_comes_is_answered_without_a_flaw_of_ours(
    address: str, path: str, method: str, body: bytes, kind: str, headers: dict[str, str], query: str
) -> None:
    sent = {**KEY, "content-type": kind, **{name: value.encode("latin-1") for name, value in headers.items()}}
    with httpx.Client(base_url=address, trust_env=False) as client:
        answer = client.request(method, path, content=body, headers=sent, params=query)  # type: ignore[arg-type]
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400 and method != "HEAD":
        problem = answer.json()
        assert (problem["status"], answer.headers["content-type"]) == (answer.status_code, "application/problem+json")
    assert answer.headers["x-content-type-options"] == "nosniff"
