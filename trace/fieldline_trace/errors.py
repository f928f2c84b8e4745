"""The one hierarchy of errors. Nothing else crosses a layer.

``Rejected``, ``NotFound``, ``Conflict`` and ``Forbidden`` mean that the asker has to change something;
``Unavailable`` means that the world is at fault and the same call may simply be made again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from fieldline_schemas.faults import Fault
    from fieldline_schemas.messages import Sentence


class FieldlineError(Exception):
    """What every error of fieldline is. ``status`` is the HTTP status that says the same."""

    status: ClassVar[int] = 500

    def __init__(self, message: str | Sentence = "") -> None:
        super().__init__(message)


class Rejected(FieldlineError):
    """The input is at fault; ``fault`` names field, value and rule. It will be refused again until it is mended."""

    status = 422

    def __init__(self, fault: Fault) -> None:
        super().__init__()
        self.fault = fault

    def __str__(self) -> str:
        return str(self.fault)


class NotFound(FieldlineError):
    """What was asked for is not known. ``near`` are the known names that come closest to it, best first."""

    status = 404

    def __init__(self, message: str | Sentence, near: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.near = near


class Conflict(FieldlineError):
    """The call contradicts what stands: another version, another holder, another state.

    ``position``: how far the ledger has come, where somebody asked for a position that there is not yet.
    """

    status = 409

    def __init__(self, message: str | Sentence = "", position: int | None = None) -> None:
        super().__init__(message)
        self.position = position


class Fenced(Conflict):
    """Another process has gone on in our place: what we were about to write, it has written or will write."""


class EntryFails(FieldlineError):
    """A follower falls over the entry of the ledger at ``position``: a flaw of ours. Its state is not to be used any
    more; that before the entry can be had anew."""

    def __init__(self, position: int, why: str) -> None:
        super().__init__(f"entry {position} of the ledger cannot be applied: {why}")
        self.position, self.why = position, why


class Forbidden(FieldlineError):
    """The caller's role may not do this."""

    status = 403


class Unavailable(FieldlineError):
    """The world is at fault (a database that is away or starting).

    Call again. Nothing was lost, nothing will be doubled. ``position``: how far it has come, where somebody waited for
    a position that was not reached.
    """

    status = 503

    def __init__(self, message: str | Sentence = "", position: int | None = None) -> None:
        super().__init__(message)
        self.position = position
