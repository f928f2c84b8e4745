"""Small random worlds of windows: what comes, lies and leaves at few sites, cleanings, swabs, windows."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from .worlds import IDS, Saying, Told

BATCHES = ["farm/leaf/L1", "farm/leaf/L2", "plant/salad/S1", "plant/salad/~T1", "plant/salad/~", "plant/water/~W"]
SITES = ["farm", "plant"]
_batch, _site = st.sampled_from(BATCHES), st.sampled_from(SITES)
_day = st.sampled_from(["2026-03-01", "2026-03-02", "2026-03-03", "2026-03-02T12:00:00Z", "2026-03", None])
_location = st.sampled_from([None, None, "line 1", "line 2"])


@st.composite
def _ref(draw: st.DrawFn, *, expires: bool = True) -> dict[str, Any]:
    said: dict[str, Any] = {"batch": draw(_batch)}
    quantity = draw(st.sampled_from([None, ("2", "kg"), ("2000", "g"), ("1", "kg")]))
    if quantity:
        said |= {"quantity": quantity[0], "unit": quantity[1]}
    if expires and draw(st.integers(0, 4)) == 0:
        said["expires"] = draw(st.sampled_from(["2026-03-01", "2026-03-02"]))
    return said


@st.composite
def flows(draw: st.DrawFn) -> Saying:
    """An event of the chain at a site, perhaps at a place in it."""
    site, who = draw(_site), draw(st.sampled_from(["trade", "plant"]))
    said: dict[str, Any] = {"id": draw(st.sampled_from(IDS)), "operator": draw(st.sampled_from(["trade", "plant"]))}
    said |= {"site": site, "at": draw(_day), "zone": "Z", "location": draw(_location)}
    match draw(st.sampled_from(["transformed", "transformed", "shipped", "received", "disposed", "stored", "applied"])):
        case "transformed":
            ins = draw(st.lists(_ref(), max_size=2, unique_by=lambda one: one["batch"]))
            said |= {"kind": "transformed", "in_batches": ins, "out_batches": [draw(_ref())]}
        case "shipped":
            to = draw(st.sampled_from([other for other in SITES if other != site]))
            said |= {"kind": "shipped", "batches": [draw(_ref())], "to_site": to, "arrived": draw(_day)}
        case "received":
            said |= {"kind": "received", "batches": [draw(_ref())]}
        case "disposed":
            said |= {"kind": "disposed", "batches": [draw(_ref(expires=False))], "method": "destroyed"}
        case "stored":
            said |= {"kind": "stored", "batches": [draw(_ref())]}
        case _:
            said |= {"kind": "input_applied", "inputs": [draw(_ref())], "applied_to": [draw(_batch)]}
    return who, said


@st.composite
def windows(draw: st.DrawFn) -> Saying:
    """A window is declared."""
    who = draw(st.sampled_from(["county", "trade"]))
    said: dict[str, Any] = {"kind": "contamination_declared", "id": draw(st.sampled_from(["w1", "w2"])), "zone": "Z"}
    said |= {"operator": "trade", "site": draw(_site), "hazard_class": "pathogen", "hazard": "Listeria", "reason": "x"}
    since, until = draw(
        st.sampled_from([(None, None), ("2026-03-02", None), (None, "2026-03-02"), ("2026-03-02",) * 2])
    )
    said |= {"since": since, "until": until, "at": "2026-03-03"}
    said |= draw(
        st.sampled_from([{}, {}, {"location": "line 1"}, {"source": "plant/water/~W"}, {"source": BATCHES[0]}])
    )
    if draw(st.integers(0, 3)) == 0:
        said["clean_breaks"] = [{"at": "2026-03-02T06:00:00Z"}]
    return who, said


@st.composite
def cleanings(draw: st.DrawFn) -> Saying:
    """A place is cleaned."""
    said: dict[str, Any] = {"kind": "cleaned", "id": draw(st.sampled_from(["k1", "k2"])), "operator": "plant"}
    at = draw(st.sampled_from(["2026-03-01T20:00:00Z", "2026-03-02T20:00:00Z", "2026-03-04T00:00:00Z"]))
    return "plant", said | {"site": draw(_site), "at": at, "location": draw(_location)}


@st.composite
def swabs(draw: st.DrawFn) -> Saying:
    """A place is sampled, or such a sample tested."""
    sample = draw(st.sampled_from(["P1", "P2"]))
    if draw(st.booleans()):
        said: dict[str, Any] = {"kind": "sampled", "id": f"s{sample}", "operator": "plant", "site": "plant"}
        said |= {"at": draw(st.sampled_from(["2026-03-02T12:00:00Z", "2026-03-01T12:00:00Z"])), "sample": sample}
        return "plant", said | {"place_sample": "surface", "location": draw(_location)}
    said = {"kind": "tested", "id": draw(st.sampled_from(["t1", "t2"])), "lab": "lab", "sample": sample}
    said |= {"report": draw(st.sampled_from(["R1", "R2"])), "hazard_class": "pathogen", "hazard": "Listeria"}
    return "lab", said | {"verdict": draw(st.sampled_from(["failed", "failed", "passed"]))}


@st.composite
def corrections(draw: st.DrawFn) -> Saying:
    """Somebody takes something back."""
    target = draw(st.sampled_from([*IDS, *IDS, "w1", "w2", "k1", "sP1", "t1", "b1"]))
    theirs = {"w1": "county", "w2": "trade", "k1": "plant", "sP1": "plant", "t1": "lab", "b1": "trade"}
    sender = theirs.get(target) or draw(st.sampled_from(["trade", "plant"]))
    said = {"kind": "corrected", "id": draw(st.sampled_from(["c1", "c2"])), "target": {"id": target, "sender": sender}}
    return sender, said | {"action": "withdraw", "reason": "x"}


@st.composite
def same(draw: st.DrawFn) -> Saying:
    """Two keys are said to be one batch."""
    pair = draw(st.lists(st.sampled_from(BATCHES[:3]), min_size=2, max_size=2, unique=True))
    return "trade", {"kind": "same_batch", "id": "b1", "batches": pair}


def worlds(most: int = 9) -> st.SearchStrategy[list[Saying]]:
    """Up to ``most`` sayings and a window among them."""
    one = st.one_of(flows(), flows(), flows(), flows(), windows(), cleanings(), swabs(), swabs(), corrections(), same())
    return st.tuples(windows(), st.lists(one, min_size=1, max_size=most)).map(lambda both: [both[0], *both[1]])


class Watched(Told):
    """A world whose batches are these."""

    batches = BATCHES
