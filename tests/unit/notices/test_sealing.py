"""Secrets of webhooks are kept sealed where the deployment has a key, and opened by that key alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from fieldline_trace.errors import Conflict
from fieldline_trace.notices.sealing import Seals
from fieldline_trace.settings import Settings

SECRET = "whsec_" + "c2VjcmV0" * 5
OLD, NEW = "o" * 32, "n" * 40


def test_what_is_sealed_says_nothing_of_the_secret_and_is_another_each_time() -> None:
    seals = Seals((OLD,))
    kept = {seals.seal(SECRET), seals.seal(SECRET)}
    assert len(kept) == 2
    assert [seals.opened(one) for one in kept] == [SECRET, SECRET]
    assert not any("c2VjcmV0" in one for one in kept)


def test_without_a_key_secrets_are_kept_as_they_are_and_are_good_when_there_is_one() -> None:
    assert Seals().seal(SECRET) == SECRET
    assert Seals((OLD,)).opened(SECRET) == SECRET


def test_a_new_key_before_the_old_one_opens_what_that_sealed() -> None:
    both = Seals((NEW, OLD))
    assert both.opened(Seals((OLD,)).seal(SECRET)) == SECRET
    assert Seals((NEW,)).opened(both.seal(SECRET)) == SECRET


@pytest.mark.parametrize(("seals", "said"), [(Seals(), "names no key"), (Seals((NEW,)), "no key of")])
def test_another_key_or_none_opens_nothing(seals: Seals, said: str) -> None:
    with pytest.raises(Conflict, match=said):
        seals.opened(Seals((OLD,)).seal(SECRET))


def test_keys_are_the_lines_of_a_file_and_each_is_long_enough(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text(f"{NEW}\n\n{OLD}\n")
    assert Seals.of(Settings(webhook_key_file=path)).opened(Seals((OLD,)).seal(SECRET)) == SECRET
    path.write_text("short\n")
    with pytest.raises(Conflict, match="32 characters"):
        Seals.of(Settings(webhook_key_file=path))
    with pytest.raises(Conflict, match="WEBHOOK_KEY_FILE"):
        Seals.of(Settings(webhook_key_file=tmp_path / "gone"))
