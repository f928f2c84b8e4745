"""Each rule that is broken on purpose is still where it was. That tests notice is for
``python -m tests.mutation.check``, which takes minutes."""

from __future__ import annotations

import pytest

from tests.mutation.check import PACKAGE, ROOT
from tests.mutation.rules import BROKEN, Broken


@pytest.mark.parametrize("one", BROKEN, ids=lambda one: one.rule)
def test_a_rule_that_is_to_be_broken_is_said_once_and_its_test_exists(one: Broken) -> None:
    assert (PACKAGE / one.where).read_text(encoding="utf-8").count(one.text) == 1
    file, _, name = one.test.partition("::")
    assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8") if name else (ROOT / file).is_file()
