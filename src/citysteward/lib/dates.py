"""Periods of the calendar: years, halves, quarters, months, days."""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Self

_FORMS = re.compile(
    r"(?P<year>\d{4})(?:-?Q(?P<quarter>[1-4])|-?H(?P<half>[12])"
    r"|-(?P<month>0[1-9]|1[0-2])(?:-(?P<day>\d{2}))?)?"
)


@dataclass(frozen=True, order=True)
class Period:
    """Local dates from `start` until before `end`."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise ValueError(f"A period must end after it starts: {self.start} to {self.end}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The period that "2015", "2015-H1", "2015Q1", "2015-01" or "2015-01-31" names.

        Raises ValueError for anything else.
        """
        form = _FORMS.fullmatch(text.strip().upper())
        if form is None or not 1 <= int(form["year"]) < date.max.year:
            raise ValueError(
                f"{text!r} is not a period: write 2015, 2015-H1, 2015Q1, 2015-01 or 2015-01-31"
            )
        year = int(form["year"])
        if form["day"]:
            start = date(year, int(form["month"]), int(form["day"]))
            return cls(start, start + timedelta(days=1))
        months, number = 12, 1
        for name, length in (("half", 6), ("quarter", 3), ("month", 1)):
            if form[name]:
                months, number = length, int(form[name])
        start = date(year, months * (number - 1) + 1, 1)
        return cls(start, add_months(start, months))

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.start).days

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.start <= day < self.end

    def __str__(self) -> str:
        """Its shortest name, such as "2015Q1"; else its first and last day."""
        for name in _names(self.start):
            if Period.parse(name) == self:
                return name
        return f"{self.start}/{self.end - timedelta(days=1)}"

    def bounds(self, zone: tzinfo) -> tuple[datetime, datetime]:
        """Its first moment and the first moment after it, in UTC, for a place in `zone`."""
        return midnight(self.start, zone), midnight(self.end, zone)

    def split(self, months: int) -> Iterator["Period"]:
        """Its parts of so many calendar months each; the last may be shorter."""
        part, start = 1, self.start
        while start < self.end:
            end = min(add_months(self.start, months * part), self.end)
            yield Period(start, end)
            part, start = part + 1, end


def add_months(day: date, months: int) -> date:
    """The same day of the month so many months later, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def midnight(day: date, zone: tzinfo) -> datetime:
    """The moment at which `day` begins in `zone`, in UTC.

    Where the clocks skip midnight the day begins at the first moment that exists; where midnight
    comes twice, at the first one.
    """
    local = datetime.combine(day, time.min, tzinfo=zone)
    # A skipped local time read with the offset before the gap lands just after it.
    return local.astimezone(UTC)


def _names(start: date) -> Iterator[str]:
    yield f"{start.year:04d}"
    yield f"{start.year:04d}-H{(start.month + 5) // 6}"
    yield f"{start.year:04d}Q{(start.month + 2) // 3}"
    yield f"{start.year:04d}-{start.month:02d}"
    yield start.isoformat()
