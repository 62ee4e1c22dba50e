"""Every write of the calendar."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from citysteward.kernel.calendar.events import (
    CALENDAR_LOADED,
    DAYS_EDITED,
    CalendarLoaded,
    DayFact,
    DaysEdited,
)
from citysteward.kernel.calendar.models import Calendar, Day
from citysteward.kernel.calendar.rules import CalendarError, DayEnd, WorkingCalendar, read_hours
from citysteward.kernel.calendar.seeds import Seed
from citysteward.kernel.calendar.types import UnknownCalendar
from citysteward.kernel.journal.actions import action, append, unchanged
from citysteward.kernel.journal.types import Actor
from citysteward.lib.ids import uuid7
from citysteward.lib.words import Words


@dataclass(frozen=True)
class CalendarDefinition:
    """A calendar as it shall be. `hours` per weekday from Monday, texts like "08:30-17:00"."""

    code: str
    names: Words
    zone: str
    hours: tuple[tuple[str, ...], ...]
    source: str
    business_day_ends: DayEnd
    calendar_day_ends: DayEnd
    day_names: Mapping[str, Words]
    """Fuller names of the source's days, by the English name."""

    def require_possible(self) -> None:
        """CalendarError unless its zone and hours make a calendar."""
        try:
            zone = ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise CalendarError(f"{self.zone!r} is no time zone: write America/New_York") from error
        WorkingCalendar(self.code, zone, tuple(read_hours(day) for day in self.hours))


@action
def load_calendar(wanted: CalendarDefinition, seed: Seed, *, actor: Actor) -> tuple[int, int, int]:
    """Make the calendar and its official days as declared; days set by hand stay.

    Returns how many rows were (created, changed, unchanged), the calendar's own among them.
    Raises CalendarError.
    """
    wanted.require_possible()
    row = Calendar.objects.select_for_update().filter(code=wanted.code).first()
    columns = _columns(wanted, seed)
    same = row is not None and all(getattr(row, name) == value for name, value in columns.items())
    before = {} if row is None else _facts(row.days.filter(origin=Day.Origin.SEEDED))
    after = {fact.date: fact for fact in _seeded(wanted, seed)}
    changed = tuple(fact for day, fact in after.items() if before.get(day) != fact)
    removed = tuple(day for day in before if day not in after)
    if row is not None and same and not changed and not removed:
        return unchanged((0, 0, 1 + len(after)))
    is_new = row is None
    row, _ = Calendar.objects.update_or_create(
        code=wanted.code, defaults={**columns, "revision": uuid7()}
    )
    _write(row, changed, Day.Origin.SEEDED)
    row.days.filter(origin=Day.Origin.SEEDED, date__in=removed).delete()
    append(
        CALENDAR_LOADED,
        actor=actor,
        subject=row.subject,
        payload=CalendarLoaded(
            calendar=row.code,
            **{name: columns[name] for name in CalendarLoaded.model_fields if name in columns},
            days_set=changed,
            days_removed=removed,
        ),
    )
    created = sum(fact.date not in before for fact in changed) + is_new
    touched = len(changed) + len(removed) + (is_new or not same)
    return created, touched - created, 1 + len(after) - len(changed) - (is_new or not same)


@action
def set_days(
    code: str, days: Sequence[DayFact], *, grounds: str, actor: Actor
) -> Sequence[DayFact]:
    """Set dates by hand, such as a day off for a snow emergency; returns those that changed.

    Raises UnknownCalendar; CalendarError without grounds or with impossible hours.
    """
    row = _locked(code)
    _require_grounds(grounds)
    for day in days:
        read_hours(day.hours)
        if day.hours and not day.working:
            raise CalendarError(f"{day.date} is a day off and has hours: leave them out")
    before = _facts(row.days.filter(origin=Day.Origin.EDITED))
    changed = tuple(day for day in days if before.get(day.date) != day)
    if not changed:
        return unchanged(changed)
    _write(row, changed, Day.Origin.EDITED)
    _tell(row, actor, DaysEdited(calendar=code, days_set=changed, grounds=grounds))
    return changed


@action
def give_days_back(
    code: str, days: Iterable[date], *, grounds: str, actor: Actor
) -> Sequence[date]:
    """Let dates follow the official calendar again; returns those that had been set by hand.

    Raises UnknownCalendar; CalendarError without grounds.
    """
    row = _locked(code)
    _require_grounds(grounds)
    edited = row.days.filter(origin=Day.Origin.EDITED, date__in=list(days))
    returned = tuple(edited.values_list("date", flat=True))
    if not returned:
        return unchanged(returned)
    edited.delete()
    _tell(row, actor, DaysEdited(calendar=code, days_given_back=returned, grounds=grounds))
    return returned


def _tell(row: Calendar, actor: Actor, payload: DaysEdited) -> None:
    row.revision = uuid7()
    row.save(update_fields=["revision"])
    append(DAYS_EDITED, actor=actor, subject=row.subject, payload=payload)


def _locked(code: str) -> Calendar:
    row = Calendar.objects.select_for_update().filter(code=code).first()
    if row is None:
        raise UnknownCalendar(f"no calendar {code!r} is loaded")
    return row


def _require_grounds(grounds: str) -> None:
    if not grounds.strip():
        raise CalendarError("say why the days change: the grounds are kept in the journal")


def _columns(wanted: CalendarDefinition, seed: Seed) -> dict[str, Any]:
    return {
        "name_en": wanted.names.en,
        "name_zh": wanted.names.zh,
        "zone": wanted.zone,
        "hours": [list(day) for day in wanted.hours],
        "source": wanted.source,
        "business_day_ends": wanted.business_day_ends.value,
        "calendar_day_ends": wanted.calendar_day_ends.value,
        "known_from": seed.known_from,
        "known_until": seed.known_until,
    }


def _seeded(wanted: CalendarDefinition, seed: Seed) -> list[DayFact]:
    return [
        DayFact(
            date=one.day,
            working=one.working,
            names=wanted.day_names.get(one.names.en, one.names),
        )
        for one in seed.days
    ]


def _facts(rows: Iterable[Day]) -> dict[date, DayFact]:
    return {
        row.date: DayFact(
            date=row.date, working=row.working, hours=tuple(row.hours), names=row.names
        )
        for row in rows
    }


def _write(calendar: Calendar, facts: Sequence[DayFact], origin: Day.Origin) -> None:
    Day.objects.bulk_create(
        [
            Day(
                calendar=calendar,
                date=fact.date,
                origin=origin,
                working=fact.working,
                hours=list(fact.hours),
                name_en=fact.names.en,
                name_zh=fact.names.zh,
            )
            for fact in facts
        ],
        update_conflicts=True,
        unique_fields=["calendar", "date", "origin"],
        update_fields=["working", "hours", "name_en", "name_zh"],
    )
