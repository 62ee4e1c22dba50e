"""Lengths of time as packs and laws write them: `PT30M`, `P3D`, `P5BD`, `PT8BH`."""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Self


class Unit(StrEnum):
    """What a length is counted in."""

    ELAPSED = "elapsed"
    """Time that passes on any clock, in microseconds here."""
    CALENDAR_DAYS = "calendar_days"
    """自然日: days on the wall clock, whatever they are."""
    BUSINESS_DAYS = "business_days"
    """工作日: working days of a calendar."""
    BUSINESS_TIME = "business_time"
    """Time within the working hours of a calendar, in microseconds here."""


class UnreadableDuration(ValueError):
    """A text that is no duration; the message names the forms that are."""


FORMS = re.compile(
    r"P(?:(?P<weeks>[0-9]{1,4})W|(?P<days>[0-9]{1,5})D|(?P<business_days>[0-9]{1,5})BD"
    r"|T(?P<business_hours>[0-9]{1,6})BH"
    r"|T(?=[0-9])(?:(?P<hours>[0-9]{1,6})H)?(?:(?P<minutes>[0-9]{1,8})M)?(?:(?P<seconds>[0-9]{1,9})S)?)"
)


@dataclass(frozen=True)
class Duration:
    """A length of time; `time` for elapsed and business time, `days` for the others."""

    unit: Unit
    days: int = 0
    time: timedelta = timedelta()

    @classmethod
    def parse(cls, text: str) -> Self:
        """The duration that `text` writes.

        Days and business hours count from 1, since a period of none has no end of its own;
        `PT0S` is allowed. Raises UnreadableDuration for anything else.
        """
        form = FORMS.fullmatch(text.strip())
        if form is None:
            raise UnreadableDuration(
                f"{text!r} is not a duration: write PT30M or PT4H (elapsed time), P3D or P2W "
                "(calendar days), P5BD (business days) or PT8BH (business hours)"
            )
        given = {name: int(digits) for name, digits in form.groupdict().items() if digits}
        duration = cls._of(given)
        if duration.unit is not Unit.ELAPSED and not (duration.days or duration.time):
            raise UnreadableDuration(f"{text!r} is no time at all: count days from 1")
        return duration

    @classmethod
    def _of(cls, given: dict[str, int]) -> Self:
        if "business_days" in given:
            return cls(Unit.BUSINESS_DAYS, days=given["business_days"])
        if "business_hours" in given:
            return cls(Unit.BUSINESS_TIME, time=timedelta(hours=given["business_hours"]))
        if "weeks" in given or "days" in given:
            return cls(Unit.CALENDAR_DAYS, days=7 * given.get("weeks", 0) + given.get("days", 0))
        return cls(Unit.ELAPSED, time=timedelta(**given))


@lru_cache(maxsize=1024)
def parse(text: str) -> Duration:
    """`Duration.parse`, remembered: a city uses a few dozen texts a million times."""
    return Duration.parse(text)
