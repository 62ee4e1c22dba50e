"""Working time: pure, immutable, correct over changes of the clock.

How periods are counted follows what laws of this kind have in common, and a calendar declares
where they differ. 民法典 art. 201: the day on which a period begins is not counted; art. 203: it
ends with the last day at 24:00 or, where there are business hours, at their end, and if that day
is a public holiday, with the day after it. Cities of the Boston kind count a period in working
days to the same time of day instead.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from citysteward.kernel.calendar import durations
from citysteward.kernel.calendar.durations import Duration, Unit

ONE_DAY = timedelta(days=1)
MINUTES_OF_A_DAY = 24 * 60
_NO_TIME = timedelta()


class CalendarError(ValueError):
    """A calendar that cannot be, or a question that it cannot answer."""


class DayEnd(StrEnum):
    """When a period counted in days ends on its last day."""

    SAME_TIME = "same_time"
    """At the time of day at which it began (if that is not working time: at the next)."""
    CLOSE_OF_DAY = "close_of_day"
    """At the close of the last day, which is a working day (民法典 art. 203)."""


@dataclass(frozen=True, order=True)
class Hours:
    """Working hours without a break, in minutes from local midnight: [opens, closes)."""

    opens: int
    closes: int

    def __post_init__(self) -> None:
        if not 0 <= self.opens < self.closes <= MINUTES_OF_A_DAY:
            raise CalendarError(f"working hours must open before they close on one day: {self}")

    @classmethod
    def parse(cls, text: str) -> "Hours":
        """From "08:30-17:00"; "24:00" is the end of the day. Raises CalendarError."""
        opens, dash, closes = text.replace("–", "-").partition("-")
        if not dash:
            raise CalendarError(f"{text!r} are no working hours: write 08:30-17:00")
        return cls(_minutes(opens), _minutes(closes))

    def __str__(self) -> str:
        return f"{_clock(self.opens)}-{_clock(self.closes)}"


@dataclass(frozen=True)
class DayRule:
    """What is known of one date: whether it is worked on, and its hours if not the usual."""

    working: bool
    hours: tuple[Hours, ...] = ()


@dataclass(frozen=True, eq=False)
class WorkingCalendar:
    """Working days and hours of one authority. Takes aware times, gives aware UTC.

    `hours` holds each weekday's, Monday first; `days` the dates that differ. Outside
    `known_from`…`known_until` (None: no bound) dates follow the weekday rule provisionally.
    """

    code: str
    zone: ZoneInfo
    hours: tuple[tuple[Hours, ...], ...]
    days: Mapping[date, DayRule] = field(default_factory=dict)
    business_day_ends: DayEnd = DayEnd.CLOSE_OF_DAY
    calendar_day_ends: DayEnd = DayEnd.SAME_TIME
    known_from: date | None = None
    known_until: date | None = None
    _spans: dict[date, tuple[tuple[datetime, datetime], ...]] = field(
        default_factory=dict, repr=False
    )

    def __post_init__(self) -> None:
        if len(self.hours) != 7 or not any(self.hours):
            raise CalendarError(f"{self.code}: give hours for seven weekdays, one of them worked")
        for hours in (*self.hours, *(rule.hours for rule in self.days.values())):
            _require_apart(hours)
        object.__setattr__(self, "days", MappingProxyType(dict(self.days)))

    # -- days

    def is_working(self, day: date) -> bool:
        """Whether the local date `day` is a working day."""
        rule = self.days.get(day)
        return rule.working if rule is not None else bool(self.hours[day.weekday()])

    def hours_of(self, day: date) -> tuple[Hours, ...]:
        """The working hours of a local date; none on a day off.

        A day worked instead of another (调休) has the hours of the first usual working day,
        unless the day says its own.
        """
        if not self.is_working(day):
            return ()
        rule = self.days.get(day)
        own = rule.hours if rule is not None else ()
        return own or self.hours[day.weekday()] or next(hours for hours in self.hours if hours)

    def is_provisional(self, when: date | datetime) -> bool:
        """Whether a date (of a moment: its local date) lies beyond what is officially known."""
        day = self.local_date(when) if isinstance(when, datetime) else when
        early = self.known_from is not None and day < self.known_from
        return early or (self.known_until is not None and day > self.known_until)

    def next_working_day(self, day: date) -> date:
        """The first working day after `day`."""
        day = _later(day)
        while not self.is_working(day):
            day = _later(day)
        return day

    def local_date(self, moment: datetime) -> date:
        """The date that `moment` falls on here."""
        return _aware(moment).astimezone(self.zone).date()

    # -- working time

    def is_working_time(self, moment: datetime) -> bool:
        """Whether `moment` lies in working hours (their very end counts: a deadline may fall
        on it)."""
        moment = _aware(moment)
        spans = self.spans(self.local_date(moment))
        # Hours that close at midnight close on the next date.
        spans += self.spans(self.local_date(moment) - ONE_DAY)
        return any(opens <= moment <= closes for opens, closes in spans)

    def working_time(self, start: datetime, end: datetime) -> timedelta:
        """Working time from `start` to `end`; negative if `end` comes first. Exact."""
        start, end = _aware(start), _aware(end)
        if end < start:
            return -self.working_time(end, start)
        total = _NO_TIME
        day, last = self.local_date(start), self.local_date(end)
        while day <= last:
            for opens, closes in self.spans(day):
                total += max(min(end, closes) - max(start, opens), _NO_TIME)
            day = _later(day)
        return total

    def working_seconds(self, start: datetime, end: datetime) -> float:
        """`working_time` in seconds."""
        return self.working_time(start, end).total_seconds()

    def spans(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """The working hours of a local date as UTC moments, in order."""
        known = self._spans.get(day)
        if known is None:
            known = tuple(
                (opens, closes)
                for hours in self.hours_of(day)
                for opens, closes in [
                    (self._moment(day, hours.opens), self._moment(day, hours.closes))
                ]
                # Hours that the clock skips altogether.
                if opens < closes
            )
            self._spans[day] = known
        return known

    # -- periods

    def add(self, start: datetime, duration: str | Duration) -> datetime:
        """When a period that begins at `start` ends. Raises UnreadableDuration, CalendarError."""
        start = _aware(start)
        length = durations.parse(duration) if isinstance(duration, str) else duration
        try:
            match length.unit:
                case Unit.ELAPSED:
                    return start + length.time
                case Unit.CALENDAR_DAYS:
                    return self._add_calendar_days(start, length.days)
                case Unit.BUSINESS_DAYS:
                    return self._add_business_days(start, length.days)
                case Unit.BUSINESS_TIME:
                    return self._add_working_time(start, length.time)
        except OverflowError as error:
            raise CalendarError(f"{duration} after {start} is beyond any calendar") from error

    def due_after(
        self,
        start: datetime,
        duration: str | Duration,
        *,
        suspended_seconds: float = 0,
        suspensions: Sequence[tuple[datetime, datetime]] = (),
    ) -> datetime:
        """The deadline of a period whose clock stood still meanwhile.

        Say when it stood still (`suspensions`, not overlapping): a period in working time is
        then prolonged by the working time among it. Where only its length is known
        (`suspended_seconds`, elapsed), the end moves by that and on to the next working time.
        """
        length = durations.parse(duration) if isinstance(duration, str) else duration
        due = self.add(start, length) + timedelta(seconds=suspended_seconds)
        working = length.unit in (Unit.BUSINESS_DAYS, Unit.BUSINESS_TIME)
        if not working:
            stood_still = sum((_aware(b) - _aware(a) for a, b in suspensions), _NO_TIME)
            due += stood_still
        else:
            due = self.next_working_moment(due)
            lost = sum((self.working_time(a, b) for a, b in suspensions), _NO_TIME)
            due = self._add_working_time(due, lost) if lost else due
        if suspended_seconds or suspensions:
            due = self._rounded(due, length)
        return due

    def shifted(self, due: datetime, seconds: float) -> datetime:
        """A deadline moved by `seconds` of elapsed time, for one whose duration is not known."""
        return _aware(due) + timedelta(seconds=seconds)

    def next_working_moment(self, moment: datetime) -> datetime:
        """`moment` if it lies in working hours, else when they next open."""
        moment = _aware(moment)
        if self.is_working_time(moment):
            return moment
        return self._running(moment)

    def _running(self, moment: datetime) -> datetime:
        """The first moment from which working time runs: at the close it is the next opening."""
        day = self.local_date(moment)
        while True:
            for opens, closes in self.spans(day):
                if moment < closes:
                    return max(moment, opens)
            day = self._next_open_day(day)

    def _next_open_day(self, day: date) -> date:
        day = self.next_working_day(day)
        while not self.spans(day):
            day = self.next_working_day(day)
        return day

    def _add_working_time(self, start: datetime, length: timedelta) -> datetime:
        day, left = self.local_date(start), length
        while True:
            for opens, closes in self.spans(day):
                begin = max(opens, start)
                if begin < closes:
                    if left <= closes - begin:
                        return begin + left
                    left -= closes - begin
            day = self._next_open_day(day)

    def _add_business_days(self, start: datetime, count: int) -> datetime:
        if self.business_day_ends is DayEnd.SAME_TIME:
            return self._same_time_on_business_day(self._running(start), count)
        day = self.local_date(start)
        for _ in range(count):
            day = self._next_open_day(day)
        return self.spans(day)[-1][1]

    def _same_time_on_business_day(self, begin: datetime, count: int) -> datetime:
        local = begin.astimezone(self.zone)
        day = local.date()
        for _ in range(count):
            day = self._next_open_day(day)
        return self._within(day, self._resolved(datetime.combine(day, local.time())))

    def _within(self, day: date, moment: datetime) -> datetime:
        """`moment` of `day`, or if its hours differ, the next working moment of that day."""
        spans = self.spans(day)
        for opens, closes in spans:
            if moment <= closes:
                return max(moment, opens)
        return spans[-1][1]

    def _add_calendar_days(self, start: datetime, count: int) -> datetime:
        local = start.astimezone(self.zone)
        day = local.date() + count * ONE_DAY
        if self.calendar_day_ends is DayEnd.CLOSE_OF_DAY:
            last = day if self.is_working(day) and self.spans(day) else self._next_open_day(day)
            return self.spans(last)[-1][1]
        return self._resolved(datetime.combine(day, local.time()))

    def _rounded(self, due: datetime, length: Duration) -> datetime:
        """A deadline that ends with a day still does after its clock stood still."""
        ends = {
            Unit.BUSINESS_DAYS: self.business_day_ends,
            Unit.CALENDAR_DAYS: self.calendar_day_ends,
        }.get(length.unit, DayEnd.SAME_TIME)
        if ends is DayEnd.SAME_TIME:
            return due
        day = self.local_date(due)
        while not self.spans(day) or self.spans(day)[-1][1] < due:
            day = self._next_open_day(day)
        return self.spans(day)[-1][1]

    # -- the clock

    def _moment(self, day: date, minutes: int) -> datetime:
        if minutes == MINUTES_OF_A_DAY:
            return self._resolved(datetime.combine(_later(day), time()))
        return self._resolved(datetime.combine(day, time(*divmod(minutes, 60))))

    def _resolved(self, naive: datetime) -> datetime:
        """A local time as UTC: of two the first; of one that the clock skips, the jump."""
        local = naive.replace(tzinfo=self.zone, fold=0)
        moment = local.astimezone(UTC)
        if moment.astimezone(self.zone).replace(tzinfo=None) == naive.replace(fold=0):
            return moment
        # Skipped: before the jump the clock was `offset` from UTC, and it jumps to after.
        before = local.replace(fold=1).astimezone(UTC)
        return self._jump(before, moment)

    def _jump(self, before: datetime, after: datetime) -> datetime:
        """The moment between two at which the offset changes, to the second."""
        offset = after.astimezone(self.zone).utcoffset()
        second = timedelta(seconds=1)
        before, after = before.replace(microsecond=0), after.replace(microsecond=0) + second
        while after - before > second:
            middle = before + (after - before) // (2 * second) * second
            if middle.astimezone(self.zone).utcoffset() == offset:
                after = middle
            else:
                before = middle
        return after


def read_hours(texts: Sequence[str]) -> tuple[Hours, ...]:
    """Working hours of one day from texts like "08:30-12:00", in order. Raises CalendarError."""
    hours = tuple(sorted(Hours.parse(text) for text in texts))
    _require_apart(hours)
    return hours


def _require_apart(hours: Sequence[Hours]) -> None:
    for first, second in pairwise(hours):
        if second.opens < first.closes:
            raise CalendarError(f"working hours overlap or are out of order: {first}, {second}")


def _minutes(text: str) -> int:
    hour, colon, minute = text.strip().partition(":")
    if not (colon and hour.isdecimal() and minute.isdecimal() and len(minute) == 2):
        raise CalendarError(f"{text!r} is not a time of day: write 08:30")
    if int(minute) > 59 or int(hour) > 24:
        raise CalendarError(f"{text!r} is not a time of day: write 08:30")
    return int(hour) * 60 + int(minute)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _later(day: date) -> date:
    return day + ONE_DAY


def _aware(moment: Any) -> datetime:
    if not isinstance(moment, datetime) or moment.utcoffset() is None:
        raise CalendarError(f"{moment!r} has no time zone: give an aware time")
    return moment.astimezone(UTC)
