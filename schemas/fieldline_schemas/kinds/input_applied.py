"""Something was applied to a field, a herd, a pond or to batches."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import BatchRef, Event
from fieldline_schemas.fields import Count, Name, Quantity, choice, said
from fieldline_schemas.flows import Added, Flow


class InputApplied(Event):
    """农业投入品使用: inputs reached what was there already, a plot, a herd, a pond, batches; they are in it from then
    on."""

    CODE: ClassVar[int] = 17
    DETAIL_WITH: ClassVar[tuple[str, ...]] = ("pre_harvest_days", "withdrawal_days", "active_ingredient")
    FLOW: ClassVar[Flow] = Added(ins="inputs", reached="applied_to")

    kind: Literal["input_applied"] = "input_applied"
    inputs: list[BatchRef] = Field(
        **said("What was applied, and how much in all", term="农业投入品", example=["agro-2/compost/C9"], at_least=1)
    )
    applied_to: list[BatchRef] = Field(
        **said("Plots, herds, ponds (pools), or batches", term="使用对象", example=["hof-1/rocket/~PLOT7"], at_least=1)
    )
    purpose: Annotated[
        str | None,
        choice("pesticide", "fertiliser", "irrigation", "feed", "veterinary_drug", "cleaning", "preservation", "other"),
    ] = Field(None, **said("What it is applied for", term="用途", example="pesticide"))
    active_ingredient: Name | None = Field(
        None, **said("Active ingredient, as the label says it", term="有效成分", example="imidacloprid")
    )
    dose: Name | None = Field(
        None, **said("How much of it on how much, as said", term="用量", unit="in the text", example="300 g/hm2")
    )
    area_m2: Quantity | None = Field(
        None, **said("Area that it was applied to", term="面积", unit="m2", example="2600")
    )
    pre_harvest_days: Count | None = Field(
        None, **said("Pre-harvest interval on the label", term="安全间隔期", unit="days", example=7)
    )
    withdrawal_days: Count | None = Field(
        None, **said("Withdrawal period on the label", term="休药期", unit="days", example=28)
    )
