"""Values of S-FEEL: what they are, and how they compare and compute (DMN 1.3, chapter 9).

Numbers are decimals of 34 digits; booleans are never numbers; whatever makes no sense is null
(None) instead of an error, as the standard has it.
"""

import calendar
import datetime as dt
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any, TypeAlias, Union

from citysteward.kernel.cases.flow.errors import FeelError

Value: TypeAlias = Union[
    bool,
    int,
    float,
    Decimal,
    str,
    dt.date,
    dt.time,
    dt.timedelta,
    "Months",
    "Range",
    Sequence["Value"],
    Mapping[str, "Value"],
    None,
]
"""What variables, conditions and decisions are made of. Dates include date-times."""

ARITHMETIC = Context(
    prec=34, Emax=6144, Emin=-6143, traps=[DivisionByZero, InvalidOperation, Overflow]
)
"""Decimal128, the arithmetic that DMN prescribes."""

MAX_POWER = 10_000
MAX_MONTHS = 120_000
MAX_NESTING = 60
_DAY_TIME = re.compile(
    r"(-)?P(?=.)(?:(\d{1,9})D)?(?:T(?=.)(?:(\d{1,9})H)?(?:(\d{1,9})M)?"
    r"(?:(\d{1,9}(?:\.\d{1,6})?)S)?)?"
)
_YEAR_MONTH = re.compile(r"(-)?P(?=.)(?:(\d{1,6})Y)?(?:(\d{1,6})M)?")


@dataclass(frozen=True, order=True)
class Months:
    """A years-and-months duration."""

    count: int

    def after(self, day: dt.date) -> dt.date:
        """The day (or moment) that many months later; the 31st becomes the last of the month."""
        months = day.year * 12 + day.month - 1 + self.count
        year, month = divmod(months, 12)
        last = calendar.monthrange(year, month + 1)[1]
        return day.replace(year=year, month=month + 1, day=min(day.day, last))


@dataclass(frozen=True)
class Range:
    """An interval; an end that is not included is open."""

    low: Value
    high: Value
    low_included: bool
    high_included: bool

    def has(self, value: Value) -> bool | None:
        """Whether the value lies inside; null when it can't be compared."""
        above = compare(">=" if self.low_included else ">", value, self.low)
        below = compare("<=" if self.high_included else "<", value, self.high)
        return logical_and(above, below)


