"""Capture: raw events to the truth. It refuses what it cannot read, drops repeats, stores what was said, and decides
nothing else."""

from .checkpoint import Checkpoint, checkpoint
from .deployment import Deployment
from .door import Door, Handed
from .keys import Keys
from .memory import MemoryLedger
from .mend import STATUSES, Bounds, dismiss, mend, replay
from .pack import Interned, pack
from .personal import Persons, is_pseudonym
from .receipts import Accepted, Receipt, Refused, Repeated, Variant
from .take import EVENTS_MAX, take, take_all
from .verify import Broken, Verified, verify

__all__ = [
    "EVENTS_MAX",
    "STATUSES",
    "Accepted",
    "Bounds",
    "Broken",
    "Checkpoint",
    "Deployment",
    "Door",
    "Handed",
    "Interned",
    "Keys",
    "MemoryLedger",
    "Persons",
    "Receipt",
    "Refused",
    "Repeated",
    "Variant",
    "Verified",
    "checkpoint",
    "dismiss",
    "is_pseudonym",
    "mend",
    "pack",
    "replay",
    "take",
    "take_all",
    "verify",
]
