"""What a result that stands drafts a scope about: the batches that it names, what units held, the place of a swab."""

from __future__ import annotations

from fieldline_trace.follow.declarations import Declarations
from fieldline_trace.follow.names import Names
from fieldline_trace.follow.results import ResultFacts
from fieldline_trace.follow.unit_seeds import UnitSeeds
from fieldline_trace.recall.docket import Found
from fieldline_trace.recall.reach import ScopeSeed
from fieldline_trace.risk.rules import test_failed
from fieldline_trace.risk.rules.test_failed import Result


def found_of(facts: ResultFacts, names: Names, unit_seeds: UnitSeeds, declarations: Declarations) -> Found | None:
    """What a result drafts; nothing where it does not fail, or is imported history."""
    failed = test_failed.fails(facts.variants, facts.superseded_by, facts.deciding)
    failed = sorted((one for one in failed if not one.historical), key=lambda result: result.rank)
    if not failed:
        return None
    seeds: dict[int, ScopeSeed] = {}
    for one in failed:
        site = (names.site_number(one.site) or 0) if one.site else 0
        for batch in one.batches:
            number = names.batch_number(batch)
            if number is not None and (one.whole_lot or site):
                seed = ScopeSeed(number, site, one.whole_lot, one.number)
                for found in unit_seeds.found(one.identity, seed, one.sample):
                    seeds.setdefault(found.batch, found)
        for seed in declarations.swabbed(one) if not one.batches else ():
            seeds.setdefault(seed.batch, seed)
    ordered = sorted(seeds, key=declarations.in_order)
    return Found(tuple(seeds[number] for number in ordered), failed[0].hazard_class, failed[0].hazard)


def of_places(facts: ResultFacts) -> tuple[list[Result], list[Result]]:
    """What of a result speaks of a sample of no batch: how it fails, and what of it passes."""
    of_samples = [one for one in facts.variants if not one.batches and one.sample]
    failed = test_failed.fails(of_samples, facts.superseded_by, facts.deciding)
    passed = [one for one in of_samples if one.verdict == "passed" and not one.screening and not facts.superseded_by]
    return failed, passed
