"""All that touches PostgreSQL: the embedded server, pools, migrations, named SQL, and reading the ledger.

SQL lives in ``sql/*.sql`` and ``migrations/*.sql`` and nowhere else.
"""

from .migrate import migrate
from .outage import is_outage, outages_as_unavailable
from .pool import Connection, Pool, borrowed, connect, ensure_database, open_store
from .postgres import EmbeddedPostgres
from .queries import Q

__all__ = [
    "Connection",
    "EmbeddedPostgres",
    "Pool",
    "Q",
    "borrowed",
    "connect",
    "ensure_database",
    "is_outage",
    "migrate",
    "open_store",
    "outages_as_unavailable",
]
