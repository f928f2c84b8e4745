"""Files with one thing wrong, as they are shown."""

from __future__ import annotations

import pytest
from fieldline_streams.show.doors import Got, refused_files


@pytest.mark.parametrize("got", refused_files(), ids=lambda got: f"{got.door}: {got.name}")
def test_a_file_with_one_thing_wrong_is_refused_with_what_is_at_fault(got: Got) -> None:
    assert got.right, got
