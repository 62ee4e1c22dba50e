"""Where a calendar's days off come from: the packages `chinesecalendar` and `holidays`.

`chinesecalendar` knows what the State Council has announced, with the days worked instead
(调休), and nothing beyond: later years are provisional. `holidays` computes from the law of the
place; where it estimates a date it says so in the name, and such years are not counted as known.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import chinese_calendar
import holidays
from chinese_calendar import constants as chinese_constants

from citysteward.lib.words import Words

CHINESE = "chinesecalendar"
COUNTRIES = "holidays"
EARLIEST, LATEST = 1990, 2100
_ESTIMATED = "(estimated"


class UnknownSource(ValueError):
    """A source of days off that is not one of `chinesecalendar` and `holidays:<place>`."""


@dataclass(frozen=True)
class SeedDay:
    """A date that its weekday doesn't explain, and why."""

    day: date
    working: bool
    names: Words


@dataclass(frozen=True)
class Seed:
    """A source's days between two dates, and the dates between which it really knows them."""

    days: tuple[SeedDay, ...]
    known_from: date
    known_until: date


def seed(source: str, first_year: int, last_year: int) -> Seed:
    """The days of `chinesecalendar` or `holidays:US-MA`. Raises UnknownSource."""
    if not EARLIEST <= first_year <= last_year <= LATEST:
        raise UnknownSource(f"years must run from {EARLIEST} to {LATEST}, the first one first")
    kind, _, place = source.partition(":")
    if kind == COUNTRIES and place.partition("-")[0] == "CN":
        raise UnknownSource(f"{source!r} guesses years not announced yet: write {CHINESE}")
    if source == CHINESE:
        return _chinese(first_year, last_year)
    if kind == COUNTRIES and place:
        return _country(place, first_year, last_year)
    raise UnknownSource(f"{source!r}: write chinesecalendar, or holidays:US-MA for a place")


def _chinese(first_year: int, last_year: int) -> Seed:
    known = {day.year for day in chinese_constants.holidays}
    first, last = max(first_year, min(known)), min(last_year, max(known))
    days = [
        SeedDay(day, working, _CHINESE_NAMES.get(name, Words(zh=name)))
        for table, working in (
            (chinese_constants.holidays, False),
            (chinese_constants.workdays, True),
        )
        for day, name in table.items()
        if first <= day.year <= last
    ]
    return Seed(_in_order(days), date(first, 1, 1), date(last, 12, 31))


_CHINESE_NAMES: Mapping[str, Words] = {
    item.value: Words(en=item.value, zh=item.chinese) for item in chinese_calendar.Holiday
}


def _country(place: str, first_year: int, last_year: int) -> Seed:
    country, _, subdivision = place.partition("-")
    table: Callable[..., Mapping[date, str]] = holidays.country_holidays
    options: dict[str, Any] = {"years": range(first_year, last_year + 1), "expand": False}
    if subdivision:
        options["subdiv"] = subdivision
    try:
        english = table(country, language="en_US", **options)
        chinese = _in_chinese(table, country, options)
    except NotImplementedError as error:
        raise UnknownSource(f"{COUNTRIES} does not know {place!r}: {error}") from error
    days = [
        SeedDay(day, working=False, names=Words(en=name, zh=chinese.get(day, "")))
        for day, name in english.items()
        if first_year <= day.year <= last_year
    ]
    guessed = [day.day.year for day in days if _ESTIMATED in day.names.en]
    last_known = min([last_year, *(year - 1 for year in guessed)])
    return Seed(
        _in_order(days),
        date(first_year, 1, 1),
        max(date(last_known, 12, 31), date(first_year, 1, 1) - timedelta(days=1)),
    )


def _in_chinese(
    table: Callable[..., Mapping[date, str]], country: str, options: dict[str, Any]
) -> dict[date, str]:
    """The same days' Chinese names, where the package has them."""
    supported = holidays.list_localized_countries().get(country, [])
    if "zh_CN" not in supported:
        return {}
    return dict(table(country, language="zh_CN", **options))


def _in_order(days: list[SeedDay]) -> tuple[SeedDay, ...]:
    return tuple(sorted(days, key=lambda seeded: seeded.day))
