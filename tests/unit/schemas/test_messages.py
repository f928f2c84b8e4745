"""One catalogue says everything about faults, in both languages; whoever finds a fault names a code that it has."""

from __future__ import annotations

import ast
import string
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from fieldline_schemas import Fault, fast
from fieldline_schemas.messages import LANGUAGES, language, language_of, preferred, sentence, speaking
from fieldline_trace.api.faults import fault_of, fault_said
from fieldline_trace.api.http.problems import KINDS as PROBLEMS
from fieldline_trace.api.http.problems import problem_said
from fieldline_trace.errors import Rejected

ROOT = Path(__file__).parents[3]
CATALOGUE: dict[str, dict[str, dict[str, str]]] = tomllib.loads(
    files("fieldline_schemas").joinpath("messages.toml").read_text("utf-8")
)
MESSAGES, TERMS = CATALOGUE["messages"], CATALOGUE["terms"]
REMADE = {"faults.py", "receipts.py", "problems.py"}
"""Where faults are made of a code that is handed in, or of what somebody else said of one."""


def _arguments(template: str) -> list[str]:
    return sorted({name for _, name, _, _ in string.Formatter().parse(template) if name})


def _sources() -> Iterator[tuple[Path, ast.Module]]:
    for package in ("schemas", "trace", "streams"):
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path, ast.parse(path.read_text("utf-8"))


def _codes(node: ast.expr, constants: dict[str, str]) -> list[str | None]:
    """The codes that an expression may be; None where it cannot be told."""
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    if isinstance(node, ast.IfExp):
        return _codes(node.body, constants) + _codes(node.orelse, constants)
    if isinstance(node, ast.Name):
        return [constants.get(node.id)]
    return [None]


def _constants(tree: ast.Module) -> dict[str, str]:
    """Texts that have a name, in a module or a function, and whose name means one text only."""
    found: dict[str, list[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant | ast.IfExp):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Name):
                    found.setdefault(target.id, []).append(str(getattr(node.value, "value", "?")))
    return {name: texts[0] for name, texts in found.items() if len(texts) == 1}


def _calls() -> Iterator[tuple[str, ast.Call, ast.expr, dict[str, str]]]:
    """(place, call, code, named texts) of every call that makes a fault."""
    for path, tree in _sources():
        if path.name in REMADE and path.parent.name in {"fieldline_schemas", "api", "http"}:
            continue
        constants = _constants(tree)
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name, place = ast.unparse(node.func), f"{path.relative_to(ROOT)}:{node.lineno}"
            if name in {"Fault.by", "Sentence"}:
                yield place, node, node.args[0], constants
            elif name == "Fault.of":
                yield place, node, node.args[1], constants
            elif (name == "rejected" and len(node.args) == 3) or (
                name == "Fault" and not (len(node.args) == 5 or any(key.arg == "code" for key in node.keywords))
            ):
                yield place, node, node.args[2], constants


TELLING = {"cell.trouble", "_RULES[other]"}
"""Expressions that are codes by what their modules do."""


def test_every_message_is_in_both_languages_with_the_same_arguments() -> None:
    for part in (MESSAGES, TERMS):
        for code, said in part.items():
            assert sorted(said) == ["en", "zh"], code
            assert _arguments(said["en"]) == _arguments(said["zh"]), code
            assert said["en"].strip(), code
            assert any("\u4e00" <= letter <= "\u9fff" for letter in said["zh"]), code


def test_every_call_that_makes_a_fault_names_a_code_and_gives_it_its_arguments() -> None:
    wrong = []
    for place, call, expression, constants in _calls():
        if ast.unparse(expression) in TELLING:
            continue
        given = sorted(key.arg or "**" for key in call.keywords if key.arg not in {"field", "value"})
        for code in _codes(expression, constants):
            if code not in MESSAGES:
                wrong.append(f"{place}: {ast.unparse(expression)} is no code")
            elif given != ["**"] and _arguments(MESSAGES[code]["en"]) != given:
                wrong.append(f"{place}: {code} is given {given}, not {_arguments(MESSAGES[code]['en'])}")
    assert wrong == []


def test_no_message_is_there_for_nothing() -> None:
    texts = {
        node.value
        for path, tree in _sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    titles = {f"problem_{code}" for code in PROBLEMS}
    assert set(MESSAGES) - texts - titles == set()
    assert {f"@{term}" for term in TERMS} - texts == set()
    assert titles <= set(MESSAGES)


def test_a_fault_is_told_in_the_language_that_is_spoken() -> None:
    with pytest.raises(Fault) as refused:
        fast.read(b'{"kind": "harvested", "id": "e", "operator": "hof-1", "site": " ", "out_batch": "a/b/c"}')
    fault = refused.value
    assert (fault.field, fault.code) == ("site", "text_empty")
    assert fault.rule == "a site is not empty"
    with speaking("zh-CN"):
        assert fault.rule == "场所不能为空"
        assert str(fault) == "site: ' ': 场所不能为空"
    assert fault.rule == "a site is not empty"
    assert language() == "en"


def test_lists_are_joined_as_the_language_does() -> None:
    said = {"roles": ("emergency", "regulator"), "role": "producer"}
    assert sentence("act_role", said, "en").startswith("only the role emergency or regulator may")
    assert "emergency或regulator" in sentence("act_role", said, "zh-CN")


def test_a_fault_goes_out_and_comes_back_with_its_code_and_arguments() -> None:
    fault = Fault.by("text_too_long", "lot", "'x'", what="@a_lot", most=128)
    assert fault_said(fault) == {
        "field": "lot",
        "value": "'x'",
        "rule": "a lot has at most 128 characters",
        "rule_code": "text_too_long",
        "arguments": {"what": "@a_lot", "most": "128"},
    }
    with speaking("zh-CN"):
        assert fault_of(fault_said(fault)).rule == "批号最多 128 个字符"
        status, said, _ = problem_said(Rejected(fault))
    assert (status, said["title"], said["rule"]) == (422, "字段有误", "批号最多 128 个字符")


def test_braces_and_codes_in_an_argument_are_only_text() -> None:
    assert sentence("json_malformed", {"why": "{why} @a_lot {0}"}, "en").endswith("{why} @a_lot {0}")


@pytest.mark.parametrize(
    ("header", "spoken"),
    [
        ("", "en"),
        ("zh", "zh-CN"),
        ("zh-Hans-CN, en;q=0.9", "zh-CN"),
        ("en, zh;q=0.9", "en"),
        ("de, zh;q=0.5, en;q=0.4", "zh-CN"),
        ("fr, de", "en"),
        ("zh;q=0, en", "en"),
        ("zh;q=nonsense", "en"),
        ("*", "en"),
    ],
)
def test_the_language_is_the_one_that_the_asker_likes_best(header: str, spoken: Any) -> None:
    assert preferred(header) == spoken
    assert spoken in LANGUAGES


def test_tags_of_a_language_are_known_whatever_they_add() -> None:
    assert [language_of(tag) for tag in ("zh", "zh_CN.UTF-8", "ZH-TW", "en-GB", "fr", "")] == [
        "zh-CN",
        "zh-CN",
        "zh-CN",
        "en",
        None,
        None,
    ]
