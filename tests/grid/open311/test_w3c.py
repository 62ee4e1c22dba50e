"""Times in and out, against known moments and for every moment there is."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citysteward.grid.open311 import w3c

BOSTON = ZoneInfo("America/New_York")
CHIZHOU = ZoneInfo("Asia/Shanghai")
FIRST = datetime(1970, 1, 2, tzinfo=UTC)
moments = st.integers(0, 7_000 * 365 * 86_400_000).map(
    lambda milliseconds: FIRST + timedelta(milliseconds=milliseconds)
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2010-05-24T00:00:00Z", datetime(2010, 5, 24, tzinfo=UTC)),
        ("2010-05-24T08:15:30-05:00", datetime(2010, 5, 24, 13, 15, 30, tzinfo=UTC)),
        ("2010-05-24T08:15:30 08:00", datetime(2010, 5, 24, 0, 15, 30, tzinfo=UTC)),
        ("2010-05-24T08:15:30.5Z", datetime(2010, 5, 24, 8, 15, 30, 500_000, tzinfo=UTC)),
        ("2010-05-24T08:15Z", datetime(2010, 5, 24, 8, 15, tzinfo=UTC)),
        ("2010-01-24T08:15:00", datetime(2010, 1, 24, 13, 15, tzinfo=UTC)),
        ("2010-07-24", datetime(2010, 7, 24, 4, tzinfo=UTC)),
    ],
)
def test_reads_the_profile_and_its_bad_habits(text: str, expected: datetime) -> None:
    assert w3c.read(text, BOSTON) == expected


def test_a_day_as_an_end_is_meant_with_all_its_hours() -> None:
    assert w3c.read("2010-07-24", BOSTON, ends=True) == datetime(
        2010, 7, 25, 3, 59, 59, 999_999, tzinfo=UTC
    )


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "05-24-2010", "2010-02-30", "2010-05-24T25:00:00Z", "20100524", "٢٠١٠-٠٥-٢٤",
     "2010-05-24T00:00:00+99:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-10:00"],
)  # fmt: skip
def test_refuses_what_is_no_time(text: str) -> None:
    with pytest.raises(w3c.UnreadableTime):
        w3c.read(text, BOSTON)


def test_writes_the_offset_of_the_season() -> None:
    assert w3c.written(datetime(2015, 1, 31, 13, 30, tzinfo=UTC), BOSTON) == (
        "2015-01-31T08:30:00-05:00"
    )
    assert w3c.written(datetime(2015, 7, 31, 13, 30, tzinfo=UTC), BOSTON) == (
        "2015-07-31T09:30:00-04:00"
    )


@given(moments)
def test_what_is_written_is_read_back_to_the_second(moment: datetime) -> None:
    text = w3c.written(moment, CHIZHOU)
    assert w3c.read(text, BOSTON) == moment.replace(microsecond=0)
    assert w3c.read(text.replace("+", " "), BOSTON) == moment.replace(microsecond=0)


@given(st.text(max_size=40))
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        read = w3c.read(text, BOSTON)
    except w3c.UnreadableTime:
        return
    assert read.utcoffset() is not None


def test_the_window_is_ninety_days_unless_both_ends_are_given() -> None:
    now, start = datetime(2026, 1, 31, tzinfo=UTC), datetime(2015, 1, 1, tzinfo=UTC)
    assert w3c.window(None, None, now=now) == w3c.Window(now - timedelta(days=90), now)
    assert w3c.window(start, None, now=now).end == datetime(2015, 4, 1, tzinfo=UTC)
    assert w3c.window(None, start, now=now).start == datetime(2014, 10, 3, tzinfo=UTC)
    day = start + timedelta(days=1)
    assert w3c.window(start, day, now=now) == w3c.Window(start, day)


def test_ninety_days_over_a_change_of_clocks_are_ninety_days() -> None:
    start = w3c.read("2015-09-01", BOSTON)
    end = w3c.read("2015-11-29", BOSTON, ends=True)
    assert end - start > timedelta(days=90)
    assert w3c.window(start, end, now=end).end == end


@pytest.mark.parametrize("days", [91, -1])
def test_longer_or_backwards_is_refused(days: int) -> None:
    start = datetime(2015, 1, 1, tzinfo=UTC)
    with pytest.raises(w3c.SpanTooLong):
        w3c.window(start, start + timedelta(days=days), now=start)


def test_ninety_days_that_leave_the_calendar_are_refused() -> None:
    first, last = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
    with pytest.raises(w3c.UnreadableTime):
        w3c.window(None, first, now=first)
    with pytest.raises(w3c.UnreadableTime):
        w3c.window(last, None, now=last)
