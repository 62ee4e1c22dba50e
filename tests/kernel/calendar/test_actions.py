"""Calendars in the database: loaded from a source, edited by hand, seen by everybody at once."""

from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from citysteward.kernel.calendar import queries
from citysteward.kernel.calendar.actions import (
    CalendarDefinition,
    give_days_back,
    load_calendar,
    set_days,
)
from citysteward.kernel.calendar.events import DayFact
from citysteward.kernel.calendar.models import Calendar
from citysteward.kernel.calendar.rules import CalendarError, DayEnd
from citysteward.kernel.calendar.seeds import seed
from citysteward.kernel.calendar.types import UnknownCalendar
from citysteward.kernel.journal import queries as journal
from citysteward.kernel.journal.types import Actor
from citysteward.lib.words import Words

pytestmark = pytest.mark.django_db

LOADER = Actor("test:loader")
WEEK = (*[("08:30-17:00",)] * 5, (), ())
BOSTON = CalendarDefinition(
    code="boston",
    names=Words(en="Boston", zh="波士顿"),
    zone="America/New_York",
    hours=WEEK,
    source="holidays:US-MA",
    business_day_ends=DayEnd.SAME_TIME,
    calendar_day_ends=DayEnd.SAME_TIME,
    day_names={"Memorial Day": Words(en="Memorial Day", zh="阵亡将士纪念日")},
)
DAYS = seed("holidays:US-MA", 2015, 2016)
SNOW = DayFact(date=date(2015, 2, 10), working=False, names=Words(en="Snow", zh="暴雪"))
GROUNDS = "Snow emergency declared by the Mayor"


def load() -> tuple[int, int, int]:
    return load_calendar(BOSTON, DAYS, actor=LOADER)


def kinds() -> list[str]:
    return [entry.kind for entry in journal.entries_of("calendar:boston")]


def test_loading_twice_changes_nothing_and_writes_nothing() -> None:
    assert load() == (1 + len(DAYS.days), 0, 0)
    assert load() == (0, 0, 1 + len(DAYS.days))
    assert kinds() == ["calendar.loaded"]
    (entry,) = journal.entries_of("calendar:boston")
    told = {day["date"]: day["names"]["zh"] for day in entry.data()["days_set"]}
    assert told["2015-05-25"] == "阵亡将士纪念日"


def test_the_loaded_calendar_works() -> None:
    load()
    clock = queries.calendar("boston")
    assert not clock.is_working(date(2015, 5, 25))
    assert clock.is_working(date(2015, 5, 26))
    assert clock.is_provisional(date(2017, 1, 1))
    start = datetime(2015, 5, 22, 10, 0, tzinfo=ZoneInfo("America/New_York"))
    assert clock.add(start, "P1BD").isoformat() == "2015-05-26T14:00:00+00:00"
    assert [one.code for one in queries.calendars()] == ["boston"]
    assert len(queries.days("boston", 2015)) == 11


def test_an_unchanged_calendar_is_built_once_and_a_changed_one_anew() -> None:
    load()
    before = queries.calendar("boston")
    assert queries.calendar("boston") is before
    set_days("boston", [SNOW], grounds=GROUNDS, actor=LOADER)
    after = queries.calendar("boston")
    assert before.is_working(SNOW.date)
    assert not after.is_working(SNOW.date)


def test_days_set_by_hand_are_told_and_outlive_a_reload() -> None:
    load()
    assert set_days("boston", [SNOW], grounds=GROUNDS, actor=LOADER) == (SNOW,)
    assert set_days("boston", [SNOW], grounds=GROUNDS, actor=LOADER) == ()
    load()
    assert not queries.calendar("boston").is_working(SNOW.date)
    assert kinds() == ["calendar.loaded", "calendar.days_edited"]
    assert journal.entries_of("calendar:boston")[-1].data()["grounds"] == GROUNDS


def test_days_given_back_follow_the_official_calendar_again() -> None:
    load()
    worked = DayFact(date=date(2015, 5, 25), working=True, hours=("10:00-12:00",))
    set_days("boston", [worked], grounds="Moved", actor=LOADER)
    clock = queries.calendar("boston")
    assert clock.is_working(worked.date)
    assert str(clock.hours_of(worked.date)[0]) == "10:00-12:00"
    days = [worked.date, date(2015, 5, 26)]
    assert give_days_back("boston", days, grounds="Mistake", actor=LOADER) == (worked.date,)
    assert not queries.calendar("boston").is_working(worked.date)
    assert give_days_back("boston", days, grounds="Mistake", actor=LOADER) == ()


def test_a_changed_declaration_changes_what_differs() -> None:
    load()
    saturdays = replace(BOSTON, hours=(*WEEK[:5], ("09:00-12:00",), ()))
    assert load_calendar(saturdays, DAYS, actor=LOADER) == (0, 1, len(DAYS.days))
    assert queries.calendar("boston").is_working(date(2015, 2, 7))
    fewer = seed("holidays:US-MA", 2015, 2015)
    created, changed, _same = load_calendar(saturdays, fewer, actor=LOADER)
    assert (created, changed) == (0, 1 + len(DAYS.days) - len(fewer.days))
    assert queries.calendar("boston").is_working(date(2016, 12, 26))


@pytest.mark.parametrize(
    "wrong",
    [
        {"zone": "Mars/Olympus"},
        {"zone": "../etc/passwd"},
        {"hours": ((),) * 7},
        {"hours": WEEK[:6]},
        {"hours": (("17:00-08:30",), *WEEK[1:])},
    ],
)
def test_an_impossible_calendar_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(CalendarError):
        load_calendar(replace(BOSTON, **wrong), DAYS, actor=LOADER)  # type: ignore[arg-type]
    assert not Calendar.objects.exists()


def test_edits_need_a_calendar_grounds_and_possible_hours() -> None:
    load()
    with pytest.raises(UnknownCalendar):
        set_days("nowhere", [SNOW], grounds=GROUNDS, actor=LOADER)
    with pytest.raises(UnknownCalendar):
        queries.calendar("nowhere")
    with pytest.raises(CalendarError, match="grounds"):
        set_days("boston", [SNOW], grounds=" ", actor=LOADER)
    with pytest.raises(CalendarError, match="grounds"):
        give_days_back("boston", [SNOW.date], grounds="", actor=LOADER)
    for hours, working in ((("17:00-08:00",), True), (("08:00-17:00",), False)):
        bad = DayFact(date=SNOW.date, working=working, hours=hours)
        with pytest.raises(CalendarError):
            set_days("boston", [bad], grounds=GROUNDS, actor=LOADER)
    assert kinds() == ["calendar.loaded"]
