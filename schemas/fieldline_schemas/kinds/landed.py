"""A vessel brought its catch ashore."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import BatchRef, Event
from fieldline_schemas.fields import Id, Name, Time, said
from fieldline_schemas.flows import Flow, Made


class Landed(Event):
    """上岸: the catch of a vessel came ashore; `site` is the first land-based receiver or the port."""

    CODE: ClassVar[int] = 21
    FLOW: ClassVar[Flow] = Made(ins="sources", outs="out_batches")

    kind: Literal["landed"] = "landed"
    sources: list[BatchRef] = Field(
        [], **said("Batches or holds aboard, where they have keys", term="来源", example=["vessel-9/tuna/~HOLD2"])
    )
    out_batches: list[BatchRef] = Field(
        **said("What came ashore", term="出库批次", example=["vessel-9/tuna/T31"], at_least=1)
    )
    vessel: Name | None = Field(None, **said("The vessel: name or registration", term="渔船", example="IMO 9074729"))
    trip: Id | None = Field(None, **said("The fishing trip", term="航次", example="trip-2026-031"))
    catch_area: Name | None = Field(None, **said("FAO major fishing area", term="捕捞海域", example="61"))
    gear: Name | None = Field(None, **said("Fishing gear: ISSCFG code or name", term="渔具", example="09.3"))
    caught: Time | None = Field(
        None, **said("When it was caught", term="捕捞时间", example={"from": "2026-02-20", "to": "2026-02-27"})
    )
