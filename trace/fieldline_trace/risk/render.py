"""Alerts and reasons as sentences, in English and in Chinese. They are stored as code and arguments; only this module
has words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from fieldline_schemas.messages import Language

from fieldline_trace.risk.alerts import Arg, Finding

_ALERTS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "TEST_FAILED.screening": (
            "{subject} failed a screening test for {hazard} (laboratory {lab}, report {report}): hold it until a "
            "confirmatory test decides",
            "{subject} 快检不合格：{hazard}（实验室 {lab}，报告 {report}）；确证检验前先行封存",
        ),
        "TEST_FAILED.confirmatory": (
            "{subject} failed for {hazard} (laboratory {lab}, report {report})",
            "{subject} 检验不合格：{hazard}（实验室 {lab}，报告 {report}）",
        ),
        "RESULT_SUPERSEDED": (
            "Report {report} of laboratory {lab} on {subject} was superseded by {by}: {was} before, {is} now",
            "实验室 {lab} 关于 {subject} 的报告 {report} 被 {by} 取代：原为{was}，现为{is}",
        ),
        "CHAIN_GAP.unexplained": (
            "{batch} was drawn on at {site}, and no record says how it came to be there in time",
            "{site} 使用了 {batch}，但没有记录说明其来源",
        ),
        "CHAIN_GAP.origin": (
            "No record says where {batch} was made, and it was first shipped from several places, {site} among them",
            "没有 {batch} 的生产记录，且其最初从多处发出，{site} 为其中之一",
        ),
        "CHAIN_GAP.order": (
            "{batch} is said to have arrived at {to} before it left {site}",
            "{batch} 到达 {to} 的时间早于离开 {site} 的时间",
        ),
        "CHAIN_GAP.shipped_on": (
            "{to} was made of {batch} at {site}, and is said to have left before {batch} came there",
            "{site} 以 {batch} 制成的 {to} 的发出时间早于 {batch} 的到达时间",
        ),
        "CHAIN_GAP.no_arrival": (
            "{batch} left {site} for {to}, and no receipt has come",
            "{batch} 已从 {site} 发往 {to}，但未收到到货记录",
        ),
        "CHAIN_GAP.never_packed": (
            "{batch} was taken out of {to} at {site}, and no record says that it was put in",
            "{site} 从 {to} 中取出 {batch}，但没有将其装入的记录",
        ),
        "EVENT_CONFLICT": (
            "{sender} sent one id with {count} different contents; all of them count until a correction decides",
            "{sender} 以同一编号发送了 {count} 份不同内容；更正之前均予保留",
        ),
        "CLOCK_SKEW": (
            "{count} events of {sender} are dated more than 24 hours ahead; their times count as unknown",
            "{sender} 有 {count} 条事件的时间超前 24 小时以上，其时间按未知处理",
        ),
        "CORRECTION_REFUSED.not_entitled": (
            "{sender} sent a correction of an event that is not theirs to correct; it has no effect",
            "{sender} 无权更正该事件，更正不生效",
        ),
        "CORRECTION_REFUSED.circle": (
            "A correction of {sender} is part of a circle of corrections; none of them has an effect",
            "{sender} 的更正与其他更正互相循环，均不生效",
        ),
        "CORRECTION_REFUSED.act": (
            "{sender} sent a correction of an act; acts are undone by acts, so it has no effect",
            "{sender} 试图更正一项处置行为；处置只能由另一处置撤销，更正不生效",
        ),
        "CORRECTION_REFUSED.role": (
            "{sender} has no role that allows this act; it has no effect",
            "{sender} 的角色无权作出该处置，处置不生效",
        ),
        "RULE_FAILED": (
            "Rule {rule} could not judge {subject}: {error}",
            "规则 {rule} 无法判定 {subject}：{error}",
        ),
    }
)

_WORDS: Final[Mapping[str, str]] = MappingProxyType({"failed": "不合格", "passed": "合格", "inconclusive": "未定"})

_REASONS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "recorded": ("came with event {event}", "随事件 {event} 而来"),
        "late_record": ("a later record, event {event}, changed the lineage", "后到的记录（事件 {event}）改变了谱系"),
        "correction": ("correction {event}", "更正 {event}"),
        "variant": ("another content of the same id, event {event}", "同一编号的另一份内容（事件 {event}）"),
        "same_batch": ("event {event} said which keys are one batch", "事件 {event} 说明哪些编码是同一批次"),
        "result": ("test result {event}", "检验结果 {event}"),
        "act": ("act {event}", "处置 {event}"),
        "window": ("a contaminated window, by event {event}", "污染窗口（事件 {event}）"),
        "tick": ("time passed, by the tick {event}", "时限已过（时钟事件 {event}）"),
    }
)


def template(finding: Finding) -> str:
    """The name of the sentence for a finding."""
    if finding.rule == "TEST_FAILED":
        confirmed = finding.args.get("confirmed") or finding.args.get("method") == "confirmatory"
        return "TEST_FAILED.confirmatory" if confirmed else "TEST_FAILED.screening"
    why = finding.args.get("why")
    return f"{finding.rule}.{why}" if why else finding.rule


def render(finding: Finding, language: Language = "en") -> str:
    """One finding as a sentence."""
    chosen = _ALERTS[template(finding)][language == "zh-CN"]
    words = {name: _word(value, language) for name, value in finding.args.items()}
    return chosen.format_map({"subject": finding.subject, **words})


def reason(code: str, event: str, language: Language = "en") -> str:
    """Why something changed. ``event``: the id of the event that brought it about."""
    return _REASONS[code][language == "zh-CN"].format(event=event)


def _word(value: Arg, language: Language) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    text = "" if value is None else str(value)
    return _WORDS.get(text, text) if language == "zh-CN" else text
