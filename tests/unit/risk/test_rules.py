"""Each rule, with each side of its boundary."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fieldline_trace.risk.alerts import EVIDENCE_AT_MOST
from fieldline_trace.risk.rules.chain_gap import NO_ARRIVAL, ORDER, UNEXPLAINED, Gap, chain_gap
from fieldline_trace.risk.rules.clock_skew import clock_skew
from fieldline_trace.risk.rules.correction_refused import CIRCLE, ROLE, correction_refused
from fieldline_trace.risk.rules.event_conflict import event_conflict
from fieldline_trace.risk.rules.result_superseded import result_superseded
from fieldline_trace.risk.rules.rule_failed import rule_failed
from fieldline_trace.risk.rules.screening_positive import screening_positive
from fieldline_trace.risk.rules.test_failed import Result, fails
from fieldline_trace.risk.rules.test_failed import test_failed as failed_by

FAILED = Result(
    number=7,
    identity=70,
    firm=True,
    historical=False,
    batches=("farm/leaf/L1",),
    site="plant",
    lab="lab",
    report="R1",
    sample="S1",
    hazard_class="pathogen",
    hazard="Listeria",
    screening=False,
    verdict="failed",
    whole_lot=True,
)
SCREEN = replace(FAILED, screening=True)
CONFIRMED = replace(FAILED, number=8, identity=80, report="R2")
REFUTED = replace(CONFIRMED, verdict="passed")


def test_a_failed_confirmatory_result_is_critical_and_sure() -> None:
    [found] = failed_by([FAILED], [], [FAILED])
    assert (found.severity, found.confidence, found.evidence) == ("critical", "confirmed", (7,))


@pytest.mark.parametrize("verdict", ["passed", "inconclusive"])
def test_only_failed_is_failed(verdict: str) -> None:
    assert list(failed_by([replace(FAILED, verdict=verdict)], [], [])) == []


def test_a_screening_test_holds_by_itself() -> None:
    assert not list(failed_by([SCREEN], [], []))
    [found] = screening_positive([SCREEN], [], [])
    assert (found.severity, found.confidence, found.sure) == ("hold", "screening", False)


def test_a_confirmatory_failure_confirms_the_screening_test() -> None:
    for deciding, confirming in (([CONFIRMED], []), ([], [CONFIRMED])):
        [found] = screening_positive([SCREEN], [], deciding, confirming)
        assert (found.severity, found.confidence, found.sure) == ("critical", "confirmed", True)
        assert (found.args["by"], found.evidence_count) == ("R2", 2)


def test_a_confirmatory_pass_refutes_a_screening_test_only() -> None:
    assert fails([SCREEN], [], [REFUTED]) == []
    assert fails([FAILED], [], [REFUTED]) == [FAILED]
    assert not list(screening_positive([SCREEN], [], [REFUTED]))
    assert not list(screening_positive([replace(SCREEN, verdict="passed")], [], []))
    assert not list(screening_positive([FAILED], [], []))


def test_of_confirmatory_results_that_disagree_the_failed_one_counts() -> None:
    assert fails([SCREEN], [], [REFUTED, CONFIRMED]) == [SCREEN]


def test_a_result_that_only_some_variants_say_failed_is_less_sure() -> None:
    [found] = failed_by([replace(FAILED, firm=False), replace(FAILED, number=9, verdict="passed")], [], [])
    assert (found.severity, found.confidence, found.sure) == ("critical", "confirmed", False)


def test_a_superseded_result_fails_no_longer_and_that_is_told() -> None:
    assert fails([FAILED], [REFUTED], []) == []
    [found] = result_superseded([FAILED], [REFUTED])
    assert (found.args["was"], found.args["is"], found.args["by"]) == ("failed", "passed", "R2")


def test_an_amendment_from_passed_to_passed_is_not_told() -> None:
    assert list(result_superseded([replace(FAILED, verdict="passed")], [REFUTED])) == []
    assert list(result_superseded([FAILED], [])) == []


def test_which_of_several_results_speaks_does_not_depend_on_their_order() -> None:
    other = replace(FAILED, number=3, report="R0")
    assert list(failed_by([FAILED, other], [], [])) == list(failed_by([other, FAILED], [], []))


def gap(why: str = UNEXPLAINED, *, historical: bool = False) -> Gap:
    return Gap(why, "farm/leaf/L1", "plant", "", ((70, 7),), historical, deadline=100)


def test_a_gap_is_news_from_its_deadline_on() -> None:
    assert list(chain_gap([gap()], 99)) == []
    assert len(list(chain_gap([gap()], 100))) == 1
    assert list(chain_gap([gap(NO_ARRIVAL)], 99)) == []


def test_imported_history_and_impossible_order_wait_for_no_deadline() -> None:
    [found] = chain_gap([gap(historical=True)], 0)
    assert found.historical
    [found] = chain_gap([gap(ORDER)], 0)
    assert found.severity == "info"


def test_a_conflict_takes_two_contents() -> None:
    assert list(event_conflict(70, "farm", [("d1", 7, False)])) == []
    [found] = event_conflict(70, "farm", [("d2", 8, True), ("d1", 7, False)])
    assert (found.evidence, found.args["digests"], found.historical) == ((7, 8), ["d1", "d2"], False)


def test_evidence_is_capped_and_counted() -> None:
    events = [(n, n, False) for n in range(EVIDENCE_AT_MOST + 5)]
    [found] = clock_skew("farm", events)
    assert (len(found.evidence), found.evidence_count) == (EVIDENCE_AT_MOST, EVIDENCE_AT_MOST + 5)
    assert list(clock_skew("farm", [])) == []


def test_a_refusal_stands_while_there_is_a_reason() -> None:
    assert list(correction_refused(70, "farm", [])) == []
    [found] = correction_refused(70, "farm", [(ROLE, 7, False), (CIRCLE, 9, True)])
    assert (found.args, found.evidence) == ({"sender": "farm", "why": CIRCLE}, (7, 9))


def test_a_rule_that_fails_is_named_with_its_error() -> None:
    assert list(rule_failed("CHAIN_GAP", "x", (7,), None)) == []
    [found] = rule_failed("CHAIN_GAP", "x", (7,), "KeyError: 3")
    assert found.args == {"rule": "CHAIN_GAP", "error": "KeyError: 3"}
