"""Alerts and reasons as sentences, in English and in Chinese. They are stored as code and arguments; only this module
has words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from fieldline_schemas.messages import Language

from fieldline_trace.reference import load_reference
from fieldline_trace.risk import retesting
from fieldline_trace.risk.alerts import Arg, Finding

_ALERTS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        **retesting.SENTENCES,
        "SCREENING_POSITIVE.alone": (
            "{subject} failed a screening test for {hazard} (laboratory {lab}, report {report}): hold it until a "
            "confirmatory test decides",
            "{subject} 快检不合格：{hazard}（实验室 {lab}，报告 {report}）；确证检验前先行封存",
        ),
        "SCREENING_POSITIVE.confirmed": (
            "{subject} failed a screening test for {hazard} (laboratory {lab}, report {report}), and report {by} "
            "confirms it",
            "{subject} 快检不合格：{hazard}（实验室 {lab}，报告 {report}），已由报告 {by} 确证",
        ),
        "TEST_FAILED": (
            "{subject} failed for {hazard} (laboratory {lab}, report {report})",
            "{subject} 检验不合格：{hazard}（实验室 {lab}，报告 {report}）",
        ),
        "RESULT_SUPERSEDED": (
            "Report {report} of laboratory {lab} on {subject} was superseded by {by}: {was} before, {is} now",
            "实验室 {lab} 关于 {subject} 的报告 {report} 被 {by} 取代：原为{was}，现为{is}",
        ),
        "INCOMING_UNVERIFIED.supplier": (
            "{batches} was received at {site}, and the supplier is not named",
            "{site} 收到 {batches}，未注明供货者",
        ),
        "INCOMING_UNVERIFIED.licence": (
            "{batches} was received at {site} from {operator}, whose licence was neither seen nor is on record",
            "{site} 从 {operator} 购进 {batches}，未查验其许可证，亦无在案许可",
        ),
        "INCOMING_UNVERIFIED.not_theirs": (
            "{batches} was received at {site} from {operator}; licence {licence} is not theirs, or did not hold then",
            "{site} 从 {operator} 购进 {batches}，许可证 {licence} 并非其所有或当时无效",
        ),
        "INCOMING_UNVERIFIED.evidence": (
            "{batches} was received at {site} from {operator} without a certificate or an inspection",
            "{site} 从 {operator} 购进 {batches}，无合格证明，亦未查验",
        ),
        "CERTIFICATE_MISMATCH.product": (
            "Certificate {certificate} is given for {batches} at {site}, and is of another product",
            "{site} 以证书 {certificate} 用于 {batches}，产品不符",
        ),
        "CERTIFICATE_MISMATCH.batch": (
            "Certificate {certificate} is given for {batches} at {site}, and does not name it",
            "{site} 以证书 {certificate} 用于 {batches}，批次不符",
        ),
        "CERTIFICATE_MISMATCH.quantity": (
            "Certificate {certificate} is given for more of {batches} at {site} than it is for",
            "{site} 以证书 {certificate} 用于 {batches}，数量超出证书所载",
        ),
        "CERTIFICATE_MISMATCH.holder": (
            "Certificate {certificate} is given for {batches} of {operator} at {site}, and its holder is {holder}",
            "{site} 以证书 {certificate} 用于 {operator} 的 {batches}，持证方为 {holder}",
        ),
        "CERTIFICATE_MISMATCH.date": (
            "Certificate {certificate} is given for {batches} at {site} outside of its validity",
            "{site} 以证书 {certificate} 用于 {batches}，不在有效期内",
        ),
        "CLAIM_UNSUPPORTED.certificate": (
            "{batch} is labelled {claim}, and no valid certificate is on record",
            "{batch} 标称{claim}，但没有有效证书在案",
        ),
        "CLAIM_UNSUPPORTED.input": (
            "{batch} is labelled {claim}, and was made of {inputs}, which is not",
            "{batch} 标称{claim}，但其投入 {inputs} 并非如此",
        ),
        "LABEL_FAULT.allergen": (
            "The label of {batch} does not declare {what}, which is in {inputs}",
            "{batch} 的标签未标示 {inputs} 所含致敏物质 {what}",
        ),
        "LABEL_FAULT.ingredient": (
            "The label of {batch} does not list {what}, which went into it: {inputs}",
            "{batch} 的标签未列出配料 {what}：{inputs}",
        ),
        "LABEL_FAULT.produced": (
            "The label of {batch} names another day of production than is recorded",
            "{batch} 标签所示生产日期与记录不符",
        ),
        "LABEL_FAULT.expires": (
            "The label of {batch} names a later end of shelf life than any record does",
            "{batch} 标签所示保质期晚于记录",
        ),
        "LABEL_FAULT.backwards": (
            "By its label {batch} was past its shelf life before it was produced",
            "{batch} 标签所示保质期早于生产日期",
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
        "MASS_BALANCE": (
            "{put_in} {unit} were put in and {made} {unit} made of it: {batches}; at most {most} {unit} can be, so an "
            "input was not recorded",
            "投入 {put_in} {unit}，产出 {made} {unit}：{batches}；最多应为 {most} {unit}，有投入未记录",
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
            "{sender} sent a correction of a release; what was let go is held again by an act, so it has no effect",
            "{sender} 试图更正一项解除；已解除的只能由另一处置重新控制，更正不生效",
        ),
        "CORRECTION_REFUSED.role": (
            "{sender} has no role that allows this act; it has no effect",
            "{sender} 的角色无权作出该处置，处置不生效",
        ),
        "LIMIT_EXCEEDED": (
            "{batch}: {analyte} {amount} is above the limit of {limit} {limit_unit} for {product} ({cited}, "
            "by the date of {decided_by}, {date}; laboratory {lab}, report {report})",
            "{batch}：{analyte} {amount}，超过{product}限量 {limit} {limit_unit}（{cited}，"
            "判定日期：{decided_by} {date}；实验室 {lab}，报告 {report}）",
        ),
        "SAMPLING_PLAN_FAILED": (
            "{batch} fails the sampling plan for {analyte} in {product} ({plan}): of {units} units {above_most} are "
            "above M and {above_m} above m (laboratory {lab}, report {report})",
            "{batch} 不符合{product}中{analyte}的采样方案（{plan}）：{units} 份样品中 {above_most} 份超过 M，"
            "{above_m} 份超过 m（实验室 {lab}，报告 {report}）",
        ),
        "BANNED_SUBSTANCE.found": (
            "{substance}, which must not be there, was found in {batch}: {amount} (laboratory {lab}, report {report})",
            "{batch} 检出禁用物质 {substance}：{amount}（实验室 {lab}，报告 {report}）",
        ),
        "BANNED_SUBSTANCE.used": (
            "{substance}, banned since {since}, was applied to {batch} at {site}",
            "{site} 对 {batch} 使用了自 {since} 起禁用的 {substance}",
        ),
        "BANNED_SUBSTANCE.used_ever": (
            "{substance}, which may not be used, was applied to {batch} at {site}",
            "{site} 对 {batch} 使用了禁用物质 {substance}",
        ),
        "ILLEGAL_ADDITIVE": (
            "{substance}, which is no food, was found in {batch}: {amount} (laboratory {lab}, report {report})",
            "{batch} 检出非食用物质 {substance}：{amount}（实验室 {lab}，报告 {report}）",
        ),
        "CONFIRMATION_OVERDUE": (
            "{subject} failed a screening test for {hazard} (laboratory {lab}, report {report}), and no confirmatory "
            "result has come in time",
            "{subject} 快检不合格：{hazard}（实验室 {lab}，报告 {report}），逾期未见确证检验结果",
        ),
        "LAB_NOT_ACCREDITED": (
            "No accreditation of laboratory {lab} that is on record covers report {report} on {subject}",
            "实验室 {lab} 的在案资质不覆盖关于 {subject} 的报告 {report}",
        ),
        "PHI_BREACH": (
            "{batch} was harvested {days} days after {what} was applied to {to}; the label asks for {interval}",
            "{batch} 在 {to} 施用 {what} 后 {days} 天采收，安全间隔期为 {interval} 天",
        ),
        "WITHDRAWAL_BREACH": (
            "{batch} was taken {days} days after {what} was given to {to}; the label asks for {interval}",
            "{batch} 在 {to} 使用 {what} 后 {days} 天取得，休药期为 {interval} 天",
        ),
        "COLD_CHAIN_BREACH": (
            "{batch} was above {limit} degrees Celsius at {site} for {minutes} minutes; {greatest_minutes} are allowed",
            "{batch} 在 {site} 高于 {limit} °C 达 {minutes} 分钟，最多允许 {greatest_minutes} 分钟",
        ),
        "RELEASED_UNTESTED.early": (
            "{batch} left its maker before the result of its release test ({count} shipments)",
            "{batch} 在出厂检验结果之前已出厂（{count} 次发货）",
        ),
        "RELEASED_UNTESTED.never": (
            "{batch} left its maker, and no passed release test is on record ({count} shipments)",
            "{batch} 已出厂，但没有合格的出厂检验记录（{count} 次发货）",
        ),
        "EXPIRED": (
            "{batch} was sold, served or used at {site} after the end of its shelf life, {deadline}",
            "{site} 在 {batch} 保质期（{deadline}）届满后仍销售、供餐或使用",
        ),
        "OPERATOR_STATUS.barred": (
            "{sender} acted {count} times while a measure barred it",
            "{sender} 在被禁止经营期间仍有 {count} 次经营行为",
        ),
        "OPERATOR_STATUS.unlicensed": (
            "{sender} acted {count} times outside the licences that are on record",
            "{sender} 有 {count} 次经营行为超出在案许可",
        ),
        "INPUT_SALE_UNLICENSED.licence": (
            "{sender} sold inputs of restricted use {count} times without naming a licence",
            "{sender} 有 {count} 次销售限制使用农业投入品未注明许可证",
        ),
        "INPUT_SALE_UNLICENSED.buyer": (
            "{sender} sold inputs of restricted use {count} times without the buyer's identity",
            "{sender} 有 {count} 次销售限制使用农业投入品未实名登记",
        ),
        "SAMPLE_MISSING.none": (
            "People who ate {batch} fell ill, and no sample of it was retained",
            "食用 {batch} 后出现病例，但没有留样记录",
        ),
        "SAMPLE_MISSING.poor": (
            "People who ate {batch} fell ill, and its retained samples are below {grams} g or were kept too short",
            "食用 {batch} 后出现病例，但留样不足 {grams} g 或留样时间不足",
        ),
        "CANTEEN_CLUSTER": (
            "{count} people who ate {batch} at {site} fell ill; chance gives {background}, and as many with a "
            "probability of {chance} (false alarms at most {false_alarms})",
            "{count} 人在 {site} 食用 {batch} 后发病；偶然期望为 {background}，偶然出现的概率为 {chance}（误报率不超过 "
            "{false_alarms}）",
        ),
        "CANTEEN_CLUSTER.site": (
            "{count} people who ate at {site} within a day fell ill; chance gives {background}, and as many on some "
            "day of a year with a probability of {chance} (false alarms at most {false_alarms})",
            "{count} 人在一日内于 {site} 就餐后发病；偶然期望为每日 {background}，一年内某日偶然出现的概率为 {chance}"
            "（误报率不超过 {false_alarms}）",
        ),
        "COMPLAINT_SIGNAL": (
            "{count} complaints about {batch}, {injured} people hurt or ill; chance gives {background}, and as many "
            "with a probability of {chance} (false alarms at most {false_alarms})",
            "{batch} 收到 {count} 件投诉，{injured} 人受伤或患病；偶然期望为 {background}，偶然出现的概率为 {chance}"
            "（误报率不超过 {false_alarms}）",
        ),
        "COMMON_SOURCE.hazard": (
            "{batch} explains {count} of {findings} findings of {hazard}: {explains}; as many lie among what it "
            "reached by chance with a probability of {chance} (false alarms at most {false_alarms})",
            "{hazard} 的 {findings} 项发现中有 {count} 项可由 {batch} 解释：{explains}；偶然出现的概率为 {chance}"
            "（误报率不超过 {false_alarms}）",
        ),
        "COMMON_SOURCE.strain": (
            "{batch} explains {count} of {findings} findings of {hazard}, strain {strain}: {explains}; as many lie "
            "among what it reached by chance with a probability of {chance} (false alarms at most {false_alarms})",
            "{hazard}（分型 {strain}）的 {findings} 项发现中有 {count} 项可由 {batch} 解释：{explains}；偶然出现的"
            "概率为 {chance}（误报率不超过 {false_alarms}）",
        ),
        "SHARED_ENVIRONMENT.ground": (
            "{count} findings of {hazard} came from what was harvested from {batch}: {explains}",
            "{count} 项 {hazard} 发现均来自采收自 {batch} 的产品：{explains}",
        ),
        "SHARED_ENVIRONMENT.input": (
            "{count} findings of {hazard} came from what was grown with {batch}: {explains}",
            "{count} 项 {hazard} 发现均来自使用 {batch} 种植或养殖的产品：{explains}",
        ),
        "PASS_RATE_BELOW_TARGET.all": (
            "In {year} {passed} of {taken} samples passed in {grid} (95 % interval {low} to {high}); {target} should "
            "({published}); as few would by chance with a probability of {chance} (false alarms at most "
            "{false_alarms})",
            "{year} 年 {grid} 抽检 {taken} 批次，合格 {passed} 批次（95 % 置信区间 {low} 至 {high}），低于目标 {target}"
            "（{published}）；偶然出现的概率为 {chance}（误报率不超过 {false_alarms}）",
        ),
        "PASS_RATE_BELOW_TARGET.class": (
            "In {year} {passed} of {taken} samples of {product} passed in {grid} (95 % interval {low} to {high}); "
            "{target} should ({published}); as few would by chance with a probability of {chance} (false alarms at "
            "most {false_alarms})",
            "{year} 年 {grid} 抽检{product} {taken} 批次，合格 {passed} 批次（95 % 置信区间 {low} 至 {high}），低于"
            "目标 {target}（{published}）；偶然出现的概率为 {chance}（误报率不超过 {false_alarms}）",
        ),
        "REGIONAL_PROBLEM": (
            "{count} of {tested} producers of {product} that were sampled in {grid} at the time failed for {hazard}: "
            "{producers}; as many would by chance with a probability of {chance} (false alarms at most "
            "{false_alarms})",
            "{grid} 同期抽检的 {tested} 家{product}生产者中有 {count} 家因 {hazard} 不合格：{producers}；偶然出现的"
            "概率为 {chance}（误报率不超过 {false_alarms}）",
        ),
        "EXTERNAL_NOTICE": (
            "{system} notice {report} names {batch}, which is on record here: {hazard}",
            "{system} 通报 {report} 涉及在案批次 {batch}：{hazard}",
        ),
        "HELD_BATCH_MOVED": (
            "{batch}, held by {scope} since {since}, was moved, sold or used at {site} ({count} times)",
            "{batch} 自 {since} 起被 {scope} 封存，但在 {site} 仍被移动、销售或使用（{count} 次）",
        ),
        "ALERT_UNACKNOWLEDGED": (
            "Nobody has taken on the alert {alert} ({rule}) on {subject} in time",
            "警报 {alert}（{rule}，{subject}）逾期无人处理",
        ),
        "SCOPE_GREW": (
            "{scope} was closed, and {count} members have come into it since",
            "{scope} 已关闭，此后又有 {count} 个成员进入",
        ),
        "RULE_FAILED": (
            "Rule {rule} could not judge {subject}: {error}",
            "规则 {rule} 无法判定 {subject}：{error}",
        ),
    }
)

_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "green": "绿色",
        "organic": "有机",
        "geographic": "地理标志",
        "failed": "不合格",
        "passed": "合格",
        "inconclusive": "未定",
        "production": "生产",
        "inspection_application": "报检",
        "sampling": "抽样",
        "result": "检验",
    }
)

_NAMED: Final = frozenset(("product", "analyte"))
"""Arguments that name products and analytes, which reference data has in both languages."""
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
    why = finding.args.get("why")
    if finding.rule == "TEST_FAILED" and finding.args.get("method") == "screening":  # as older versions say it
        return "SCREENING_POSITIVE.alone"
    if finding.rule == "BANNED_SUBSTANCE" and why == "used" and not finding.args.get("since"):
        return "BANNED_SUBSTANCE.used_ever"
    return f"{finding.rule}.{why}" if why else finding.rule


def render(finding: Finding, language: Language = "en") -> str:
    """One finding as a sentence."""
    chosen = _ALERTS[template(finding)][language == "zh-CN"]
    words = {name: _word(value, language) for name, value in finding.args.items()}
    for name in _NAMED & words.keys():
        words[name] = load_reference().limits.products.spoken(words[name], chinese=language == "zh-CN")
    together = {"amount": ("value", "unit"), "cited": ("standard", "clause")}
    joined = {name: " ".join(filter(None, (words.get(part) for part in of))) for name, of in together.items()}
    return chosen.format_map({"subject": finding.subject, **words, **joined})


def reason(code: str, event: str, language: Language = "en") -> str:
    """Why something changed. ``event``: the id of the event that brought it about."""
    return _REASONS[code][language == "zh-CN"].format(event=event)


def _word(value: Arg, language: Language) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    text = "" if value is None else str(value)
    return _WORDS.get(text, text) if language == "zh-CN" else text
