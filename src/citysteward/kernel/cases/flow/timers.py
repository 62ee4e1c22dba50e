"""When timers are due: literal text, or S-FEEL that gives it; the length itself is the caller's.

`PT30M`, `P3D`, `P5BD`, dates and `R3/PT10M` are literal; anything else is S-FEEL.
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass

from citysteward.kernel.cases.flow.errors import FeelError, FlowError
from citysteward.kernel.cases.flow.feel_values import Months, Value
from citysteward.kernel.cases.flow.machine import Machine
from citysteward.kernel.cases.flow.model import Timer
from citysteward.kernel.cases.flow.sfeel import compile_condition

LITERAL = re.compile(r"P\d[\dA-Z.]*(T[\dA-Z.]+)?|PT\d[\dA-Z.]*|R\d*/P[\dA-Z.]+|\d{4}-\d.*")
CYCLE = re.compile(r"R(\d*)/(P[\dA-Z.]+)")


@dataclass(frozen=True)
class Schedule:
    """When a timer fires first, how often it then fires again (−1: for ever), and how far apart."""

    due: dt.datetime
    left: int = 0
    every: str = ""


def schedule(machine: Machine, timer: Timer | None, scope: str) -> Schedule:
    """The timer's schedule from this moment on. Raises FlowError or FeelError."""
    if timer is None or not timer.text:
        raise FlowError("the timer doesn't say when")
    variables = machine.variables_in(scope)
    text = literal(timer.text, variables)
    if timer.form != "cycle":
        return Schedule(due(machine, text, machine.moment, variables))
    match = CYCLE.fullmatch(text)
    if match is None:
        raise FlowError(f"{text!r} is not a cycle such as R3/PT10M")
    times = int(match[1]) if match[1] else 0
    first = due(machine, match[2], machine.moment, variables)
    return Schedule(first, times - 1 if match[1] else -1, match[2])


def due(
    machine: Machine, text: str, start: dt.datetime, variables: Mapping[str, Value]
) -> dt.datetime:
    """The moment that the caller's clock gives. Raises FlowError when it has no time zone."""
    moment = machine.services.due(text, start, variables)
    if moment.tzinfo is None:
        raise FlowError(f"the moment for {text!r} has no time zone")
    return moment


def literal(text: str, variables: Mapping[str, Value]) -> str:
    """The timer's text, computed when it is S-FEEL. Raises FeelError."""
    if LITERAL.fullmatch(text):
        return text
    value = compile_condition(text).evaluate(variables)
    if isinstance(value, str) and LITERAL.fullmatch(value):
        return value
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dt.timedelta) and value >= dt.timedelta():
        return f"PT{int(value.total_seconds())}S"
    if isinstance(value, Months) and value.count >= 0:
        return f"P{value.count}M"
    raise FeelError(f"{text!r} gives neither a date nor a duration")
