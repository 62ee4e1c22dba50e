"""What can happen to a calendar, as the journal tells it."""

from datetime import date

from pydantic import BaseModel, ConfigDict

from citysteward.kernel.journal.types import Verb
from citysteward.lib.words import Words


class _Payload(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DayFact(_Payload):
    """One date as it is now; `hours` empty means the usual ones."""

    date: date
    working: bool
    hours: tuple[str, ...] = ()
    names: Words = Words()


class CalendarLoaded(_Payload):
    """A calendar as a pack declares it, with the seeded days that changed."""

    calendar: str
    zone: str
    hours: tuple[tuple[str, ...], ...]
    source: str
    business_day_ends: str
    calendar_day_ends: str
    known_from: date
    known_until: date
    days_set: tuple[DayFact, ...]
    days_removed: tuple[date, ...]


class DaysEdited(_Payload):
    """Dates that somebody set by hand or gave back to the official calendar, and why."""

    calendar: str
    days_set: tuple[DayFact, ...] = ()
    days_given_back: tuple[date, ...] = ()
    grounds: str


CALENDAR_LOADED = Verb(
    "calendar.loaded",
    1,
    CalendarLoaded,
    Words(en="The working calendar was loaded", zh="载入工作日历"),
)
DAYS_EDITED = Verb(
    "calendar.days_edited",
    1,
    DaysEdited,
    Words(en="Days of the working calendar were changed", zh="调整工作日历"),
)
