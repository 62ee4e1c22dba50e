from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citysteward.lib.dates import Period, add_months, midnight

DAYS = st.dates(date(1900, 1, 1), date(2200, 12, 31))


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2015", "2015-01-01", "2016-01-01"),
        ("2015-H1", "2015-01-01", "2015-07-01"),
        ("2015H2", "2015-07-01", "2016-01-01"),
        ("2015Q1", "2015-01-01", "2015-04-01"),
        ("2015-q4", "2015-10-01", "2016-01-01"),
        ("2015-12", "2015-12-01", "2016-01-01"),
        ("2016-02-29", "2016-02-29", "2016-03-01"),
    ],
)
def test_a_period_is_read_from_its_name(text: str, start: str, end: str) -> None:
    assert Period.parse(text) == Period(date.fromisoformat(start), date.fromisoformat(end))


@pytest.mark.parametrize(
    "text", ["", "15", "2015Q5", "2015-H3", "2015-13", "2015-02-29", "2015-1", "9999", "2015 Q1"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a period|day is out of range"):
        Period.parse(text)


@pytest.mark.parametrize("name", ["2015", "2015-H2", "2015Q3", "2015-11", "2015-11-30"])
def test_a_period_is_written_by_its_shortest_name(name: str) -> None:
    assert str(Period.parse(name)) == name


def test_another_period_is_written_by_its_first_and_last_day() -> None:
    assert str(Period(date(2015, 1, 15), date(2015, 2, 1))) == "2015-01-15/2015-01-31"


@given(st.integers(1900, 2200))
def test_parts_of_a_year_tile_it(year: int) -> None:
    whole = Period.parse(str(year))
    for parts in (
        [f"{year}-H{half}" for half in (1, 2)],
        [f"{year}Q{quarter}" for quarter in range(1, 5)],
        [f"{year}-{month:02d}" for month in range(1, 13)],
    ):
        periods = [Period.parse(part) for part in parts]
        assert periods == [*whole.split(12 // len(parts))]
        assert sum(period.days for period in periods) == whole.days


@given(DAYS, st.integers(1, 5000), st.integers(1, 30))
def test_any_period_is_tiled_by_its_parts(start: date, days: int, months: int) -> None:
    whole = Period(start, start + timedelta(days=days))
    parts = [*whole.split(months)]
    assert (parts[0].start, parts[-1].end) == (whole.start, whole.end)
    assert all(left.end == right.start for left, right in pairwise(parts))
    assert all(part.start in whole and part.end not in part for part in parts)


@given(DAYS, st.integers(-600, 600))
def test_months_later_is_the_same_day_or_the_last_of_its_month(day: date, months: int) -> None:
    later = add_months(day, months)
    assert (later.year - day.year) * 12 + later.month - day.month == months
    assert later.day == day.day or (later.day < day.day and (later + timedelta(days=1)).day == 1)


def test_bounds_follow_the_clocks_of_the_place() -> None:
    quarter = Period.parse("2015Q1")
    assert quarter.bounds(ZoneInfo("America/New_York")) == (
        datetime(2015, 1, 1, 5, tzinfo=UTC),
        datetime(2015, 4, 1, 4, tzinfo=UTC),
    )
    assert quarter.bounds(ZoneInfo("Asia/Shanghai"))[0] == datetime(2014, 12, 31, 16, tzinfo=UTC)


def test_a_day_without_midnight_begins_when_the_clocks_have_moved() -> None:
    # On 2018-11-04 in São Paulo the clocks went from 00:00 to 01:00.
    begins = midnight(date(2018, 11, 4), ZoneInfo("America/Sao_Paulo"))
    assert begins == datetime(2018, 11, 4, 3, tzinfo=UTC)
    assert begins.astimezone(ZoneInfo("America/Sao_Paulo")).hour == 1


def test_a_day_with_two_midnights_begins_at_the_first() -> None:
    # In Havana the clocks went back from 01:00 to 00:00 on the first of November.
    begins = midnight(date(2015, 11, 1), ZoneInfo("America/Havana"))
    assert begins == datetime(2015, 11, 1, 4, tzinfo=UTC)


def test_an_empty_period_is_refused() -> None:
    with pytest.raises(ValueError, match="must end after"):
        Period(date(2015, 1, 1), date(2015, 1, 1))
