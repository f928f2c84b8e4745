"""What an alert proposes, and what would clear it, in English and in Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from fieldline_schemas.messages import Language

from fieldline_trace.risk.alerts import Finding
from fieldline_trace.risk.registry import RULES

_CLEARS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "TEST_FAILED": "结果被取代或撤回，或复检合格",
        "SCREENING_POSITIVE": "结果被取代或撤回，或同一样品的确证检验推翻快检结果",
        "RESULT_SUPERSEDED": "该更正报告被撤回",
        "RETEST": "申请或复检报告被撤回，或原报告经更正不再不合格",
        "LIMIT_EXCEEDED": "结果被取代、撤回或更正，或参考数据中的限量变更",
        "SAMPLING_PLAN_FAILED": "结果被取代、撤回或更正；微生物不合格不予复检",
        "BANNED_SUBSTANCE": "检验结果或使用记录被取代、撤回或更正",
        "ILLEGAL_ADDITIVE": "结果被取代、撤回或更正",
        "CONFIRMATION_OVERDUE": "该样品有了确证检验结果，或快检结果被取代或撤回",
        "LAB_NOT_ACCREDITED": "补录覆盖该日期和产品的资质，或撤回结果",
        "PHI_BREACH": "更正施用或采收记录",
        "WITHDRAWAL_BREACH": "更正用药或取得记录",
        "COLD_CHAIN_BREACH": "更正该事件",
        "RELEASED_UNTESTED": "补录早于出厂的合格结果，或更正",
        "INCOMING_UNVERIFIED": "补录该凭证，或更正收货记录",
        "CERTIFICATE_MISMATCH": "补录与之相符的同号证书，或更正证书或其使用记录",
        "CLAIM_UNSUPPORTED": "补录证书，或更正标签或谱系",
        "LABEL_FAULT": "更正标签，或更正投入记录",
        "EXPIRED": "更正该事件或保质期",
        "OPERATOR_STATUS": "补录当时有效的许可，撤回处罚，或更正事件",
        "INPUT_SALE_UNLICENSED": "更正销售记录",
        "SAMPLE_MISSING": "补录或更正该餐次的留样",
        "CANTEEN_CLUSTER": "病例被撤回或更正",
        "COMPLAINT_SIGNAL": "投诉被撤回或更正",
        "COMMON_SOURCE": "检验结果或病例被撤回、取代或更正，或谱系被更正",
        "SHARED_ENVIRONMENT": "检验结果或病例被撤回、取代或更正，或采收、灌溉、施肥记录被更正",
        "PASS_RATE_BELOW_TARGET": "更多样品合格，或检验结果、抽样记录被撤回或更正",
        "REGIONAL_PROBLEM": "检验结果或抽样记录被撤回或更正，或更多生产者的样品合格",
        "EXTERNAL_NOTICE": "通报或该批次的记录被撤回或更正",
        "HELD_BATCH_MOVED": "更正该事件，召回范围不再封存该批次，或召回范围关闭",
        "SCOPE_GREW": "使其扩大的记录被撤回，或该成员被排除",
        "ALERT_UNACKNOWLEDGED": "有人处理该警报，或该警报不再成立",
        "MASS_BALANCE": "以更正补录遗漏的投入，或更正、撤回该事件",
        "CHAIN_GAP": "补齐缺失记录，或更正有误的记录",
        "EVENT_CONFLICT": "更正后只剩一份内容",
        "CLOCK_SKEW": "撤回或替换这些事件",
        "CORRECTION_REFUSED": "撤回该更正，或循环被打破",
        "RULE_FAILED": "该规则能够无误判定",
    }
)


def clears(rule: str, language: Language) -> str:
    """What would end an alert of a rule, as a sentence."""
    return _CLEARS[rule] if language == "zh-CN" else RULES[rule].says["Clears"]


def proposes(finding: Finding) -> str:
    """``hold``, ``confirm``, ``draft_scope``, ``release`` or ``nothing``. What is not sure enough to draft a scope of
    is held."""
    if finding.rule == "RETEST" and finding.args.get("why") == "passed":
        return "release"  # a task for a person: nothing is released by itself
    said = RULES[finding.rule].proposes
    return "hold" if said == "draft_scope" and finding.severity == "hold" else said
