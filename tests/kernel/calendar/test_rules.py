"""Working time against what laws and cities say, and against a minute-by-minute clock."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citysteward.kernel.calendar.rules import (
    CalendarError,
    DayEnd,
    DayRule,
    Hours,
    WorkingCalendar,
    read_hours,
)

NEW_YORK = ZoneInfo("America/New_York")
SHANGHAI = ZoneInfo("Asia/Shanghai")
OFF: tuple[Hours, ...] = ()
BOSTON_HOURS = read_hours(["08:30-17:00"])
CHINESE_HOURS = read_hours(["08:30-12:00", "13:30-17:30"])
ALWAYS = read_hours(["00:00-24:00"])

BOSTON = WorkingCalendar(
    "boston",
    NEW_YORK,
    (*[BOSTON_HOURS] * 5, OFF, OFF),
    {
        date(2015, 1, 1): DayRule(working=False),
        date(2015, 1, 19): DayRule(working=False),
        date(2015, 2, 16): DayRule(working=False),
    },
    business_day_ends=DayEnd.SAME_TIME,
)
# National Day of 2025: off from 1 to 8 October; Sunday 28 September and Saturday 11 October
# are worked instead (国办发明电〔2024〕12号).
CHINA = WorkingCalendar(
    "cn",
    SHANGHAI,
    (*[CHINESE_HOURS] * 5, OFF, OFF),
    {
        date(2025, 9, 28): DayRule(working=True),
        date(2025, 10, 11): DayRule(working=True),
        **{date(2025, 10, day): DayRule(working=False) for day in range(1, 9)},
    },
    business_day_ends=DayEnd.CLOSE_OF_DAY,
    calendar_day_ends=DayEnd.CLOSE_OF_DAY,
    known_until=date(2026, 12, 31),
)
ROUND_THE_CLOCK = WorkingCalendar("24/7", NEW_YORK, (ALWAYS,) * 7)
NIGHT = WorkingCalendar(
    "night", NEW_YORK, (read_hours(["00:30-02:30", "02:45-04:00", "22:00-24:00"]),) * 7
)
CALENDARS = [BOSTON, CHINA, ROUND_THE_CLOCK, NIGHT]


def local(calendar: WorkingCalendar, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=calendar.zone)


def shown(calendar: WorkingCalendar, moment: datetime) -> str:
    return moment.astimezone(calendar.zone).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("start", "duration", "due"),
    [
        # Cases of the city's own file with the targets that it set.
        ("2015-01-01 00:25", "P10BD", "2015-01-16 08:30"),  # New Year: runs from the 2nd, 08:30
        ("2015-03-02 10:15", "P2BD", "2015-03-04 10:15"),
        ("2015-03-06 10:15", "P1BD", "2015-03-09 10:15"),  # over a weekend, and summer time
        ("2015-03-06 17:00", "P1BD", "2015-03-10 08:30"),  # at the close it is Monday's
        ("2015-01-16 16:59", "P1BD", "2015-01-20 16:59"),  # Martin Luther King Day between
        ("2015-03-07 23:00", "P1D", "2015-03-08 23:00"),  # 23 hours long
        ("2015-03-07 23:00", "PT24H", "2015-03-09 00:00"),
        ("2015-10-31 12:00", "P1D", "2015-11-01 12:00"),  # 25 hours long
        ("2015-03-06 16:00", "PT2BH", "2015-03-09 09:30"),
        ("2015-03-06 15:00", "PT2BH", "2015-03-06 17:00"),  # to the very close
        ("2015-03-07 02:30", "P1D", "2015-03-08 03:00"),  # a time that the clock skips
    ],
)
def test_boston_counts_to_the_same_time_of_day(start: str, duration: str, due: str) -> None:
    assert shown(BOSTON, BOSTON.add(local(BOSTON, start), duration)) == due


@pytest.mark.parametrize(
    ("start", "duration", "due"),
    [
        ("2025-09-22 09:00", "P1BD", "2025-09-23 17:30"),  # the first day isn't counted
        ("2025-09-22 23:00", "P1BD", "2025-09-23 17:30"),
        ("2025-09-26 09:00", "P1BD", "2025-09-28 17:30"),  # a Sunday worked instead
        ("2025-09-30 09:00", "P1BD", "2025-10-09 17:30"),  # over the whole of National Day
        ("2025-10-09 09:00", "P2BD", "2025-10-11 17:30"),  # a Saturday worked instead
        ("2025-10-10 09:00", "P3BD", "2025-10-14 17:30"),
        ("2025-09-26 09:00", "P7D", "2025-10-09 17:30"),  # 3 October is off: the day after
        ("2025-09-22 09:00", "P7D", "2025-09-29 17:30"),
        ("2025-09-22 11:00", "PT2BH", "2025-09-22 14:30"),  # not over lunch
        ("2025-09-22 11:00", "PT15BH", "2025-09-24 11:00"),
    ],
)
def test_chinese_law_counts_to_the_close_of_the_last_day(
    start: str, duration: str, due: str
) -> None:
    assert shown(CHINA, CHINA.add(local(CHINA, start), duration)) == due


def test_the_day_after_the_last_known_one_is_provisional_and_still_counts() -> None:
    assert not CHINA.is_provisional(date(2026, 12, 31))
    assert CHINA.is_provisional(date(2027, 1, 1))
    due = CHINA.add(local(CHINA, "2026-12-31 09:00"), "P1BD")
    assert shown(CHINA, due) == "2027-01-01 17:30"
    assert CHINA.is_provisional(due)


def test_the_known_days_end_by_local_date() -> None:
    assert not CHINA.is_provisional(datetime(2026, 12, 31, 15, 59, tzinfo=UTC))
    assert CHINA.is_provisional(datetime(2026, 12, 31, 16, 0, tzinfo=UTC))


def test_a_day_may_have_hours_of_its_own() -> None:
    short = WorkingCalendar(
        "x",
        NEW_YORK,
        (*[BOSTON_HOURS] * 5, OFF, OFF),
        {date(2015, 12, 24): DayRule(working=True, hours=read_hours(["08:30-12:00"]))},
        business_day_ends=DayEnd.SAME_TIME,
    )
    due = short.add(local(short, "2015-12-23 15:00"), "P1BD")
    assert shown(short, due) == "2015-12-24 12:00"
    assert shown(short, short.add(local(short, "2015-12-23 16:00"), "PT5BH")) == "2015-12-25 09:00"


def test_working_time_of_the_day_the_clock_changes() -> None:
    spring = ROUND_THE_CLOCK.working_seconds(
        local(BOSTON, "2015-03-08 00:00"), local(BOSTON, "2015-03-09 00:00")
    )
    autumn = ROUND_THE_CLOCK.working_seconds(
        local(BOSTON, "2015-11-01 00:00"), local(BOSTON, "2015-11-02 00:00")
    )
    assert (spring, autumn) == (23 * 3600, 25 * 3600)


def test_hours_that_begin_in_the_skipped_hour_begin_at_the_jump() -> None:
    spans = NIGHT.spans(date(2015, 3, 8))
    assert [(shown(NIGHT, a), shown(NIGHT, b)) for a, b in spans] == [
        ("2015-03-08 00:30", "2015-03-08 03:00"),
        ("2015-03-08 03:00", "2015-03-08 04:00"),
        ("2015-03-08 22:00", "2015-03-09 00:00"),
    ]
    assert (spans[0][1] - spans[0][0]) == timedelta(minutes=90)


def test_a_suspension_over_a_weekend_costs_only_working_time() -> None:
    start = local(BOSTON, "2015-03-02 10:00")
    stood_still = (local(BOSTON, "2015-03-06 16:00"), local(BOSTON, "2015-03-09 09:00"))
    due = BOSTON.due_after(start, "P10BD", suspensions=[stood_still])
    assert shown(BOSTON, BOSTON.add(start, "P10BD")) == "2015-03-16 10:00"
    assert shown(BOSTON, due) == "2015-03-16 11:30"  # 60 minutes on Friday, 30 on Monday


def test_a_suspension_of_known_length_only_moves_the_end_to_working_time() -> None:
    start = local(BOSTON, "2015-03-02 10:00")
    due = BOSTON.due_after(start, "P4BD", suspended_seconds=24 * 3600)
    assert shown(BOSTON, due) == "2015-03-09 08:30"  # Saturday 10:00, hence Monday's opening
    elapsed = BOSTON.due_after(start, "PT1H", suspended_seconds=90)
    assert elapsed == start + timedelta(seconds=3690)
    assert BOSTON.due_after(start, "P4BD") == BOSTON.add(start, "P4BD")


def test_after_a_suspension_a_period_still_ends_with_a_day() -> None:
    start = local(CHINA, "2025-09-22 09:00")
    stood_still = (local(CHINA, "2025-09-23 09:00"), local(CHINA, "2025-09-23 10:00"))
    due = CHINA.due_after(start, "P2BD", suspensions=[stood_still])
    assert shown(CHINA, due) == "2025-09-25 17:30"
    calendar_days = CHINA.due_after(start, "P2D", suspended_seconds=3600)
    assert shown(CHINA, calendar_days) == "2025-09-25 17:30"


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["17:00-08:30"], "open before they close"),
        (["08:30-12:00", "11:00-17:00"], "overlap"),
        (["08:30"], "write 08:30-17:00"),
        (["8-17"], "not a time of day"),
        (["08:30-25:00"], "not a time of day"),
        (["08:30-24:30"], "open before they close"),
        (["08:60-09:00"], "not a time of day"),
    ],
)
def test_refuses_impossible_hours(texts: list[str], message: str) -> None:
    with pytest.raises(CalendarError, match=message):
        read_hours(texts)


def test_a_calendar_without_any_work_is_refused() -> None:
    with pytest.raises(CalendarError, match="one of them worked"):
        WorkingCalendar("x", NEW_YORK, (OFF,) * 7)


def test_naive_times_are_refused() -> None:
    naive = datetime(2015, 1, 1)  # noqa: DTZ001
    with pytest.raises(CalendarError, match="no time zone"):
        BOSTON.add(naive, "P1D")
    with pytest.raises(CalendarError, match="no time zone"):
        BOSTON.working_seconds(naive, naive)


def test_beyond_the_last_year_of_the_calendar_is_an_error_of_its_own() -> None:
    with pytest.raises(CalendarError, match="beyond any calendar"):
        BOSTON.add(datetime(9999, 12, 30, tzinfo=UTC), "P30BD")


# -- properties

calendars = st.sampled_from(CALENDARS)
moments = st.integers(0, 426 * 24 * 3600).map(
    lambda seconds: datetime(2014, 12, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
business = st.one_of(
    st.integers(1, 40).map(lambda n: f"P{n}BD"), st.integers(1, 300).map(lambda n: f"PT{n}BH")
)
lengths = st.one_of(business, st.integers(0, 9999).map(lambda n: f"PT{n}M"))


@given(calendars, moments, moments, lengths)
def test_who_comes_first_is_due_first(
    calendar: WorkingCalendar, one: datetime, other: datetime, length: str
) -> None:
    first, second = sorted((one, other))
    assert calendar.add(first, length) <= calendar.add(second, length)


@given(calendars, moments, business)
def test_a_period_in_working_time_ends_in_working_time_and_later(
    calendar: WorkingCalendar, start: datetime, length: str
) -> None:
    due = calendar.add(start, length)
    assert calendar.is_working_time(due)
    assert calendar.is_working(calendar.local_date(due - timedelta(microseconds=1)))
    assert due > start


@given(calendars, moments, moments, moments)
def test_working_time_adds_up(
    calendar: WorkingCalendar, a: datetime, b: datetime, c: datetime
) -> None:
    whole = calendar.working_time(a, b) + calendar.working_time(b, c)
    assert calendar.working_time(a, c) == whole
    assert abs(calendar.working_time(a, b)) <= abs(b - a)


@given(calendars, moments, st.integers(1, 200))
def test_business_hours_last_as_long_as_they_say(
    calendar: WorkingCalendar, start: datetime, hours: int
) -> None:
    due = calendar.add(start, f"PT{hours}BH")
    assert calendar.working_time(start, due) == timedelta(hours=hours)


@given(calendars, moments, st.integers(1, 100), st.integers(1, 100))
def test_business_hours_one_after_the_other(
    calendar: WorkingCalendar, start: datetime, first: int, then: int
) -> None:
    halfway = calendar.add(start, f"PT{first}BH")
    assert calendar.add(halfway, f"PT{then}BH") == calendar.add(start, f"PT{first + then}BH")


@given(st.sampled_from([BOSTON, CHINA]), moments, st.integers(1, 20), st.integers(1, 20))
def test_business_days_one_after_the_other(
    calendar: WorkingCalendar, start: datetime, first: int, then: int
) -> None:
    halfway = calendar.add(start, f"P{first}BD")
    if (
        calendar.business_day_ends is DayEnd.SAME_TIME
        and halfway == calendar.spans(calendar.local_date(halfway))[-1][1]
    ):
        return  # the very close of one day is the opening of the next
    assert calendar.add(halfway, f"P{then}BD") == calendar.add(start, f"P{first + then}BD")


@given(calendars, moments, business, moments, st.integers(1, 20_000))
def test_a_suspension_never_brings_the_deadline_forward(
    calendar: WorkingCalendar, start: datetime, length: str, at: datetime, minutes: int
) -> None:
    plain = calendar.add(start, length)
    stood_still = (at, at + timedelta(minutes=minutes))
    assert calendar.due_after(start, length, suspensions=[stood_still]) >= plain
    by_length = calendar.due_after(start, length, suspended_seconds=60 * minutes)
    assert by_length >= plain + timedelta(minutes=minutes)
    assert calendar.is_working_time(by_length)


@settings(max_examples=25)
@given(calendars, moments, st.integers(0, 6 * 24 * 60))
def test_working_time_is_what_a_clock_counts_minute_by_minute(
    calendar: WorkingCalendar, start: datetime, minutes: int
) -> None:
    start = start.replace(second=0, microsecond=0)
    counted = sum(_works(calendar, start + timedelta(minutes=passed)) for passed in range(minutes))
    end = start + timedelta(minutes=minutes)
    assert calendar.working_seconds(start, end) == 60 * counted


def _works(calendar: WorkingCalendar, minute: datetime) -> bool:
    """Whether the minute is worked, by the wall clock alone."""
    there = minute.astimezone(calendar.zone)
    now = there.hour * 60 + there.minute
    # Of an hour that comes twice both runs are worked if it lies inside working hours.
    return any(
        hours.opens <= now < hours.closes and (there.fold == 0 or _spans_fold(hours))
        for hours in calendar.hours_of(there.date())
    )


def _spans_fold(hours: Hours) -> bool:
    return hours.closes > 2 * 60 and hours.opens <= 60


def test_the_jump_is_found_where_it_is_half_an_hour() -> None:
    lord_howe = WorkingCalendar("lh", ZoneInfo("Australia/Lord_Howe"), (ALWAYS,) * 7)
    due = lord_howe.add(
        datetime.combine(date(2015, 10, 3), time(2, 10), tzinfo=lord_howe.zone), "P1D"
    )
    assert shown(lord_howe, due) == "2015-10-04 02:30"
