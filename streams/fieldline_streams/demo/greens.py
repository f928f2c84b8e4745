"""A chain of leafy vegetables, from a cooperative of three farmers to school canteens. All of it is invented, and
marked so.

A supervisory sample at the wholesale market fails for chlorpyrifos. The limit for pak choi is cited as the report
cites it (0.02 mg/kg). Days are told from the day on which the demo is played, so that nothing lies ahead or long ago.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from fieldline_streams.demo.told import EVERYTHING, Event, event, kg

ZONE = "Asia/Shanghai"
HAZARD = {"hazard_class": "residue", "hazard": "chlorpyrifos"}
RESULT = {"analyte": "chlorpyrifos", "value": "0.11", "unit": "mg/kg", "limit": "0.02"}
COOPERATIVE, MARKET, KITCHEN = "cooperative packing house", "wholesale market", "central kitchen"
FAILED = "coop/pak choi/P-0412"
SIBLING = "coop/pak choi/P-0413"
WASHED = "kitchen/washed greens/G-1"
KITCHEN_GRID, COOPERATIVE_GRID = "410105", "410122"
"""Administrative codes: the district of market, kitchen and schools, and the county of the cooperative."""
SCHOOLS = ("school 1 canteen", "school 2 canteen", "school 3 canteen")
DRESSING = "01/04012345123456/10/D-12"
PLOTS = ("farmer-a/pak choi/plot-3", "farmer-b/pak choi/plot-1", "farmer-c/pak choi/plot-7")


class Days:
    """Days by their distance from the day of the demo."""

    def __init__(self, today: date) -> None:
        self._today = today

    def ago(self, days: int) -> str:
        """The date ``days`` before."""
        return (self._today - timedelta(days)).isoformat()


def _said(name: str, kind: str, operator: str, site: str, at: Any, **fields: Any) -> Event:
    grid = COOPERATIVE_GRID if site == COOPERATIVE or site.endswith("field") else KITCHEN_GRID
    return event(f"greens-{name}", kind, operator, site, at, zone=ZONE, grid_unit=grid, invented=EVERYTHING, **fields)


def chain(days: Days) -> list[Event]:
    """From three plots, whose harvests a spreadsheet tells, to canteens: two lots of the cooperative, one kitchen, two
    schools. ``dressing`` of another supplier goes into the lunches."""
    said = []
    for plot in PLOTS:
        farmer = plot.split("/")[0]
        said += [
            _said(
                f"to-coop-{farmer}", "shipped", farmer, f"{farmer} field", days.ago(6), batches=[kg(plot, 200)],
                to_site=COOPERATIVE, to_operator="coop", arrived=days.ago(6),
            ),
        ]  # fmt: skip
    said += [
        _said(
            "packed-1", "transformed", "coop", COOPERATIVE, days.ago(5),
            in_batches=[kg(PLOTS[0], 200), kg(PLOTS[1], 100)],
            out_batches=[kg(FAILED, 300)],
        ),
        _said(
            "packed-2", "transformed", "coop", COOPERATIVE, days.ago(5),
            in_batches=[kg(PLOTS[1], 100), kg(PLOTS[2], 200)],
            out_batches=[kg(SIBLING, 300)],
        ),
        _said(
            "to-market", "shipped", "coop", COOPERATIVE, days.ago(5), batches=[kg(FAILED, 100), kg(SIBLING, 300)],
            to_site=MARKET, to_operator="market", arrived=days.ago(4),
        ),
        _said(
            "to-kitchen", "shipped", "coop", COOPERATIVE, days.ago(5), batches=[kg(FAILED, 200)],
            to_site=KITCHEN, to_operator="kitchen", arrived=days.ago(4),
        ),
        _said(
            "washed", "transformed", "kitchen", KITCHEN, days.ago(3), in_batches=[kg(FAILED, 150)],
            out_batches=[kg(WASHED, 140)],
        ),
    ]  # fmt: skip
    for number, school in enumerate(SCHOOLS[:2], 1):
        said.append(to_school(days, number))
        said.append(
            _said(
                f"lunch-{number}", "prepared", f"school-{number}", school, days.ago(2),
                out_batch=f"school-{number}/lunch/{days.ago(2)}", in_batches=[kg(WASHED, 40), kg(DRESSING, 10)],
            )
        )  # fmt: skip
    return said


def to_school(days: Days, number: int) -> Event:
    """Washed greens to one school."""
    return to_canteen(days, number, WASHED, KITCHEN, "kitchen", 40)


def to_canteen(days: Days, number: int, batch: str, site: str, operator: str, amount: float) -> Event:
    """So many kilograms of something to one school."""
    school = SCHOOLS[number - 1]
    return _said(
        f"{operator}-to-school-{number}", "shipped", operator, site, days.ago(3), batches=[kg(batch, amount)],
        to_site=school, to_operator=f"school-{number}", arrived=days.ago(2),
    )  # fmt: skip


def sample(days: Days) -> list[Event]:
    """A supervisory sample at the market, and the laboratory's report on it: failed."""
    return [
        _said(
            "sampled", "sampled", "county-inspection", MARKET, days.ago(2), batches=[FAILED], sample="S-77",
            kind_of_sample="supervisory",
        ),
        _said(
            "failed", "tested", "county-lab", MARKET, days.ago(0), batch=FAILED, sample="S-77", lab="county-lab",
            report="R-77", verdict="failed", results=[RESULT], **HAZARD,
        ),
    ]  # fmt: skip


def late_shipment(days: Days) -> Event:
    """A delivery to a third school, reported after the scope was opened."""
    return to_school(days, 3)


def correction(days: Days) -> Event:
    """School 2 takes its lunch back: it was made of other greens."""
    return {
        "id": "demo:greens-lunch-2-taken-back",
        "kind": "corrected",
        "operator": "school-2",
        "target": {"id": "demo:greens-lunch-2"},
        "action": "withdraw",
        "reason": "the lunch was made of greens of another supplier",
        "x-illustrative": EVERYTHING,
    }
