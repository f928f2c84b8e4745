"""What a request to the door holds: one event, an array, or one a line; each as it came."""

from __future__ import annotations

import pytest
from fieldline_trace.api.http.intake import raws_of
from fieldline_trace.errors import Rejected


@pytest.mark.parametrize(
    ("body", "content_type", "raws"),
    [
        (b'{"a": 1}', "application/json", [b'{"a": 1}']),
        (b'{"a":\n 1}', "application/json", [b'{"a":\n 1}']),
        (b'[{"a": 1}, {"b":  2}]', "application/json", [b'{"a": 1}', b'{"b":  2}']),
        (b" [1,2]", "application/json", [b"1", b"2"]),
        (b'{"a": 1}\n{"b": 2}\n', "application/x-ndjson", [b'{"a": 1}', b'{"b": 2}']),
        (b'{"a": 1}\r\n\n{', "application/x-ndjson", [b'{"a": 1}\r', b"{"]),
        (b'\xef\xbb\xbf{"a": 1}', "application/json", [b'{"a": 1}']),
        (b"", "application/json", []),
        (b"nonsense", "application/json", [b"nonsense"]),
        (b"[]", "application/json", []),
    ],
)
def test_events_of_a_request_come_out_as_they_came_in(body: bytes, content_type: str, raws: list[bytes]) -> None:
    assert raws_of(body, content_type) == raws


@pytest.mark.parametrize("body", [b"[{", b"[1,]", b"[1] 2", b"[\xff]"])
def test_an_array_that_is_no_json_is_rejected_whole(body: bytes) -> None:
    with pytest.raises(Rejected, match="array of events"):
        raws_of(body, "application/json")
