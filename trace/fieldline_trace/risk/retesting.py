"""What the alerts of retests say, in English and in Chinese: what came of one, or why it comes to nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_NOT_ASKED: Final = {
    "microbial": ("microbial failures are not retested", "微生物项目不予复检"),
    "not_entitled": ("who asks neither made nor had the batch", "申请人并非该批次的生产经营者"),
    "late": ("it was asked for too late", "超过复检申请期限"),
    "expired": ("the sample is past its shelf life", "备份样品超过保质期"),
}
_NOT_VALID: Final = {
    **_NOT_ASKED,
    "same_lab": ("it is the same laboratory", "与初检机构相同"),
    "own": ("the laboratory is of whoever made or had the batch", "系生产经营者自行检验"),
    "not_theirs": ("neither the laboratory nor an authority says so", "并非由该实验室或监管部门报送"),
    "other": ("it is of another hazard or batch", "检验项目或批次与原报告不同"),
    "rapid": ("a rapid test retests nothing", "不得以快检方法复检"),
    "not_asked": ("nobody asked for it", "没有复检申请"),
}
_ASKED: Final = (
    "{operator} asks for a retest of report {report} of laboratory {lab} on {batches} ({hazard}); there is none: ",
    "{operator} 申请复检实验室 {lab} 关于 {batches} 的报告 {report}（{hazard}），不予复检：",
)
_TESTED: Final = (
    "Report {by} of laboratory {at_lab} on report {report} of laboratory {lab} on {batches} ({hazard}) is no valid "
    "retest and changes nothing: ",
    "实验室 {at_lab} 的报告 {by} 不是对实验室 {lab} 关于 {batches} 的报告 {report}（{hazard}）的有效复检，"
    "不改变原结论：",
)


def _told(begun: tuple[str, str], because: tuple[str, str]) -> tuple[str, str]:
    return begun[0] + because[0], begun[1] + because[1]


SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    **{f"RETEST.asked_{why}": _told(_ASKED, because) for why, because in _NOT_ASKED.items()},
    **{f"RETEST.tested_{why}": _told(_TESTED, because) for why, because in _NOT_VALID.items()},
    "RETEST.awaited": (
        "{operator} asked in time for a retest of report {report} of laboratory {lab} on {batches} ({hazard}); what is "
        "held stays held until then",
        "{operator} 已按期申请复检实验室 {lab} 关于 {batches} 的报告 {report}（{hazard}）；复检期间控制措施不变",
    ),
    "RETEST.failed": (
        "The retest, report {by} of laboratory {at_lab}, confirms report {report} of laboratory {lab} on {batches}: "
        "{hazard}",
        "复检（实验室 {at_lab}，报告 {by}）维持实验室 {lab} 关于 {batches} 的报告 {report} 的结论：{hazard}",
    ),
    "RETEST.passed": (
        "The retest, report {by} of laboratory {at_lab}, withdraws report {report} of laboratory {lab} on {batches} "
        "({hazard}): release what is held of it, or say why not",
        "复检（实验室 {at_lab}，报告 {by}）推翻实验室 {lab} 关于 {batches} 的报告 {report}（{hazard}）；"
        "请解除控制或说明理由",
    ),
}
"""By the name of the sentence."""
