"""The way to fieldline for commands: always its HTTP door.

A service at the setting ``url``, with the key of ``key`` or ``key_file``; else the one that runs on the data directory,
found by the file in it; else the same door over a runtime in this process, for as long as the command takes.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

import httpx
import msgspec
from fieldline_schemas.messages import language
from fieldline_trace.api.caller import HERE
from fieldline_trace.api.faults import fault_of
from fieldline_trace.api.http.declared import QuestionRoute
from fieldline_trace.api.http.pages import LISTS, MOST
from fieldline_trace.api.http.routes import HEARTBEAT_SECONDS, ROUTES
from fieldline_trace.errors import Conflict, FieldlineError, Forbidden, NotFound, Rejected, Unavailable
from fieldline_trace.settings import Settings

from fieldline_streams.embedded.directory import DataDirectory, DirectoryInUse, Service

if TYPE_CHECKING:
    from fieldline_trace.api.ports import Feed

WAIT_FOR_OTHER_SECONDS = 15.0
"""How long a command waits for another one to leave the data directory, or for a service that is starting to answer."""
ANSWER_SECONDS = 600.0
"""How long an answer may take: a rebuild of a long history does."""
AWAY_SECONDS = 30.0
"""How long a reader of the feed waits for a service to come back."""
CONNECTIONS = 32
"""Connections to a service at once, all kept."""

_ROUTES: Mapping[str, QuestionRoute] = {route.question: route for route in ROUTES}
Query = Sequence[tuple[str, str]]


class Gateway(Protocol):
    """Where events are handed in and questions asked."""

    async def hand_in(
        self, raws: Sequence[bytes], *, sender: str, role: str, history: bool = False
    ) -> list[dict[str, Any]]:
        """A receipt for each of ``raws``, in their order, once what was taken is durable."""

    async def ask(self, question: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """The answer, as JSON-ready values."""


@asynccontextmanager
async def gateway(settings: Settings) -> AsyncIterator[HttpGateway]:
    """A way in, as ``settings`` say; ``Unavailable`` where there is none."""
    if settings.url is not None:
        async with HttpGateway.remote(settings) as found:
            yield found
        return
    directory = DataDirectory(settings.data_dir)
    deadline = time.monotonic() + WAIT_FOR_OTHER_SECONDS
    while True:
        if directory.service() is not None:
            async with HttpGateway.local(directory, settings) as found:
                yield found
            return
        if not directory.in_use():
            try:
                async with inside(settings) as found:
                    yield found
                return
            except DirectoryInUse:
                # Somebody was quicker; see whether it is a service.
                if time.monotonic() > deadline:
                    raise
        if time.monotonic() > deadline:
            raise DirectoryInUse(
                f"another fieldline works in {settings.data_dir} and does not answer: wait for it, stop it, "
                "or name another directory in FIELDLINE_DATA_DIR"
            )
        await asyncio.sleep(0.05)


@asynccontextmanager
async def inside(settings: Settings) -> AsyncIterator[HttpGateway]:
    """The door over a runtime in this process, reached without a network; ``DirectoryInUse`` where another process
    works in the data directory."""
    from fieldline_streams.embedded.door import door
    from fieldline_streams.embedded.runtime import opened

    async with opened(settings) as runtime:
        from fieldline_trace.api.http.credentials import local_key

        key = local_key()
        transport = httpx.ASGITransport(door(runtime, key))
        here = Service("http://fieldline", 0, key)
        async with HttpGateway(lambda: here, settings, transport=transport, inside=runtime.feed) as found:
            yield found


class HttpGateway:
    """A service, through its door. One that is started again on the data directory, at another address, is found
    again."""

    def __init__(
        self,
        find: Callable[[], Service | None],
        settings: Settings,
        *,
        bound: bool = False,
        transport: httpx.AsyncBaseTransport | None = None,
        inside: Feed | None = None,
    ) -> None:
        """``find`` says where the service is now; ``bound``: its key speaks under one name alone; ``inside``: the feed
        of this very process, which goes through no transport."""
        self._find, self._settings, self._bound = find, settings, bound
        self._service: Service | None = None
        self._inside = inside
        self._client = httpx.AsyncClient(
            transport=transport,
            timeout=httpx.Timeout(ANSWER_SECONDS, connect=5.0),
            limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
            trust_env=False,
        )

    @classmethod
    def local(cls, directory: DataDirectory, settings: Settings | None = None) -> HttpGateway:
        """The service that runs on ``directory``, wherever it is at the moment."""
        return cls(directory.service, settings or Settings())

    @classmethod
    def remote(cls, settings: Settings) -> HttpGateway:
        """The service at ``settings.url``. It speaks as its key says, and under no other name."""
        service = Service((settings.url or "").rstrip("/"), 0, key_of(settings))
        return cls(lambda: service, settings, bound=True)

    async def __aenter__(self) -> HttpGateway:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def hand_in(
        self, raws: Sequence[bytes], *, sender: str, role: str, history: bool = False
    ) -> list[dict[str, Any]]:
        """See :class:`Gateway`. A line feed within an event is as good as a space, so each event goes as one line."""
        speaks = self._said_of() if self._bound else _speaking(sender, role)
        said = await self._sent(
            "POST",
            "/v1/events",
            [("history", "true")] if history else [],
            b"\n".join(raw.replace(b"\n", b" ") for raw in raws),
            {"content-type": "application/x-ndjson", **speaks},
        )
        receipts: list[dict[str, Any]] = said["receipts"]
        if len(receipts) != len(raws):
            raise Conflict(f"{len(raws)} events were handed in and {len(receipts)} receipts came back")
        return receipts

    async def ask(
        self, question: str, arguments: Mapping[str, Any], moment: Mapping[str, str] = MappingProxyType({})
    ) -> dict[str, Any]:
        """See :class:`Gateway`. In the role that was said by name, if one was; else in the key's own. All pages of a
        long answer are asked for, and are one. ``moment``: as of which ``position`` or time (``as_of``); empty is
        now."""
        route = _ROUTES[question]
        path, query, body = route.request(arguments)
        query += moment.items()
        listed = LISTS.get(question)
        if listed is None:
            return await self.call(route.method, path, query, body)
        said = await self.call(route.method, path, [*query, ("limit", str(MOST))], body)
        while (cursor := said.pop("next")) is not None:
            more = await self.call(route.method, path, [*query, ("limit", str(MOST)), ("cursor", cursor)], body)
            said[listed] += more[listed]
            said["next"] = more["next"]
        del said["total"]
        return said

    async def feed(self, since: str | None = None) -> AsyncGenerator[dict[str, Any], None]:
        """The live feed after the id ``since``, or from now on: ``{"id", "kind", …}``. A service that goes away and
        comes back is read on; nothing is left out and nothing comes twice."""
        if self._inside is not None:
            from fieldline_trace.follow.told import parse_feed_id

            items = await self._inside.open(HERE, None if since is None else parse_feed_id(since))
            async for item in items:
                yield {"id": item.id, "kind": item.kind, **item.said}
            return
        patience = time.monotonic() + AWAY_SECONDS
        while True:
            try:
                async for event in self._events(since):
                    since, patience = event["id"], time.monotonic() + AWAY_SECONDS
                    yield event
            except Unavailable:
                if time.monotonic() > patience:
                    raise
            await asyncio.sleep(0.2)

    async def _events(self, since: str | None) -> AsyncIterator[dict[str, Any]]:
        """One reading of the feed, until it is broken off."""
        service, headers = self._addressed(self._said_of() | {"accept": "text/event-stream"})
        query = {} if since is None else {"since": since}
        quiet = httpx.Timeout(5.0, read=3 * HEARTBEAT_SECONDS)
        try:
            async with self._client.stream(
                "GET", f"{service.address}/v1/feed", params=query, headers=headers, timeout=quiet
            ) as response:
                if not response.is_success:
                    raise _error(response.status_code, msgspec.json.decode(await response.aread()))
                self._service = service
                told: dict[str, str] = {}
                async for line in response.aiter_lines():
                    if line:
                        name, _, value = line.partition(": ")
                        told[name] = value
                    elif "data" in told:
                        yield {"id": told["id"], "kind": told["event"], **msgspec.json.decode(told["data"])}
                        told = {}
        except httpx.TransportError as error:
            self._service = None
            raise Unavailable(f"the service does not answer: {type(error).__name__} {error}".rstrip()) from None

    async def call(
        self, method: str, path: str, query: Query = (), body: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """What the door answers there."""
        if body is None:
            return await self._sent(method, path, query, b"", self._said_of())
        headers = {"content-type": "application/json", **self._said_of()}
        return await self._sent(method, path, query, msgspec.json.encode(body), headers)

    async def file(self, path: str, query: Query = ()) -> AsyncIterator[bytes]:
        """What the door writes out there, piece by piece."""
        service, headers = self._addressed(self._said_of())
        try:
            async with self._client.stream(
                "GET", service.address + path, params=list(query), headers=headers
            ) as response:
                if not response.is_success:
                    raise _error(response.status_code, msgspec.json.decode(await response.aread()))
                self._service = service
                async for piece in response.aiter_bytes():
                    yield piece
        except httpx.TransportError as error:
            self._service = None
            raise Unavailable(f"the service does not answer: {type(error).__name__} {error}".rstrip()) from None

    async def speaker(self) -> str:
        """Whose events these are: the sender that the door knows."""
        if not self._bound:
            return self._settings.sender
        return str((await self.call("GET", "/v1/me"))["sender"])

    def _said_of(self) -> dict[str, str]:
        """Under which name, as far as somebody said so: the key knows the rest."""
        said = self._settings.model_fields_set
        return _speaking(
            self._settings.sender if "sender" in said else None,
            self._settings.role if "role" in said else None,
        )

    def _addressed(self, headers: dict[str, str]) -> tuple[Service, dict[str, str]]:
        """Where the service is, and ``headers`` with its key."""
        service = self._service or self._find()
        if service is None:
            raise Unavailable("no service answers here")
        headers = headers | {"accept-language": language()}
        return service, headers | ({"authorization": f"Bearer {service.key}"} if service.key else {})

    async def _sent(self, method: str, path: str, query: Query, body: bytes, headers: dict[str, str]) -> dict[str, Any]:
        service, headers = self._addressed(headers)
        try:
            response = await self._client.request(
                method, service.address + path, params=list(query), content=body, headers=headers
            )
            self._service = service
        except httpx.TransportError as error:
            self._service = None
            raise Unavailable(f"the service does not answer: {type(error).__name__} {error}".rstrip()) from None
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise Unavailable(f"{service.address} is no address of a service: {error}") from None
        try:
            said: dict[str, Any] = response.json()
        except ValueError:
            raise Unavailable(f"the service answers {response.status_code} and no JSON") from None
        if response.is_success or "receipts" in said:
            return said
        raise _error(response.status_code, said)


def _speaking(sender: str | None, role: str | None) -> dict[str, str]:
    named = {"x-fieldline-sender": sender, "x-fieldline-role": role}
    return {name: quote(value) for name, value in named.items() if value is not None}


def key_of(settings: Settings) -> str:
    """The key that ``settings`` name; empty where they name none."""
    if settings.key is not None:
        return settings.key.get_secret_value().strip()
    if settings.key_file is None:
        return ""
    try:
        return settings.key_file.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Unavailable(f"FIELDLINE_KEY_FILE: {error}") from None


def _error(status: int, said: dict[str, Any]) -> FieldlineError:
    """The error that a problem is."""
    message = str(said.get("detail", f"the service answers {status}"))
    if status == 401:
        return Forbidden(f"{message}; give a key by FIELDLINE_KEY or FIELDLINE_KEY_FILE")
    if status == 404:
        return NotFound(message, tuple(said.get("near", ())))
    if status in (400, 408, 413, 414, 415, 422):
        return Rejected(fault_of(said, message))
    if status == 403:
        return Forbidden(message)
    if status == 409:
        return Conflict(message)
    return Unavailable(message, said.get("position"))
