from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citysteward.kernel.journal.encoding import (
    ENTRY_FIELDS,
    Header,
    decode_header,
    entry_leaf,
    leaf_of_fields,
    microseconds,
    pack_ids,
    unpack_ids,
)
from citysteward.kernel.journal.types import Cursor, EntryView

ENTRY = EntryView(
    id=7,
    epoch=1,
    txid=99,
    recorded_at=datetime(2015, 1, 1, 0, 0, 0, 1, tzinfo=UTC),
    occurred_at=datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    kind="case.closed",
    version=1,
    actor="party:1",
    actor_name="王",
    subject="case:1",
    payload='{"a":1}',
)
HEADER = Header(
    number=3,
    first=Cursor(1, 2, 3),
    last=Cursor(1, 2, 9),
    entries=7,
    total=70,
    root=bytes(32),
    ids_hash=b"\x01" * 32,
    previous=b"\x02" * 32,
    signed_at=datetime(2015, 1, 1, 0, 0, 0, 1, tzinfo=UTC),
)

texts = st.text(max_size=8)
fields = st.fixed_dictionaries(dict.fromkeys(ENTRY_FIELDS, texts))


def test_the_bytes_of_a_leaf_never_change() -> None:
    """Written out by hand: sealed journals depend on it for ever."""
    parts = [
        b"7", b"1", b"99", b"1420070400000001", b"-1", b"case.closed", b"1",
        b"party:1", "王".encode(), b"case:1", b'{"a":1}',
    ]  # fmt: skip
    lengths = b"".join(len(part).to_bytes(4, "big") for part in parts)
    assert entry_leaf(ENTRY) == b"citysteward.journal.entry.v1" + lengths + b"".join(parts)


@given(fields, fields)
def test_two_entries_never_share_a_leaf(one: dict[str, str], other: dict[str, str]) -> None:
    assert (leaf_of_fields(one) == leaf_of_fields(other)) == (one == other)


def test_a_character_that_crosses_a_border_changes_the_leaf() -> None:
    moved = replace(ENTRY, actor="party:1王", actor_name="")
    assert entry_leaf(moved) != entry_leaf(ENTRY)


@given(st.integers(-(10**15), 10**16), st.integers(-14, 14))
def test_microseconds_are_exact_in_every_zone(value: int, hours: int) -> None:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=value)
    assert microseconds(moment.astimezone(timezone(timedelta(hours=hours)))) == value


def test_a_header_comes_back_from_its_bytes() -> None:
    assert decode_header(HEADER.encode()) == HEADER


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"{}",
        b"[]",
        b"x",
        HEADER.encode() + b" ",
        HEADER.encode().replace(b'"number":3', b'"number":"3"'),
        HEADER.encode().replace(b'{"format"', b'{"more":1,"format"'),
        HEADER.encode().replace(b"segment.v1", b"segment.v2"),
        HEADER.encode().replace(b"[1,2,3]", b"[1,2]"),
    ],
)
def test_only_the_canonical_header_is_read(bad: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        decode_header(bad)


@given(st.lists(st.integers(-(2**63), 2**63 - 1), max_size=20))
def test_ids_come_back(ids: list[int]) -> None:
    assert unpack_ids(pack_ids(ids)) == ids


def test_ids_are_unpacked_whole() -> None:
    with pytest.raises(ValueError, match="whole"):
        unpack_ids(bytes(9))
