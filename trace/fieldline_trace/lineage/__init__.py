"""Which holding's material is in which other's: links with times, lots, gaps and pools, both ways. Pure."""

from fieldline_trace.lineage.answers import Gap, Seed, StepColumns, Touched, Trace
from fieldline_trace.lineage.index import LineageIndex
from fieldline_trace.lineage.terms import (
    ALL,
    BASES,
    CERTAINTIES,
    CONFLICTING,
    DECLARED,
    DEFINITE,
    DISPUTED,
    INFERRED,
    POOLED,
    POSSIBLE,
    RECORDED,
    WITHDRAWN,
)

__all__ = [
    "ALL",
    "BASES",
    "CERTAINTIES",
    "CONFLICTING",
    "DECLARED",
    "DEFINITE",
    "DISPUTED",
    "INFERRED",
    "POOLED",
    "POSSIBLE",
    "RECORDED",
    "WITHDRAWN",
    "Gap",
    "LineageIndex",
    "Seed",
    "StepColumns",
    "Touched",
    "Trace",
]
