"""The board: raised, amended, withdrawn, numbered; and the sentences that alerts are rendered as."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fieldline_schemas.messages import Language
from fieldline_trace.recall.scope import CODES
from fieldline_trace.risk import RULES, retesting
from fieldline_trace.risk.alerts import AlertBoard, AlertChange, Cause, Finding, evidence_of
from fieldline_trace.risk.render import reason, render
from fieldline_trace.risk.rules import certificate_mismatch, chain_gap, correction_refused

CAUSE = Cause("result", 7)
FOUND = Finding(
    rule="CLOCK_SKEW",
    anchor="farm",
    subject="farm",
    severity="warning",
    confidence="confirmed",
    args={"sender": "farm", "count": 1},
    evidence=(7,),
    evidence_count=1,
)


def judged(board: AlertBoard, *findings: Finding, position: int = 1) -> list[AlertChange]:
    return board.judge("CLOCK_SKEW", 1, findings, position=position, at=position, cause=CAUSE)


def test_what_is_found_again_changes_nothing() -> None:
    board = AlertBoard()
    assert [change.change for change in judged(board, FOUND)] == ["raised"]
    assert judged(board, FOUND) == []


def test_versions_are_numbered_through_amendment_withdrawal_and_return() -> None:
    board = AlertBoard()
    amended = replace(FOUND, args={"sender": "farm", "count": 2})
    turns = [judged(board, FOUND), judged(board, amended), judged(board), judged(board, FOUND)]
    assert [(c.change, c.version) for [c] in turns] == [
        ("raised", 1),
        ("amended", 2),
        ("withdrawn", 3),
        ("raised", 4),
    ]
    assert turns[2][0].finding == amended
    assert [alert.id for alert in board.standing()] == [FOUND.id]


def test_an_id_comes_from_rule_and_anchor_alone() -> None:
    assert replace(FOUND, subject="x", args={}, evidence=()).id == FOUND.id
    assert replace(FOUND, anchor="dairy").id != FOUND.id
    assert replace(FOUND, rule="CHAIN_GAP").id != FOUND.id


def test_evidence_is_chosen_by_identity() -> None:
    assert evidence_of([(9, 1), (3, 2), (9, 1)]) == ((2, 1), 2)


ARGS: dict[str, str | int | bool | list[str] | None] = {
    "batch": "B",
    "site": "S",
    "to": "T",
    "lab": "L",
    "report": "R1",
    "by": "R2",
    "was": "failed",
    "is": "passed",
    "hazard": "H",
    "sender": "P",
    "count": 2,
    "rule": "X",
    "error": "E",
    **dict.fromkeys(
        (
            "analyte",
            "value",
            "unit",
            "limit",
            "limit_unit",
            "product",
            "standard",
            "clause",
            "decided_by",
            "date",
            "plan",
            "units",
            "above_most",
            "above_m",
            "substance",
            "since",
            "days",
            "what",
            "interval",
            "minutes",
            "greatest_minutes",
            "deadline",
            "grams",
            "background",
            "chance",
            "false_alarms",
            "findings",
            "explains",
            "passed",
            "taken",
            "published",
            "low",
            "high",
            "target",
            "year",
            "grid",
            "tested",
            "producers",
            "strain",
            "injured",
            "system",
            "alert",
            "scope",
            "put_in",
            "made",
            "most",
            "batches",
            "operator",
            "at_lab",
            "licence",
            "certificate",
            "holder",
            "claim",
            "inputs",
        ),
        "x",
    ),
}
WHYS: dict[str, list[str | None]] = {
    "CHAIN_GAP": [
        chain_gap.UNEXPLAINED,
        chain_gap.ORIGIN,
        chain_gap.ORDER,
        chain_gap.SHIPPED_ON,
        chain_gap.NO_ARRIVAL,
        chain_gap.NEVER_PACKED,
    ],
    "SCREENING_POSITIVE": ["alone", "confirmed"],
    "INCOMING_UNVERIFIED": ["supplier", "licence", "not_theirs", "evidence"],
    "CERTIFICATE_MISMATCH": [*certificate_mismatch.WHYS],
    "CLAIM_UNSUPPORTED": ["certificate", "input"],
    "LABEL_FAULT": ["allergen", "ingredient", "produced", "expires", "backwards"],
    "RETEST": [name.partition(".")[2] for name in retesting.SENTENCES],
    "BANNED_SUBSTANCE": ["found", "used"],
    "RELEASED_UNTESTED": ["early", "never"],
    "OPERATOR_STATUS": ["barred", "unlicensed"],
    "INPUT_SALE_UNLICENSED": ["licence", "buyer"],
    "SAMPLE_MISSING": ["none", "poor"],
    "CANTEEN_CLUSTER": [None, "site"],
    "COMMON_SOURCE": ["hazard", "strain"],
    "PASS_RATE_BELOW_TARGET": ["all", "class"],
    "SHARED_ENVIRONMENT": ["ground", "input"],
    "CORRECTION_REFUSED": [
        correction_refused.NOT_ENTITLED,
        correction_refused.CIRCLE,
        correction_refused.ACT,
        correction_refused.ROLE,
    ],
}


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_a_sentence_in_both_languages(rule: str) -> None:
    for why in WHYS.get(rule, [None]):
        args = {**ARGS, "why": why} if why else ARGS
        english, chinese = (render(replace(FOUND, rule=rule, args=args), language) for language in ("en", "zh-CN"))
        assert english.isascii()
        assert any("\u4e00" <= character <= "\u9fff" for character in chinese)


@pytest.mark.parametrize("code", CODES)
def test_every_reason_has_words(code: str) -> None:
    assert "e-1" in reason(code, "e-1")
    assert reason(code, "e-1", "zh-CN") != reason(code, "e-1")


def test_verdicts_are_words_of_the_language() -> None:
    found = replace(FOUND, rule="RESULT_SUPERSEDED", args=ARGS)
    assert "failed before, passed now" in render(found)
    assert "原为不合格，现为合格" in render(found, "zh-CN")


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_what_is_not_known_leaves_no_gap_in_a_sentence(language: Language) -> None:
    for rule, why in (("LIMIT_EXCEEDED", None), ("BANNED_SUBSTANCE", "found"), ("BANNED_SUBSTANCE", "used")):
        said = {**ARGS, "why": why, "clause": None, "unit": None, "since": None}
        text = render(replace(FOUND, rule=rule, args=said), language)
        assert not any(gap in text for gap in ("  ", " ,", " ，", " （", "自  起", "since ,"))
