"""Kernels that tell where the packed links of a node end."""

from __future__ import annotations

from fieldline_trace.lineage.kernels.columns import FEW_INS, FEW_OUTS, MANY_LINKS, Records
from fieldline_trace.lineage.kernels.compiled import inlined


@inlined
def out_end(hot: Records, node: int) -> int:
    """One past the last packed link out of a node."""
    few = hot[node]["flags"] >> FEW_OUTS & MANY_LINKS
    end = hot[node]["out_start"] + few
    if few == MANY_LINKS:
        end = hot[node + 1]["out_start"]
    return int(end)


@inlined
def in_end(hot: Records, node: int) -> int:
    """One past the last packed link into a node."""
    few = hot[node]["flags"] >> FEW_INS & MANY_LINKS
    end = hot[node]["in_start"] + few
    if few == MANY_LINKS:
        end = hot[node + 1]["in_start"]
    return int(end)
