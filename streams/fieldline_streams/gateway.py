"""The way to fieldline for commands: a service that runs, or else a runtime of one's own.

A service is found by the file in the data directory. Where none runs, the same functions run in this process, for as
long as the command takes.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol
from urllib.parse import quote

import httpx
import msgspec
from fieldline_schemas.faults import Fault
from fieldline_trace.errors import Conflict, FieldlineError, Forbidden, NotFound, Rejected, Unavailable
from fieldline_trace.settings import Settings

from fieldline_streams.embedded.directory import DataDirectory, DirectoryInUse, Service

WAIT_FOR_OTHER_SECONDS = 15.0
"""How long a command waits for another one to leave the data directory, or for a service that is starting to answer."""
ANSWER_SECONDS = 600.0
"""How long an answer may take: a rebuild of a long history does."""


CONNECTIONS = 32
"""Connections to a service at once, all kept."""


class Gateway(Protocol):
    """Where events are handed in and questions asked."""

    async def hand_in(
        self, raws: Sequence[bytes], *, sender: str, role: str, history: bool = False
    ) -> list[dict[str, Any]]:
        """A receipt for each of ``raws``, in their order, once what was taken is durable."""

    async def ask(self, question: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """The answer, as JSON-ready values."""


@asynccontextmanager
async def gateway(settings: Settings) -> AsyncIterator[Gateway]:
    """A way in for the data directory of ``settings``; ``Unavailable`` where there is none."""
    directory = DataDirectory(settings.data_dir)
    deadline = time.monotonic() + WAIT_FOR_OTHER_SECONDS
    while True:
        service = directory.service()
        if service is not None:
            async with HttpGateway(directory, service) as found:
                yield found
            return
        if not directory.in_use():
            from fieldline_streams.embedded.runtime import opened

            try:
                async with opened(settings) as runtime:
                    yield runtime
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


class HttpGateway:
    """A service that runs, through its local door. One that is started again, at another address, is found again."""

    def __init__(self, directory: DataDirectory, service: Service) -> None:
        self._directory = directory
        self._service: Service | None = service
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(ANSWER_SECONDS, connect=5.0),
            limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
            trust_env=False,
        )

    async def __aenter__(self) -> HttpGateway:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def hand_in(
        self, raws: Sequence[bytes], *, sender: str, role: str, history: bool = False
    ) -> list[dict[str, Any]]:
        """See :class:`Gateway`. A line feed within an event is as good as a space, so each event goes as one line."""
        headers = {
            "content-type": "application/x-ndjson",
            "x-fieldline-sender": quote(sender),
            "x-fieldline-role": quote(role),
        }
        said = await self._post(
            "/v1/events",
            b"\n".join(raw.replace(b"\n", b" ") for raw in raws),
            headers,
            {"history": "true"} if history else {},
            taken=(202, 422),
        )
        receipts: list[dict[str, Any]] = said["receipts"]
        if len(receipts) != len(raws):
            raise Conflict(f"{len(raws)} events were handed in and {len(receipts)} receipts came back")
        return receipts

    async def ask(self, question: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """See :class:`Gateway`."""
        path = f"/v1/answers/{question.replace(' ', '-')}"
        return await self._post(path, msgspec.json.encode(arguments), {"content-type": "application/json"}, {})

    async def _post(
        self, path: str, body: bytes, headers: dict[str, str], query: dict[str, str], taken: tuple[int, ...] = (200,)
    ) -> dict[str, Any]:
        service = self._service or self._directory.service()
        if service is None:
            raise Unavailable(f"no service answers for {self._directory.path}")
        headers["authorization"] = f"Bearer {service.token}"
        try:
            response = await self._client.post(service.address + path, content=body, headers=headers, params=query)
            self._service = service
        except httpx.TransportError as error:
            self._service = None
            raise Unavailable(f"the service does not answer: {type(error).__name__} {error}".rstrip()) from None
        try:
            said: dict[str, Any] = response.json()
        except ValueError:
            raise Unavailable(f"the service answers {response.status_code} and no JSON") from None
        if response.status_code in taken and "error" not in said:
            return said
        raise _error(response.status_code, said)


def _error(status: int, said: dict[str, Any]) -> FieldlineError:
    message = str(said.get("message", f"the service answers {status}"))
    if status == NotFound.status:
        return NotFound(message, tuple(said.get("near", ())))
    if status in (Rejected.status, 413):
        return Rejected(Fault(said.get("field", ""), said.get("value", ""), said.get("rule", message)))
    if status == Forbidden.status:
        return Forbidden(message)
    if status == Conflict.status:
        return Conflict(message)
    return Unavailable(message)
