"""Events that a stream has and capture has not yet: their receipts, and what became of them.

Such a receipt is ``sent-…``: who said it, under which id, and digests of what was said, with a tag that only the
deployment can make. So it needs no table, is the same however often the same is handed in, and stands for ever.
"""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass
from typing import Final

import msgspec
from fieldline_schemas.canonical import digest as canonical_digest
from fieldline_schemas.faults import Fault

from fieldline_trace.capture import Accepted, Receipt, Refused, Variant
from fieldline_trace.store import Connection, Q

BEGINS: Final = "sent-"
LONGEST: Final = 3_000
"""Characters of a receipt: sender and id have at most 256 each, of up to four bytes."""
_TAG = 8
_DIGEST = 16
_DOMAIN = b"fieldline.sent.1\0"


class Sent(msgspec.Struct, frozen=True):
    """The stream has it: it will be captured, or refused. ``receipt`` finds out which."""

    receipt: str
    id: str


@dataclass(frozen=True, slots=True)
class Sending:
    """What was sent. ``raw``: the first bytes of the digest of the bytes that came; ``canonical``: of the digest of
    their content as it is stored."""

    sender: str
    id: str
    raw: bytes
    canonical: bytes

    @classmethod
    def of(cls, sender: str, name: str, raw: bytes, canonical: bytes) -> Sending:
        """Of whole digests."""
        return cls(sender, name, raw[:_DIGEST], canonical[:_DIGEST])

    def receipt(self, secret: bytes) -> str:
        """The name that it is found by."""
        said = self.raw + self.canonical + f"{self.sender}\0{self.id}".encode()
        return BEGINS + base64.urlsafe_b64encode(_tag(secret, said) + said).decode().rstrip("=")


def sending_of(secret: bytes, receipt: str) -> Sending | None:
    """What a receipt stands for; None where this deployment did not make it."""
    try:
        said = base64.urlsafe_b64decode(receipt.removeprefix(BEGINS) + "==")
        tag, said = said[:_TAG], said[_TAG:]
        if not hmac.compare_digest(tag, _tag(secret, said)):
            return None
        sender, _, name = said[2 * _DIGEST :].decode().partition("\0")
    except ValueError:
        return None
    return Sending(sender, name, said[:_DIGEST], said[_DIGEST : 2 * _DIGEST])


async def became(conn: Connection, sent: Sending) -> Receipt | None:
    """What became of it; None as long as it was not captured. Whether it was there before is not told."""
    rows = await conn.fetch(Q["sent_events"], sent.sender, sent.id)
    for row in rows:
        canonical = row["canonical"]
        if canonical is None and row["body"] is not None:
            canonical = canonical_digest(row["body"])
        # Where the first event's bytes are no longer kept, its id is all there is to go by.
        if canonical is None or canonical[:_DIGEST] == sent.canonical:
            if row["number"] == rows[0]["number"]:
                return Accepted(row["number"], row["position"], sent.id)
            return Variant(row["number"], row["position"], sent.id, rows[0]["number"])
    refused = await conn.fetchrow(Q["sent_rejected"], sent.sender, sent.raw)
    if refused is None:
        return None
    number, *fault = refused.values()
    return Refused(number, Fault(fault[0], fault[1], fault[2], fault[3], fault[4]))


def _tag(secret: bytes, said: bytes) -> bytes:
    return hmac.digest(secret, _DOMAIN + said, "sha256")[:_TAG]
