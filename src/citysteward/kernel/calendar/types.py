"""The calendar's words for other rooms."""

from citysteward.kernel.calendar.durations import Duration, Unit, UnreadableDuration
from citysteward.kernel.calendar.rules import (
    CalendarError,
    DayEnd,
    DayRule,
    Hours,
    WorkingCalendar,
)


class UnknownCalendar(LookupError):
    """No calendar of this code has been loaded."""


__all__ = [
    "CalendarError",
    "DayEnd",
    "DayRule",
    "Duration",
    "Hours",
    "Unit",
    "UnknownCalendar",
    "UnreadableDuration",
    "WorkingCalendar",
]
