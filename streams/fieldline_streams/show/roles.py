"""The matrix of roles: every role at every route of the door, to what is its own and to what is another's.

Every operation of the table of roles is asked for by every role, over a socket, and what comes is held against what the
table grants: ``all`` of it, its ``own``, or ``none``.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import uvicorn
from fieldline_trace.api.http.credentials import local_key
from fieldline_trace.api.http.roles import ROLES, TABLE, Grant
from fieldline_trace.settings import Settings
from rich.console import Console

from fieldline_streams.cli.views import table
from fieldline_streams.embedded.door import door
from fieldline_streams.embedded.runtime import Runtime, opened
from fieldline_streams.embedded.serve import DoorServer
from fieldline_streams.show.figures import Figure, equal
from fieldline_streams.show.visits import NOBODY, VISITS, WHOLE, YES, Scene, Visit, Visitor, told


@dataclass(frozen=True, slots=True)
class Cell:
    """One role at one operation: what the table grants, what it got, and the statuses for its own and another's."""

    operation: str
    role: str
    granted: Grant
    got: str
    statuses: tuple[int, ...]

    @property
    def expected(self) -> str:
        """What it should have got: ``all``, ``own`` or ``none``."""
        if self.granted is Grant.NONE:
            return "none"
        return "all" if self.granted is Grant.ALL or self.operation in WHOLE else "own"

    @property
    def refused_rightly(self) -> bool:
        """Whether what was not had was refused by the right word: 401 without a key, 403 by role, 404 or nothing of it
        for what may not be known."""
        if self.granted is not Grant.NONE:
            return all(status in YES or status in (403, 404, 422) for status in self.statuses)
        return set(self.statuses) == {401 if self.role == NOBODY else 403}


async def matrix(runtime: Runtime) -> list[Cell]:
    """Every role, and nobody, at every operation of the table. Events are handed in and acts done on ``runtime``."""
    missing = set(TABLE) - set(VISITS) - set(WHOLE)
    if missing:
        raise LookupError(f"the matrix does not know how to ask for {', '.join(sorted(missing))}")
    secret = local_key()
    async with _listening(runtime, secret) as base, _client(base, secret) as local:
        scene = await told(base, local, runtime)
        cells = []
        for operation, visit in [*VISITS.items(), *WHOLE.items()]:
            for role in (*ROLES, NOBODY):
                cells.append(await _cell(scene, operation, role, visit))
        return cells


async def _cell(scene: Scene, operation: str, role: str, visit: Visit) -> Cell:
    as_role = "public" if role == NOBODY else role
    key, key_id = (None, "") if role == NOBODY else await scene.key(role)
    async with _client(scene.base, key) as client:
        subjects = ("own",) if operation in WHOLE else ("own", "foreign")
        found = [await visit(Visitor(scene, as_role, client, key_id, whose)) for whose in subjects]
        if operation in ("keys_rotate", "keys_revoke") and role == NOBODY:
            found = [((await client.post(f"/v1/keys/0/{operation[5:]}", json={})).status_code, False)]
    had = [got for _, got in found]
    got = "none" if not any(had) else "all" if all(had) else "own" if had[0] else "foreign"
    return Cell(operation, role, TABLE[operation][as_role], got, tuple(status for status, _ in found))


async def show(folder: Path, console: Console) -> list[Figure]:
    """The matrix as a table, and as figures: each cell beside what the table of roles grants."""
    async with opened(Settings(data_dir=folder / "data", database_url=None)) as runtime:
        cells = await matrix(runtime)
    roles = (*ROLES, NOBODY)
    by_place = {(cell.operation, cell.role): cell for cell in cells}
    operations = list(dict.fromkeys(cell.operation for cell in cells))
    rows = [[name.replace("_", " "), *(_word(by_place[name, role]) for role in roles)] for name in operations]
    console.print(table(("operation", *roles), rows))
    figures = []
    for cell in cells:
        figure = equal(f"{cell.operation} as {cell.role}", cell.got, "had", cell.expected)
        right = bool(figure.met) and cell.refused_rightly
        figures.append(Figure(figure.name, figure.value, figure.unit, figure.target, right, listed=not right))
    wrong = [figure for figure in figures if not figure.met]
    return [equal("cells that are not as the table of roles says", len(wrong), f"of {len(cells)}", 0), *figures]


def _word(cell: Cell) -> str:
    """What was had, in the table's own word where that is finer."""
    if cell.got == "none":
        return "–"
    return cell.granted.value if cell.got == cell.expected else f"{cell.got.upper()}, not {cell.expected}"


@asynccontextmanager
async def _client(base: str, key: str | None) -> AsyncIterator[httpx.AsyncClient]:
    headers = {} if key is None else {"authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=60, trust_env=False) as found:
        yield found


@asynccontextmanager
async def _listening(runtime: Runtime, secret: str) -> AsyncIterator[str]:
    """The door on the loopback address, as ``serve`` has it."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            door(runtime, secret), log_level="warning", access_log=False, lifespan="off", ws="none",
            server_header=False,
        )  # fmt: skip
        server = DoorServer(config)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        await server.listens.wait()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving
