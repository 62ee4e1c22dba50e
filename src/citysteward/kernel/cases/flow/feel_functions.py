"""The functions that an S-FEEL expression may call; there are no others.

Each takes values and gives a value. A call that makes no sense (a wrong type, a wrong number
of arguments) is null, as DMN has it; the caller in `sfeel` sees to that.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

from citysteward.kernel.cases.flow.feel_values import (
    ARITHMETIC,
    Value,
    compare,
    duration_of,
    equal,
    logical_not,
)

Function = Callable[..., Value]
MAX_SCALE = 30


def _list(values: tuple[Value, ...]) -> list[Value]:
    if len(values) == 1 and isinstance(values[0], list):
        return values[0]
    return list(values)


def _number(value: Value) -> Decimal:
    if not isinstance(value, Decimal):
        raise TypeError("not a number")
    return value


def _text(value: Value) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _whole(value: Value) -> int:
    number = _number(value)
    if number != number.to_integral_value() or abs(number) > 10**9:
        raise TypeError("not a whole number of sensible size")
    return int(number)


def _date(*parts: Value) -> Value:
    first = parts[0] if parts else None
    if len(parts) == 1 and isinstance(first, dt.datetime):
        return first.date()
    if len(parts) == 1 and isinstance(first, dt.date):
        return first
    if len(parts) == 1:
        return dt.date.fromisoformat(_text(first))
    year, month, day = parts
    return dt.date(_whole(year), _whole(month), _whole(day))


def _date_and_time(*parts: Value) -> Value:
    if len(parts) == 1:
        return dt.datetime.fromisoformat(_text(parts[0]))
    day, time = parts
    if isinstance(day, dt.date) and isinstance(time, dt.time):
        return dt.datetime.combine(day, time)
    return None


def _time(text: Value) -> Value:
    return text.timetz() if isinstance(text, dt.datetime) else dt.time.fromisoformat(_text(text))


def _duration(text: Value) -> Value:
    return duration_of(_text(text))


def _parse_number(text: Value) -> Value:
    if isinstance(text, Decimal):
        return text
    number = ARITHMETIC.create_decimal(_text(text).strip())
    return number if number.is_finite() else None


def _string(value: Value) -> Value:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f") if -30 < value.adjusted() < 34 else str(value)
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    return None


def _sum(*values: Value) -> Value:
    numbers = _list(values)
    total = Decimal(0)
    for number in numbers:
        total = ARITHMETIC.add(total, _number(number))
    return total if numbers else None


def _mean(*values: Value) -> Value:
    total = _sum(*values)
    return total and ARITHMETIC.divide(_number(total), Decimal(len(_list(values))))


def _extreme(sign: str) -> Function:
    def function(*values: Value) -> Value:
        best: Value = None
        for index, value in enumerate(_list(values)):
            verdict = True if index == 0 else compare(sign, value, best)
            if verdict is None:
                return None
            best = value if verdict else best
        return best

    return function


def _round(mode: str) -> Function:
    def function(value: Value, scale: Value = Decimal(0)) -> Value:
        places = _whole(scale)
        if abs(places) > MAX_SCALE:
            return None
        return _number(value).quantize(Decimal(1).scaleb(-places), mode, ARITHMETIC)

    return function


def _modulo(dividend: Value, divisor: Value) -> Value:
    number, by = _number(dividend), _number(divisor)
    quotient = ARITHMETIC.divide(number, by).to_integral_value(ROUND_FLOOR)
    return ARITHMETIC.subtract(number, ARITHMETIC.multiply(by, quotient))


def _substring(text: Value, start: Value, length: Value = None) -> Value:
    whole, first = _text(text), _whole(start)
    if first == 0:
        return None
    begin = first - 1 if first > 0 else max(len(whole) + first, 0)
    return whole[begin:] if length is None else whole[begin : begin + max(_whole(length), 0)]


def _all(*values: Value) -> Value:
    answers = _list(values)
    if any(answer is False for answer in answers):
        return False
    return True if all(answer is True for answer in answers) else None


def _any(*values: Value) -> Value:
    answers = _list(values)
    if any(answer is True for answer in answers):
        return True
    return False if all(answer is False for answer in answers) else None


def _list_contains(values: Value, element: Value) -> Value:
    if not isinstance(values, list):
        return None
    return any(equal(value, element) is True for value in values)


FUNCTIONS: Mapping[str, Function] = {
    "abs": lambda value: (
        abs(value) if isinstance(value, dt.timedelta) else _number(value).copy_abs()
    ),
    "all": _all,
    "any": _any,
    "ceiling": _round(ROUND_CEILING),
    "contains": lambda text, part: _text(part) in _text(text),
    "count": lambda *values: Decimal(len(_list(values))),
    "date": _date,
    "date and time": _date_and_time,
    "decimal": _round(ROUND_HALF_EVEN),
    "duration": _duration,
    "ends with": lambda text, end: _text(text).endswith(_text(end)),
    "floor": _round(ROUND_FLOOR),
    "list contains": _list_contains,
    "lower case": lambda text: _text(text).lower(),
    "max": _extreme(">"),
    "mean": _mean,
    "min": _extreme("<"),
    "modulo": _modulo,
    "not": logical_not,
    "number": _parse_number,
    "starts with": lambda text, start: _text(text).startswith(_text(start)),
    "string": _string,
    "string length": lambda text: Decimal(len(_text(text))),
    "substring": _substring,
    "sum": _sum,
    "time": _time,
    "upper case": lambda text: _text(text).upper(),
}
