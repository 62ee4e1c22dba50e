"""Pure rules of time: local times as instants, and local weeks, months… as buckets."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from citysteward.lib.dates import add_months, midnight
from citysteward.performance.types import Bucket, Grouping


def instant(local: datetime, zone: ZoneInfo) -> datetime:
    """`local` as an instant in UTC: read in `zone` when it names no zone of its own."""
    return (local if local.tzinfo else local.replace(tzinfo=zone)).astimezone(UTC)


def buckets(start: date, end: date, by: Grouping, zone: ZoneInfo) -> tuple[Bucket, ...]:
    """The local days, ISO weeks, months or quarters that [start, end) touches, clipped to it."""
    found = []
    for key, first, after in _stretches(start, end, by):
        found.append(
            Bucket(key, midnight(max(first, start), zone), midnight(min(after, end), zone))
        )
    return tuple(found)


def _stretches(start: date, end: date, by: Grouping) -> Iterator[tuple[str, date, date]]:
    day = _first_of(start, by)
    while day < end:
        after = _next(day, by)
        yield _key(day, by), day, after
        day = after


def _first_of(day: date, by: Grouping) -> date:
    match by:
        case Grouping.DAY:
            return day
        case Grouping.WEEK:
            return day - timedelta(days=day.weekday())
        case Grouping.MONTH:
            return day.replace(day=1)
        case Grouping.QUARTER:
            return day.replace(month=day.month - (day.month - 1) % 3, day=1)
        case _:
            raise ValueError(f"{by} is no stretch of time")


def _next(first: date, by: Grouping) -> date:
    if by is Grouping.DAY:
        return first + timedelta(days=1)
    if by is Grouping.WEEK:
        return first + timedelta(days=7)
    return add_months(first, 3 if by is Grouping.QUARTER else 1)


def _key(first: date, by: Grouping) -> str:
    match by:
        case Grouping.WEEK:
            year, week, _ = first.isocalendar()
            return f"{year}-W{week:02}"
        case Grouping.MONTH:
            return f"{first:%Y-%m}"
        case Grouping.QUARTER:
            return f"{first.year}Q{(first.month + 2) // 3}"
        case _:
            return first.isoformat()
