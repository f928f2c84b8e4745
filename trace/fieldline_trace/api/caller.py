"""Who asks: what the door knows of whoever came in, and what everything behind the door is told of them."""

from __future__ import annotations

from dataclasses import dataclass

ANY_OPERATOR = "*"
"""Among the operators of a key: it may hand in for any."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Authenticated, or nobody in particular (role ``public``, key ``""``).

    ``operators``: whose events and holdings are the caller's own, beside what ``sender`` handed in. ``grid``: the
    prefix of administrative codes that is the caller's jurisdiction; empty is everywhere. ``key_id`` is ``local`` for
    who reads the service file on this machine, and may speak under any name.
    """

    sender: str
    role: str
    operators: tuple[str, ...] = ()
    grid: str = ""
    tenant: str = "default"
    key_id: str = ""

    @property
    def local(self) -> bool:
        """Whether it came with the key of the service file."""
        return self.key_id == LOCAL_KEY

    @property
    def may_speak_for(self) -> frozenset[str] | None:
        """Whom its events may name as operator; None: anybody. A producer's key hands in for itself and its operators
        alone, unless it says that it is for anybody's."""
        if self.role != "producer" or self.local or ANY_OPERATOR in self.operators:
            return None
        return frozenset({self.sender, *self.operators})


LOCAL_KEY = "local"
ANYWHERE = "?"
"""The address of a request that names none."""
PUBLIC = Caller("", "public")
"""Who came without a key."""
HERE = Caller("local", "administrator", key_id=LOCAL_KEY)
"""Who runs fieldline in this process, on a data directory that is theirs: sees all."""
