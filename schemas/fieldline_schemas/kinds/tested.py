"""A laboratory reported."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from fieldline_schemas.contract import Envelope, Part
from fieldline_schemas.faults import Fault
from fieldline_schemas.fields import BatchKey, Id, Measured, Name, OperatorKey, choice, said
from fieldline_schemas.flows import Flow, Still
from fieldline_schemas.hazards import HazardClass


class Result(Part):
    """One analyte, as the laboratory wrote it. No limit is applied here."""

    analyte: Name = Field(**said("What was looked for", term="检测项目", example="lead"))
    value: Measured = Field(**said("What was found: number or text", term="检测值", unit="see `unit`", example="0.42"))
    unit: Name | None = Field(None, **said("Unit of value and limit", term="单位", example="mg/kg"))
    limit: Measured | None = Field(None, **said("Limit that the report cites", term="限量", example="0.3"))


class RetestOf(Part):
    """The report that a retest is of."""

    lab: OperatorKey = Field(**said("Its laboratory", term="初检机构", example="lab-north"))
    report: Id = Field(**said("Its number", term="报告编号", example="R-2026-980"))


class Tested(Envelope):
    """检验: the verdict of a laboratory on a batch or on a sample; `operator` is the laboratory or who ordered the
    test."""

    CODE: ClassVar[int] = 9
    FLOW: ClassVar[Flow] = Still(("batch",))
    DETAIL: ClassVar[bool] = True

    kind: Literal["tested"] = "tested"
    batch: BatchKey | None = Field(None, **said("The batch tested", term="批次", example="hof-1/leaf/L1"))
    sample: Id | None = Field(
        None, **said("The sample tested, as `sampled` numbers it", term="样品编号", example="S-42")
    )
    lab: OperatorKey = Field(**said("The laboratory", term="检验机构", example="lab-north"))
    report: Id = Field(**said("Number of its report", term="报告编号", example="R-2026-981"))
    hazard_class: HazardClass = Field(**said("Class of the hazard tested for", term="危害因素", example="pathogen"))
    hazard: Name = Field(**said("The hazard itself", term="危害因素", example="STEC O104:H4"))
    strain: Name | None = Field(
        None, **said("Sequence type or cluster of the isolate", term="分离株分型", example="ST678")
    )
    method: Annotated[str, choice("screening", "confirmatory")] = Field(
        "confirmatory", **said("A screen holds, a confirmatory result decides", term="检验方法", example="screening")
    )
    verdict: Annotated[str, choice("failed", "passed", "inconclusive")] = Field(
        **said("The laboratory's own verdict", term="结论", example="failed")
    )
    results: list[Result] = Field(
        [], **said("Analytes", example=[{"analyte": "lead", "value": "0.42", "unit": "mg/kg"}])
    )
    supersedes: Id | None = Field(None, **said("Report of the same laboratory that this amends", example="R-2026-980"))
    retest_of: RetestOf | None = Field(
        None,
        **said(
            "Report of another laboratory that this retests",
            term="复检",
            example={"lab": "lab-north", "report": "R-2026-980"},
        ),
    )
    scope: Annotated[str, choice("lot", "holding")] = Field(
        "lot", **said("It speaks of the whole lot, or of what lies at `site` only", example="lot")
    )

    def agree(self) -> None:
        """A batch or a sample; a site where the result is of one holding."""
        if self.batch is None and self.sample is None:
            raise Fault.by("test_of_nothing", "batch")
        if self.scope == "holding" and self.batch is not None and not self.site:
            raise Fault.by("test_of_holding", "site")
        if self.supersedes is not None and self.supersedes == self.report:
            raise Fault.by("test_supersedes_itself", "supersedes", self.supersedes)