def normalise(value: object, depth: int = 0) -> Value:
    """A caller's value as S-FEEL sees it: numbers as Decimal, sequences as lists.

    Raises FeelError for a type that S-FEEL doesn't know, for NaN and for endless nesting.
    """
    if depth > MAX_NESTING:
        raise FeelError("a value is nested too deeply")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = Decimal(str(value))
    if isinstance(value, Decimal) and not value.is_finite():
        raise FeelError("a number must be finite")
    if value is None or isinstance(
        value, (bool, Decimal, str, dt.date, dt.time, dt.timedelta, Months, Range)
    ):
        return value
    if isinstance(value, Mapping):
        return {str(key): normalise(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [normalise(inner, depth + 1) for inner in value]
    raise FeelError(f"a value of type {type(value).__name__} can't be used in a decision")


def equal(left: Value, right: Value) -> bool | None:
    """Equality; null when the two are of different kinds (True is never 1)."""
    if left is None or right is None:
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(
            equal(a, b) is True for a, b in zip(left, right, strict=True)
        )
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(
            equal(left[key], right[key]) is True for key in left
        )
    return left == right if type(left) is type(right) else None


_ORDER: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ORDERED = (Decimal, str, dt.date, dt.time, dt.timedelta, Months)


def compare(sign: str, left: Value, right: Value) -> bool | None:
    """`left sign right` for = != < <= > >=; null when the two can't be compared."""
    if sign == "=":
        return equal(left, right)
    if sign == "!=":
        return logical_not(equal(left, right))
    if type(left) is not type(right) or not isinstance(left, _ORDERED):
        return None
    try:
        return _ORDER[sign](left, right)
    except TypeError:  # a moment with a time zone against one without
        return None


def logical_and(left: Value, right: Value) -> bool | None:
    """Three-valued and."""
    if left is False or right is False:
        return False
    return True if left is True and right is True else None


def logical_or(left: Value, right: Value) -> bool | None:
    """Three-valued or."""
    if left is True or right is True:
        return True
    return False if left is False and right is False else None


def logical_not(value: Value) -> bool | None:
    """Three-valued not."""
    return (not value) if isinstance(value, bool) else None


def _power(base: Decimal, exponent: Decimal) -> Decimal | None:
    return None if abs(exponent) > MAX_POWER else ARITHMETIC.power(base, exponent)


_NUMERIC: Mapping[str, Callable[[Decimal, Decimal], Decimal | None]] = {
    "+": ARITHMETIC.add,
    "-": ARITHMETIC.subtract,
    "*": ARITHMETIC.multiply,
    "/": ARITHMETIC.divide,
    "**": _power,
}


def arithmetic(sign: str, left: Value, right: Value) -> Value:
    """`left sign right` for + - * / **; null when it makes no sense."""
    try:
        if isinstance(left, Decimal) and isinstance(right, Decimal):
            return _NUMERIC[sign](left, right)
        return _with_text_or_time(sign, left, right)
    except (ArithmeticError, OverflowError, ValueError, TypeError):
        return None


def _with_text_or_time(sign: str, left: Value, right: Value) -> Value:
    if sign == "+":
        return _sum_of(left, right)
    if sign == "-":
        return _difference_of(left, right)
    if sign in ("*", "/") and isinstance(right, Decimal):
        return _scaled(sign, left, right)
    if sign == "*" and isinstance(left, Decimal):
        return _scaled(sign, right, left)
    return None


def _sum_of(left: Value, right: Value) -> Value:
    if isinstance(left, str) and isinstance(right, str):
        return left + right
    if isinstance(left, (dt.timedelta, Months)) and isinstance(right, dt.date):
        left, right = right, left
    if isinstance(left, dt.date):
        return _shifted(left, right, 1)
    if isinstance(left, dt.timedelta) and isinstance(right, dt.timedelta):
        return left + right
    if isinstance(left, Months) and isinstance(right, Months):
        return Months(left.count + right.count)
    return None


def _difference_of(left: Value, right: Value) -> Value:
    if isinstance(left, dt.datetime) and isinstance(right, dt.datetime):
        return left - right
    if type(left) is dt.date and type(right) is dt.date:
        return left - right
    if isinstance(left, dt.date):
        return _shifted(left, right, -1)
    if isinstance(left, dt.timedelta) and isinstance(right, dt.timedelta):
        return left - right
    if isinstance(left, Months) and isinstance(right, Months):
        return Months(left.count - right.count)
    return None


def _shifted(day: dt.date, by: Value, direction: int) -> Value:
    if isinstance(by, dt.timedelta):
        return day + direction * by
    if isinstance(by, Months):
        return Months(direction * by.count).after(day)
    return None


def _scaled(sign: str, duration: Value, factor: Decimal) -> Value:
    if not isinstance(duration, (dt.timedelta, Months)):
        return None
    ratio = ARITHMETIC.divide(Decimal(1), factor) if sign == "/" else factor
    if isinstance(duration, Months):
        count = ARITHMETIC.multiply(Decimal(duration.count), ratio)
        return Months(int(count)) if abs(count) < MAX_MONTHS else None
    return duration * float(ratio)


def negative(value: Value) -> Value:
    """The number or duration with the other sign; null for anything else."""
    if isinstance(value, Decimal):
        return ARITHMETIC.minus(value)
    if isinstance(value, dt.timedelta):
        return arithmetic("-", dt.timedelta(), value)
    if isinstance(value, Months):
        return Months(-value.count)
    return None


def duration_of(text: str) -> dt.timedelta | Months | None:
    """`P3DT4H` or `P1Y6M` as a duration; null when it is neither."""
    try:
        if match := _DAY_TIME.fullmatch(text):
            length = dt.timedelta(
                days=int(match[2] or 0),
                hours=int(match[3] or 0),
                minutes=int(match[4] or 0),
                seconds=float(match[5] or 0),
            )
            return -length if match[1] else length
        if match := _YEAR_MONTH.fullmatch(text):
            months = int(match[2] or 0) * 12 + int(match[3] or 0)
            return Months(-months if match[1] else months)
    except OverflowError:
        return None
    return None


def moment_of(text: str) -> dt.date | dt.time | None:
    """An ISO 8601 date, date-time or time; null when it is none of them."""
    for read in (dt.date.fromisoformat, dt.datetime.fromisoformat, dt.time.fromisoformat):
        try:
            return read(text)
        except ValueError:
            continue
    return None


def temporal_of(text: str) -> Value:
    """What an at-literal such as @"2026-03-01" or @"P3D" means."""
    moment = moment_of(text)
    return duration_of(text) if moment is None else moment


_PROPERTIES: Mapping[str, str] = {
    "year": "year",
    "month": "month",
    "day": "day",
    "hour": "hour",
    "minute": "minute",
    "second": "second",
}


def property_of(value: Value, name: str) -> Value:
    """`value.name`: an entry of a mapping, or a part of a date, time or duration; else null."""
    if isinstance(value, dict):
        found: Value = value.get(name)
        return found
    if isinstance(value, dt.timedelta):
        return _duration_part(value, name)
    if isinstance(value, Months):
        years, months = divmod(abs(value.count), 12)
        parts = {"years": years, "months": months}
        return Decimal(parts[name]) if name in parts else None
    if isinstance(value, dt.date) and name == "weekday":
        return Decimal(value.isoweekday())
    if isinstance(value, (dt.date, dt.time)) and name in _PROPERTIES:
        part = getattr(value, _PROPERTIES[name], None)
        return None if part is None else Decimal(part)
    return None


def _duration_part(value: dt.timedelta, name: str) -> Value:
    seconds = int(abs(value).total_seconds())
    parts = {
        "days": seconds // 86_400,
        "hours": seconds // 3600 % 24,
        "minutes": seconds // 60 % 60,
        "seconds": seconds % 60,
    }
    return Decimal(parts[name]) if name in parts else None
