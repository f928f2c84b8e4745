"""An outlet sold seed, pesticide, fertiliser, feed or a drug."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import BatchRef, Event
from fieldline_schemas.fields import Flag, Id, OperatorKey, Personal, SiteKey, said
from fieldline_schemas.flows import Flow, Moved


class InputSold(Event):
    """农业投入品销售: batches of an input went to a buyer; highly toxic pesticides are sold by real name only."""

    CODE: ClassVar[int] = 18
    DETAIL_WITH: ClassVar[tuple[str, ...]] = ("restricted",)
    FLOW: ClassVar[Flow] = Moved("batches", origin="site", target="to_site", departed="at", other="to_operator")

    kind: Literal["input_sold"] = "input_sold"
    batches: list[BatchRef] = Field(
        **said("What was sold", term="农业投入品", example=["agro-2/compost/C9"], at_least=1)
    )
    to_site: SiteKey | None = Field(None, **said("The buyer's farm", term="购买方场所", example="hof-1"))
    to_operator: OperatorKey | None = Field(None, **said("The buyer, if an operator", term="购买方", example="hof-1"))
    licence: Id | None = Field(
        None, **said("Licence of the outlet", term="经营许可证", example="农药经许(粤)44000010001")
    )
    restricted: Flag = Field(False, **said("A pesticide of restricted use", term="限制使用农药", example=True))
    buyer: Personal | None = Field(None, **said("Who bought", term="购买人", example="buyer number 5", personal=True))
    buyer_id: Personal | None = Field(
        None,
        **said(
            "Identity number of who bought",
            term="身份证号",
            example="identity number of buyer number 5",
            personal=True,
        ),
    )
