"""Several keys are one batch."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import BatchRef, Envelope
from fieldline_schemas.faults import Fault
from fieldline_schemas.fields import said
from fieldline_schemas.flows import Flow, Still


class SameBatch(Envelope):
    """同一批次: two systems, two keys, one lot. Withdrawing it parts them again."""

    CODE: ClassVar[int] = 11
    FLOW: ClassVar[Flow] = Still(("batches",))
    DETAIL: ClassVar[bool] = True

    kind: Literal["same_batch"] = "same_batch"
    batches: list[BatchRef] = Field(
        **said("Two keys or more", term="批次", example=["hof-1/leaf/L1", "trader-2/leaf/4711"], at_least=2)
    )

    def agree(self) -> None:
        """Two different keys."""
        if len({ref.batch for ref in self.batches}) < 2:
            raise Fault.by("same_batch_two", "batches")
