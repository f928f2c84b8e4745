"""A record is packed and read back as typed columns, without copies."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from fieldline_schemas.record import MADE, VERSION, Record
from fieldline_schemas.times import FOREVER, NEVER


def record() -> Record:
    return Record(
        version=VERSION,
        block=7,
        count=2,
        kinds=bytes([2, 9]),
        flags=bytes([0, 4]),
        senders=np.array([1, 2], "<i4").tobytes(),
        operators=np.array([1, 0], "<i4").tobytes(),
        sites=np.array([3, 0], "<i4").tobytes(),
        identities=np.array([2**64 - 1, 5], "<u8").tobytes(),
        variant_of=[(1, 6 << 16)],
        step_event=np.array([0], "<u2").tobytes(),
        step_shape=bytes([MADE]),
        times=np.array([NEVER, 10, 10, FOREVER], "<i8").tobytes(),
        in_start=np.array([0, 2], "<u4").tobytes(),
        in_batch=np.array([11, 12], "<i8").tobytes(),
        in_site=np.array([3, 3], "<i4").tobytes(),
        out_start=np.array([0, 1], "<u4").tobytes(),
        out_batch=np.array([13], "<i8").tobytes(),
        out_site=np.array([3], "<i4").tobytes(),
        details=[(1, b"\x01" * 32, b"{}")],
    )


def test_what_is_packed_is_read_back() -> None:
    assert Record.unpack(record().pack()) == record()


def test_columns_are_views_with_the_shapes_that_are_said() -> None:
    packed = Record.unpack(record().pack())
    columns = packed.columns()
    assert columns.times.tolist() == [[NEVER, 10, 10, FOREVER]]
    assert columns.identities.tolist() == [2**64 - 1, 5]
    assert columns.in_batch[columns.in_start[0] : columns.in_start[1]].tolist() == [11, 12]
    assert columns.out_site.tolist() == [3]
    assert not columns.kinds.flags.owndata


def test_a_record_from_before_a_column_was_added_says_nothing_in_it() -> None:
    whole = msgspec.msgpack.decode(record().pack())
    old = Record.unpack(msgspec.msgpack.encode(whole[: Record.__struct_fields__.index("locations")])).columns()
    assert old.locations.tolist() == old.others.tolist() == [0, 0]
    assert (old.planned.shape, old.expiry.shape) == ((0, 2), (0, 2))
    assert Record.unpack(msgspec.msgpack.encode(whole[: Record.__struct_fields__.index("weighed")])).weighed is None


@pytest.mark.parametrize("body", [b"", b"\x90", b"not a record", record().pack()[:-1]])
def test_what_is_no_record_is_refused(body: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        Record.unpack(body)
