from datetime import date

import pytest

from citysteward.kernel.calendar.seeds import UnknownSource, seed


def test_massachusetts_of_2015() -> None:
    found = seed("holidays:US-MA", 2015, 2015)
    assert [(one.day.isoformat(), one.names.en) for one in found.days] == [
        ("2015-01-01", "New Year's Day"),
        ("2015-01-19", "Martin Luther King Jr. Day"),
        ("2015-02-16", "Washington's Birthday"),
        ("2015-04-20", "Patriots' Day"),
        ("2015-05-25", "Memorial Day"),
        ("2015-07-04", "Independence Day"),
        ("2015-09-07", "Labor Day"),
        ("2015-10-12", "Columbus Day"),
        ("2015-11-11", "Veterans Day"),
        ("2015-11-26", "Thanksgiving Day"),
        ("2015-12-25", "Christmas Day"),
    ]
    assert not any(one.working for one in found.days)
    assert (found.known_from, found.known_until) == (date(2015, 1, 1), date(2015, 12, 31))


def test_china_of_2025_with_the_days_worked_instead() -> None:
    found = {one.day: one for one in seed("chinesecalendar", 2025, 2025).days}
    worked = [day.isoformat() for day, one in found.items() if one.working]
    assert worked == ["2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11"]
    assert not found[date(2025, 10, 8)].working
    assert found[date(2025, 10, 1)].names.zh == "国庆节"


def test_china_is_known_as_far_as_announced() -> None:
    found = seed("chinesecalendar", 2024, 2040)
    assert date(2026, 12, 31) <= found.known_until < date(2040, 1, 1)
    assert max(one.day for one in found.days) <= found.known_until


def test_years_without_any_announcement_are_all_provisional() -> None:
    found = seed("chinesecalendar", 2050, 2060)
    assert found.days == ()
    assert found.known_until < found.known_from


def test_years_with_estimated_dates_are_not_known() -> None:
    found = seed("holidays:MY", 2020, 2090)
    assert found.known_until < date(2090, 12, 31)


@pytest.mark.parametrize(
    ("source", "first", "last"),
    [
        ("holidays", 2015, 2015),
        ("holidays:XX", 2015, 2015),
        ("holidays:US-ZZ", 2015, 2015),
        ("holidays:CN", 2015, 2015),
        ("chinese", 2015, 2015),
        ("chinesecalendar", 2016, 2015),
        ("chinesecalendar", 1800, 2015),
    ],
)
def test_refuses_what_is_no_source(source: str, first: int, last: int) -> None:
    with pytest.raises(UnknownSource):
        seed(source, first, last)
