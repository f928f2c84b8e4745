"""Chinese headers of fields that the contract itself gives no term for."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

TERMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "accounts": "答复批次",
        "action": "更正方式",
        "arrived": "到达时间",
        "at": "时间",
        "clean_breaks": "清洗消毒",
        "confirmed": "实验室确诊",
        "departed": "发出时间",
        "digest": "内容摘要",
        "evidence": "依据事件",
        "exposures": "进食",
        "gtin": "商品条码",
        "id": "事件编号",
        "marks": "标记",
        "planned_arrival": "预计到达",
        "quantity": "数量",
        "reason": "原因",
        "replacements": "替代事件",
        "results": "检测",
        "scope": "范围",
        "seeds": "起点",
        "sender": "发送方",
        "servings": "份数",
        "supersedes": "被替代报告",
        "target": "被更正事件",
        "text_en": "英文正文",
        "timeless": "不计时序",
        "title": "名称",
        "title_en": "英文标题",
        "transformation_id": "加工过程编号",
        "whole": "全部标记",
        "zone": "时区",
    }
)
"""Field to term."""


def joined_term(outer: str, inner: str) -> str:
    """The term of a field within another: ``入库批次`` and ``批次`` are the former."""
    if inner.startswith(outer):
        return inner
    return outer if outer.endswith(inner) else outer + inner
