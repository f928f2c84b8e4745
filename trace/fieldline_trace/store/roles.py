"""The users that services connect as, each with the least rights that it works with. The database's owner migrates,
rebuilds, and makes them; the services themselves cannot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .pool import Connection
from .queries import Q

SERVICES: Final = ("lane", "judge", "notices", "api")
"""A worker's lane and clock connect as the first."""


def user_of(service: str) -> str:
    """The database user that a service connects as."""
    return f"fieldline_{service}"


async def make_roles(conn: Connection, passwords: Mapping[str, str]) -> None:
    """Make the services' users where they are missing, and give each the rights that this release needs, no other.

    ``passwords`` by service; whoever has none keeps what it has. Needs the right to make users.
    """
    await conn.execute(Q["roles_make"])
    async with conn.transaction():
        await conn.execute(Q["roles_grant"])
        for service, password in passwords.items():
            await conn.execute(await conn.fetchval(Q["roles_password"], user_of(service), password))
