"""Every read of the calendar that other rooms need."""

from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

from citysteward.kernel.calendar.models import Calendar, Day
from citysteward.kernel.calendar.rules import DayEnd, DayRule, WorkingCalendar, read_hours
from citysteward.kernel.calendar.types import UnknownCalendar

__all__ = ["calendar", "calendars", "days"]


def calendar(code: str) -> WorkingCalendar:
    """The working calendar of this code, as it is now. Raises UnknownCalendar.

    One small SELECT tells whether the one in memory still holds, in every process.
    """
    revision = Calendar.objects.filter(code=code).values_list("revision", flat=True).first()
    if revision is None:
        raise UnknownCalendar(f"no calendar {code!r} is loaded: load the pack that declares it")
    return _built(code, revision)


def calendars() -> list[Calendar]:
    """All calendars, by code."""
    return list(Calendar.objects.order_by("code"))


def days(code: str, year: int) -> list[Day]:
    """The dates of a year that their weekday doesn't explain, those set by hand last."""
    return list(Day.objects.filter(calendar__code=code, date__year=year))


@lru_cache(maxsize=64)
def _built(code: str, revision: UUID) -> WorkingCalendar:
    del revision  # of the key only: another revision is another calendar
    row = Calendar.objects.get(code=code)
    # Ordered by origin, so that what was set by hand ("edited") must come after "seeded".
    rules = {
        day.date: DayRule(day.working, read_hours(day.hours))
        for origin in (Day.Origin.SEEDED, Day.Origin.EDITED)
        for day in row.days.filter(origin=origin)
    }
    return WorkingCalendar(
        code=row.code,
        zone=ZoneInfo(row.zone),
        hours=tuple(read_hours(day) for day in row.hours),
        days=rules,
        business_day_ends=DayEnd(row.business_day_ends),
        calendar_day_ends=DayEnd(row.calendar_day_ends),
        known_from=row.known_from,
        known_until=row.known_until,
    )
