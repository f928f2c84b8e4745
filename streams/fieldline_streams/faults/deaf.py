"""A worker whose word of the ledger reaches nobody: each commit is as one after which the process died before it could
publish. Followers have to find by themselves what was written."""

from __future__ import annotations

from collections.abc import Sequence

from fieldline_streams.cli import main
from fieldline_streams.kafka.ledger_topic import LedgerTopic


class Deaf(LedgerTopic):
    """Publishes nothing."""

    async def publish(self, positions: Sequence[int]) -> None:
        """Nobody hears."""


if __name__ == "__main__":
    import fieldline_streams.kafka.ledger_topic as published

    published.LedgerTopic = Deaf  # type: ignore[misc]
    main()
