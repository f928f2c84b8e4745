"""The property of order, of the rules that read more than flows: any order, repetition and split, the same alerts."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from .worlds import Saying, Told, corrections, findings, flows, same

_batch = st.sampled_from(["farm/leaf/L1", "farm/leaf/L2", "plant/salad/S1", "plant/salad/~T1"])
_day = st.sampled_from(["2026-03-01", "2026-03-02", "2026-03-03", "2026-03", None])
_site = st.sampled_from(["farm", "plant", "shop"])
_sample = st.sampled_from(["S1", "S2"])
_who = st.sampled_from(["trade", "plant"])


@st.composite
def papers(draw: st.DrawFn) -> Saying:
    """A certificate, a check of a purchase, a label, or what they are held to."""
    batch, who, day = draw(_batch), draw(_who), draw(_day)
    said: dict[str, Any] = {"operator": who, "site": draw(_site), "at": day, "zone": "Z"}
    match draw(st.integers(0, 5)):
        case 0:
            scheme = draw(st.sampled_from(["compliance", "organic"]))
            said |= {"kind": "certified", "certificate": "CC", "scheme": scheme, "holder": draw(_who)}
            said |= {"batches": [batch]} if draw(st.booleans()) else {"product": "spinach"}
        case 1:
            check = {"certificates": ["CC"]} if draw(st.booleans()) else {}
            said |= {"kind": "received", "batches": [batch], "from_operator": draw(_who), "check": check}
        case 2:
            allergens = draw(st.sampled_from([[], ["milk"]]))
            goods = {"batch": batch, "produced": draw(_day), "expires": "2026-03-02"}
            said |= {"kind": "labelled", "batches": [goods], "claims": ["organic"], "allergens": allergens}
            said |= {"ingredients": draw(st.sampled_from([[], ["salad"], ["spinach"]]))}
        case 3:
            said |= {"kind": "inspected", "type": "purchase", "outcome": "passed", "batches": [batch]}
        case 4:
            said |= {"kind": "licensed", "licence": "SC", "holder": draw(_who), "activity": "sale"}
        case _:
            said |= {"kind": "commingled", "in_batches": ["farm/spinach/L1", draw(_batch)], "certificate": "CC"}
            said |= {"out_batch": batch}
    return who, {**said, "id": draw(st.sampled_from(["e1", "e2", "e3", "p1", "p2", "p3"]))}


@st.composite
def reports(draw: st.DrawFn) -> Saying:
    """An event that a rule reads whole, or a use of what has a shelf life."""
    batch, day = draw(_batch), draw(_day)
    who, site = draw(_who), draw(_site)
    said: dict[str, Any] = {"operator": who, "site": site, "at": day, "zone": "Z"}
    match draw(st.integers(0, 12)):
        case 0:
            said |= {"kind": "input_applied", "inputs": ["agro/x/A"], "applied_to": [batch]}
            said |= {"pre_harvest_days": draw(st.sampled_from([1, 2, 30])), "active_ingredient": "phorate"}
        case 1:
            said |= {"kind": "harvested", "sources": [batch]}
            said |= {"out_batch": {"batch": draw(_batch), "expires": draw(st.sampled_from(["2026-03-01", "2026-03"]))}}
        case 2:
            said |= {"kind": draw(st.sampled_from(["sold", "served"])), "batches": [batch]}
        case 3:
            said |= {"kind": "licensed", "licence": "L", "holder": draw(st.sampled_from(["trade", "plant", "lab"]))}
            said |= {"activity": draw(st.sampled_from(["production", "testing"])), "valid_until": day or "2026-03-02"}
        case 4:
            said |= {
                "kind": "sanctioned",
                "subject": who,
                "measure": "ban",
                "since": day or "2026-03-02",
                "reason": "x",
            }
        case 5:
            case = draw(st.sampled_from(["c1", "c2", "c3"]))
            said |= {"kind": "illness_case", "case": case, "exposures": [{"batch": batch, "site": site}]}
            said |= {"hazard_class": "residue", "hazard": draw(st.sampled_from(["lead", "Lead "]))}
            said |= {"strain": draw(st.sampled_from([None, "ST 1", "ST 2"]))}
        case 6:
            number = draw(st.sampled_from(["n1", "n2", "n3", "n4"]))
            said |= {"kind": "complaint", "number": number, "batch": batch, "text": "x"}
        case 7:
            said |= {"kind": "sampled", "batches": [batch], "sample": "S1", "kind_of_sample": "release"}
        case 8:
            said |= {"kind": "milked", "out_batch": batch, "at": "2026-03-01T05:00:00Z"}
            said |= {"cooled_at": draw(st.sampled_from(["2026-03-01T06:00:00Z", "2026-03-01T09:00:00Z"]))}
        case 12:
            said |= {"kind": "retest_requested", "lab": "lab", "report": draw(st.sampled_from(["R1", "R2"]))}
        case 9:
            amount = st.sampled_from(["1", "2", "3"])
            said |= {"kind": "transformed", "in_batches": [{"batch": batch, "quantity": draw(amount), "unit": "kg"}]}
            said |= {"out_batches": [{"batch": draw(_batch), "quantity": draw(amount), "unit": "kg"}]}
            said |= {"transformation_id": draw(st.sampled_from(["T", None]))}
        case 10:
            said |= {"kind": "sampled", "batches": [batch], "sample": draw(_sample)}
        case _:
            said |= {
                "kind": "tested",
                "lab": "lab",
                "report": draw(st.sampled_from(["R1", "R2"])),
                "sample": draw(_sample),
            }
            said |= {"method": draw(st.sampled_from(["confirmatory", "screening"]))}
            if draw(st.booleans()):
                said |= {"retest_of": {"lab": "lab", "report": "R1"}, "lab": "south", "report": "R9"}
            said |= {
                "hazard_class": "residue",
                "hazard": "lead",
                "strain": draw(st.sampled_from([None, "st 1"])),
                "grid_unit": draw(st.sampled_from([None, "140105"])),
                "verdict": draw(st.sampled_from(["passed", "failed"])),
            }
            value = draw(st.sampled_from(["0.1", "5", "nd"]))
            said |= {"results": [{"analyte": draw(st.sampled_from(["chloramphenicol", "cadmium"])), "value": value}]}
    identity = f"e{draw(st.integers(1, 4))}" if draw(st.booleans()) else f"r{draw(st.integers(1, 20))}"
    return who, {**said, "id": identity}


def worlds() -> st.SearchStrategy[list[Saying]]:
    one = st.one_of(reports(), reports(), papers(), papers(), flows(), findings(), corrections(), same())
    return st.lists(one, min_size=2, max_size=10)


def told(sayings: list[Saying], sizes: list[int] | None = None) -> Told:
    one = Told()
    if sizes is None:
        one.tell(*sayings)
    else:
        one.tell_at_once(sayings, sizes)
    one.end()
    return one


@given(worlds(), st.randoms(use_true_random=False), st.lists(st.integers(1, 5), max_size=8))
def test_all_rules_find_the_same_in_any_order_repetition_and_split(
    sayings: list[Saying], random: Random, sizes: list[int]
) -> None:
    again = sayings + random.sample(sayings, len(sayings) // 2)
    random.shuffle(again)
    first = told(sayings).alerts()
    assert told(again, sizes).alerts() == first
    assert not [alert for alert in first if alert[0] == "RULE_FAILED"]
