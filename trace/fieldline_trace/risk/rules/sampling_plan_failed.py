"""SAMPLING_PLAN_FAILED: the units of a sample fail the plan for the product.

Inputs: the values of one analyte in one standing result that no confirmatory test refutes, one for each unit; the plan
(n, c, m, M) of the product.
Condition: any unit above M, or more than c units above m. Of an analyte that must be absent: any unit where it was
found. Fewer than n units can fail, and are said to be few; they never pass.
Severity: critical; hold while only a screening test says so.
Proposes: draft_scope; hold while only a screening test says so.
Source: the plan that the alert cites.
Clears: the result is superseded, withdrawn or corrected. A microbial failure is not retested.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from fieldline_trace.reference.load import Plan
from fieldline_trace.reference.products import Products
from fieldline_trace.reference.values import measured
from fieldline_trace.risk.alerts import Finding, found
from fieldline_trace.risk.rules.limit_exceeded import Measurement, severity

NAME: Final = "SAMPLING_PLAN_FAILED"


def sampling_plan_failed(
    measurements: Sequence[Measurement], plans: Sequence[Plan], products: Products
) -> Iterator[Finding]:
    """One alert for each batch and analyte of a result; each variant of the result is judged by itself."""
    groups: dict[tuple[str, str], dict[int, list[Measurement]]] = {}
    for one in measurements:
        key = one.batch, products.analyte(one.analyte)
        groups.setdefault(key, {}).setdefault(one.number, []).append(one)
    for (batch, analyte), variants in sorted(groups.items()):
        product = next(iter(variants.values()))[0].product
        plan = _plan(plans, products.chain(product), analyte)
        if plan is None:
            continue
        failed = [(why, units) for units in variants.values() if (why := _worst(units, plan)) is not None]
        if not failed:
            continue
        (above_most, above_m), units = min(failed, key=lambda item: (item[0], item[1][0].lab, item[1][0].report))
        one = units[0]
        yield found(
            NAME,
            f"{one.identity:016x}|{batch}|{analyte}",
            batch,
            severity(units),
            {
                "batch": batch,
                "product": plan.product,
                "analyte": analyte,
                "units": len(units),
                "above_m": above_m,
                "above_most": above_most,
                "plan": f"n={plan.n}, c={plan.c}, m={plan.m}, M={plan.most}",
                "lab": one.lab,
                "report": one.report,
                "status": plan.status,
            },
            ((each.identity, each.number) for _, each_units in failed for each in each_units),
            screening=all(each.screening for each in units),
            sure=len(failed) == len(variants) and all(each.firm and not each.screening for each in units),
            historical=all(each.historical for _, each_units in failed for each in each_units),
        )


def _plan(plans: Sequence[Plan], chain: Sequence[str], analyte: str) -> Plan | None:
    return next((one for name in chain for one in plans if one.product == name and one.analyte == analyte), None)


def _worst(units: Sequence[Measurement], plan: Plan) -> tuple[int, int] | None:
    """How many units are above M, and above m; None where the plan is kept."""
    values = [value for value in (measured(one.value) for one in units) if value is not None and value.found]
    above_most = sum(value.lo > plan.most or plan.most == 0 for value in values)
    above_m = sum(value.lo > plan.m or plan.m == 0 for value in values)
    return (above_most, above_m) if above_most or above_m > plan.c else None
