"""How much time is left, in words."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from citysteward.ui.clock import due_clock, span

DUE = datetime(2016, 1, 13, 5, tzinfo=UTC)
SPANS = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=4000))


@pytest.mark.parametrize(
    ("time", "english", "chinese"),
    [
        (timedelta(days=2, hours=23), "2 days", "2 天"),
        (timedelta(days=1), "1 day", "1 天"),
        (timedelta(hours=23, minutes=59), "23 hours", "23 小时"),
        (timedelta(minutes=59, seconds=59), "59 minutes", "59 分钟"),
        (timedelta(seconds=59), "0 minutes", "0 分钟"),
    ],
)
def test_a_span_is_told_in_its_largest_unit(time: timedelta, english: str, chinese: str) -> None:
    assert span(time) == english
    with translation.override("zh-hans"):
        assert span(time) == chinese


def test_amber_begins_at_the_threshold_and_red_after_the_deadline() -> None:
    day = timedelta(days=1)
    tick = timedelta(microseconds=1)
    assert due_clock(DUE, DUE - day - tick, amber=day).tone == "good"
    assert due_clock(DUE, DUE - day, amber=day).tone == "warn"
    assert due_clock(DUE, DUE, amber=day).tone == "warn"
    assert due_clock(DUE, DUE + tick, amber=day).tone == "late"


@given(left=SPANS, amber=SPANS)
def test_a_deadline_to_come_is_never_red(left: timedelta, amber: timedelta) -> None:
    assert due_clock(DUE, DUE - left, amber=amber).tone in {"good", "warn"}


@given(over=SPANS.filter(bool))
def test_closing_at_the_deadline_is_in_time_and_any_later_is_not(over: timedelta) -> None:
    long_after = DUE + timedelta(days=5000)
    assert due_clock(DUE, long_after, closed=DUE).words == "Closed on time"
    late = due_clock(DUE, long_after, closed=DUE + over)
    assert (late.tone, late.words) == ("late", f"Closed {span(over)} late")


def test_working_days_are_told_when_counted() -> None:
    now = DUE - timedelta(days=4)
    assert due_clock(DUE, now, working_days=1).words == "1 working day left"
    with translation.override("zh-hans"):
        assert due_clock(DUE, now, working_days=2).words == "还剩 2 个工作日"
        assert due_clock(DUE, DUE + timedelta(days=4), working_days=-2).words == "已超时 2 个工作日"
        late = due_clock(DUE, DUE, closed=DUE + timedelta(days=3))
        assert late.words == "超时 3 天办结"


def test_no_deadline_and_a_stopped_clock_are_quiet() -> None:
    assert due_clock(None, DUE).tone == "quiet"
    stopped = due_clock(DUE, DUE + timedelta(days=9), suspended=True)
    assert (stopped.tone, stopped.words) == ("quiet", "Clock stopped")
