"""Tells what the world did to us (retry) from what we did wrong (do not)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from fieldline_trace.errors import Unavailable

_log = logging.getLogger(__name__)

_OUTAGE = (
    asyncpg.PostgresConnectionError,  # 08: broken off, refused, never there
    asyncpg.OperatorInterventionError,  # 57: shutting down, crashed, starting, cancelled
    asyncpg.InsufficientResourcesError,  # 53: disk full, out of memory, too many connections
    asyncpg.TransactionRollbackError,  # 40: deadlock, serialization
    asyncpg.LockNotAvailableError,
    asyncpg.ReadOnlySQLTransactionError,  # 25006: this one is a standby; after a failover another one takes writes
    asyncpg.PostgresIOError,  # 58030
    asyncpg.InternalClientError,  # what a connection answers that broke in the middle of a message
    OSError,  # no socket, refused, TimeoutError
)


def is_outage(error: BaseException) -> bool:
    """True where the same call may succeed later without anybody changing anything."""
    if isinstance(error, _OUTAGE):
        return True
    if not isinstance(error, asyncpg.InterfaceError):
        return False
    # asyncpg says of lost connections what it says of misuse; only the words differ. A rollback on a connection that
    # broke in the middle of a message is refused as misuse: what led to it counts.
    lost = any(word in str(error) for word in ("closed", "closing", "released back to the pool"))
    return lost or (error.__context__ is not None and is_outage(error.__context__))


@contextmanager
def outages_as_unavailable() -> Iterator[None]:
    """``Unavailable`` for whatever PostgreSQL or the way to it did, whose own words are for the log alone; all other
    errors pass as they are."""
    try:
        yield
    except Exception as error:
        if is_outage(error):
            _log.warning("PostgreSQL is not available: %s", str(error) or type(error).__name__)
            raise Unavailable("PostgreSQL is not available") from error
        raise
