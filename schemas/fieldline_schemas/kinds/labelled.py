"""What the label of a batch says."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import BatchRef, Event
from fieldline_schemas.fields import Name, choice, said
from fieldline_schemas.flows import Flow, Still


class Labelled(Event):
    """标签: what is declared of batches: ingredients, allergens, claims; dates stand beside each batch. It is held to
    what is recorded of what went in."""

    CODE: ClassVar[int] = 55
    FLOW: ClassVar[Flow] = Still(("batches",))
    DETAIL: ClassVar[bool] = True

    kind: Literal["labelled"] = "labelled"
    batches: list[BatchRef] = Field(
        **said("What carries the label", term="批次", example=["plant-7/salad/S1"], at_least=1)
    )
    ingredients: list[Name] = Field(
        [], **said("Ingredients, as declared; none: the label lists none", term="配料表", example=["rocket", "spinach"])
    )
    allergens: list[Name] = Field([], **said("Allergens, as declared", term="致敏物质", example=["milk"]))
    claims: list[Annotated[str, choice("green", "organic", "geographic")]] = Field(
        [], **said("What is claimed of it", term="标签声称", example=["organic"])
    )
    artwork: Name | None = Field(None, **said("Number of the label's artwork", term="标签版本", example="A-7/3"))
