"""Times as GeoReport writes them: the W3C's profile of ISO 8601, always with an offset. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

LONGEST_SPAN = timedelta(days=90)
CLOCK_CHANGE = timedelta(hours=1)
"""Ninety calendar days are an hour more or less than ninety times 24 hours in spring and autumn."""

_TIME = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)"
    r"(?:T(?P<clock>\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(?P<offset>Z|[ +-]\d\d:\d\d)?)?",
    re.ASCII,
)


class UnreadableTime(ValueError):
    """A text that is no time of the W3C's profile, or lies outside the calendar."""


class SpanTooLong(ValueError):
    """Start and end lie further apart than 90 days, or the wrong way round."""


@dataclass(frozen=True)
class Window:
    """From `start` up to and with `end`, both aware."""

    start: datetime
    end: datetime


def written(moment: datetime, zone: tzinfo) -> str:
    """An aware moment in the city's zone, such as 2015-01-31T08:30:00-05:00."""
    return moment.astimezone(zone).isoformat(timespec="seconds")


def read(text: str, zone: tzinfo, *, ends: bool = False) -> datetime:
    """The moment that `text` names; raises UnreadableTime.

    A text without an offset is in `zone`. A bare date is its first moment, or with `ends` its
    last. A plus sign may have arrived as a space, as it does from clients that don't escape it.
    """
    found = _TIME.fullmatch(text.strip())
    if found is None:
        raise UnreadableTime(text)
    try:
        # In UTC, because the difference of two times of one zone ignores its change of clocks.
        return _moment(found, zone, ends=ends).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UnreadableTime(text) from error


def _moment(found: re.Match[str], zone: tzinfo, *, ends: bool) -> datetime:
    day = date.fromisoformat(found["day"])
    if found["clock"] is None:
        return datetime.combine(day, time.max if ends else time.min, zone)
    clock = time.fromisoformat(found["clock"])
    offset = (found["offset"] or "").replace(" ", "+").replace("Z", "+00:00")
    if not offset:
        return datetime.combine(day, clock, zone)
    return datetime.fromisoformat(f"{day.isoformat()}T{clock.isoformat()}{offset}")


def window(start: datetime | None, end: datetime | None, *, now: datetime) -> Window:
    """The time asked for: 90 days after a start alone, before an end alone, or before `now`.

    Raises SpanTooLong, or UnreadableTime where 90 days lead out of the calendar.
    """
    try:
        if start is None:
            end = end or now
            return Window(end - LONGEST_SPAN, end)
        if end is None:
            return Window(start, start + LONGEST_SPAN)
    except OverflowError as error:
        raise UnreadableTime(str(start or end)) from error
    if not timedelta(0) <= end - start <= LONGEST_SPAN + CLOCK_CHANGE:
        raise SpanTooLong(f"{start} to {end}")
    return Window(start, end)
