"""Where a run stands: tokens and scopes, and how they are written as JSON.

The written state holds only what can't be found in the Spec, with one-letter keys, because a
city has millions of cases: about 1 KB for a case of ten steps with its variables.
"""

import datetime as dt
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum

from citysteward.kernel.cases.flow.errors import FlowError
from citysteward.kernel.cases.flow.feel_values import MAX_NESTING, Months, Value

VERSION = 1
Json = dict[str, object]


class Phase(Enum):
    """What a token is doing. Its value is what the written state holds."""

    MOVING = "go"
    TASK = "task"
    WAITING = "wait"
    JOINING = "join"
    INSIDE = "in"
    REPEATING = "many"
    STUCK = "stuck"


@dataclass
class Repetition:
    """How far a multi-instance activity is. todo holds the elements not yet begun."""

    total: int
    done: int = 0
    todo: list[Value] = field(default_factory=list)
    results: list[Value] = field(default_factory=list)


@dataclass
class Token:
    """One thread of a run.

    flow: the flow that it came by; host: the token of the activity whose boundary event this
    is; handler: the event sub-process that this waiting start event opens; race: the token of
    the event-based gateway that this event competes at; instance: whether it is one instance of
    a multi-instance activity; since: when it became a task; due, left, every: of a timer (left:
    how often it fires again, −1 for ever); reason: why it is stuck.
    """

    id: str
    node: str
    scope: str
    phase: Phase = Phase.MOVING
    flow: str = ""
    since: dt.datetime | None = None
    host: str = ""
    handler: str = ""
    race: str = ""
    instance: bool = False
    due: dt.datetime | None = None
    left: int = 0
    every: str = ""
    reason: str = ""
    repetition: Repetition | None = None


@dataclass
class Scope:
    """A running process, sub-process or instance.

    element: the process or node; token: the token that waits for it in the scope around it
    ("" for the whole run); own: variables seen only inside (instances have them, else None);
    cut: whether an interruption took a branch away here, so that joins no longer wait for it.
    """

    id: str
    element: str
    token: str = ""
    own: dict[str, Value] | None = None
    cut: bool = False


@dataclass
class State:
    """All of it. end: where the run ended, None while it runs, "" when it was cancelled."""

    process: str
    variables: dict[str, Value] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    scopes: dict[str, Scope] = field(default_factory=dict)
    sequence: int = 0
    end: str | None = None
    finished: bool = False

    def next_id(self) -> str:
        """A fresh id; ids are never used again within a run."""
        self.sequence += 1
        return str(self.sequence)

    def to_json(self) -> Json:
        """The state as plain JSON. Raises FlowError for a variable that can't be written."""
        written: Json = {
            "v": VERSION,
            "p": self.process,
            "q": self.sequence,
            "vars": {name: encode(value) for name, value in self.variables.items()},
        }
        if self.tokens:
            written["t"] = {token.id: _write_token(token) for token in self.tokens.values()}
        if self.scopes:
            written["s"] = {scope.id: _write_scope(scope) for scope in self.scopes.values()}
        if self.finished:
            written["end"] = self.end
        return written

    @classmethod
    def from_json(cls, written: Mapping[str, object]) -> "State":
        """The state that to_json wrote. Raises FlowError when it is something else."""
        try:
            return cls._from_json(written)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            if isinstance(error, FlowError):
                raise
            raise FlowError(f"this is not the state of a run: {error!r}") from error

    @classmethod
    def _from_json(cls, written: Mapping[str, object]) -> "State":
        if written["v"] != VERSION:
            raise FlowError(f"a state of version {written['v']} can't be read")
        tokens = _mapping(written.get("t", {}))
        scopes = _mapping(written.get("s", {}))
        end = written.get("end")
        return cls(
            process=str(written["p"]),
            variables={name: decode(value) for name, value in _mapping(written["vars"]).items()},
            # A database may give the keys back in another order: ids count up with time.
            tokens={key: _read_token(key, _mapping(tokens[key])) for key in _by_age(tokens)},
            scopes={key: _read_scope(key, _mapping(scopes[key])) for key in _by_age(scopes)},
            sequence=_integer(written["q"]),
            end=None if end is None else str(end),
            finished="end" in written,
        )


def _mapping(value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise TypeError("expected a mapping")
    return value


def _integer(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError("expected a whole number")
    return value


def _by_age(written: Mapping[str, object]) -> list[str]:
    return sorted(written, key=int)


_TEXT_KEYS = {
    "f": "flow",
    "h": "host",
    "e": "handler",
    "r": "race",
    "y": "every",
    "x": "reason",
}


def _write_token(token: Token) -> Json:
    written: Json = {"n": token.node, "s": token.scope, "p": token.phase.value}
    for key, name in _TEXT_KEYS.items():
        if value := getattr(token, name):
            written[key] = value
    if token.since:
        written["a"] = token.since.isoformat()
    if token.due:
        written["d"] = token.due.isoformat()
    if token.left:
        written["l"] = token.left
    if token.instance:
        written["i"] = 1
    if token.repetition:
        written["m"] = _write_repetition(token.repetition)
    return written


def _read_token(identity: str, written: Mapping[str, object]) -> Token:
    repetition = written.get("m")
    return Token(
        id=identity,
        node=str(written["n"]),
        scope=str(written["s"]),
        phase=Phase(written["p"]),
        since=_moment(written.get("a")),
        due=_moment(written.get("d")),
        left=_integer(written.get("l", 0)),
        instance=bool(written.get("i")),
        repetition=None if repetition is None else _read_repetition(_mapping(repetition)),
        **{name: str(written.get(key, "")) for key, name in _TEXT_KEYS.items()},
    )


def _moment(text: object) -> dt.datetime | None:
    return None if text is None else dt.datetime.fromisoformat(str(text))


def _write_repetition(repetition: Repetition) -> Json:
    return {
        "n": repetition.total,
        "d": repetition.done,
        "t": [encode(value) for value in repetition.todo],
        "o": [encode(value) for value in repetition.results],
    }


def _read_repetition(written: Mapping[str, object]) -> Repetition:
    todo, results = written["t"], written["o"]
    if not isinstance(todo, list) or not isinstance(results, list):
        raise TypeError("expected lists")
    return Repetition(
        total=_integer(written["n"]),
        done=_integer(written["d"]),
        todo=[decode(value) for value in todo],
        results=[decode(value) for value in results],
    )


def _write_scope(scope: Scope) -> Json:
    written: Json = {"e": scope.element}
    if scope.token:
        written["t"] = scope.token
    if scope.own is not None:
        written["o"] = {name: encode(value) for name, value in scope.own.items()}
    if scope.cut:
        written["c"] = 1
    return written


def _read_scope(identity: str, written: Mapping[str, object]) -> Scope:
    own = written.get("o")
    return Scope(
        id=identity,
        element=str(written["e"]),
        token=str(written.get("t", "")),
        own=None if own is None else {name: decode(value) for name, value in _mapping(own).items()},
        cut=bool(written.get("c")),
    )


# Variables: what JSON can't say is tagged, so that reading gives back what was written.


def encode(value: object, depth: int = 0) -> object:
    """A variable as JSON. Raises FlowError for a type that can't be kept."""
    if depth > MAX_NESTING:
        raise FlowError("a variable is nested too deeply")
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return _finite(value)
    if isinstance(value, Mapping):
        inner = {_key(key): encode(one, depth + 1) for key, one in value.items()}
        tagged = len(inner) == 1 and next(iter(inner)).startswith("@")
        return {"@map": inner} if tagged else inner
    if isinstance(value, (list, tuple)):
        return [encode(one, depth + 1) for one in value]
    return _tagged(value)


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise FlowError(f"a variable has the key {key!r}, which is not text")
    return key


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise FlowError("a variable holds a number that is not finite")
    return value


def _tagged(value: object) -> object:
    if isinstance(value, Decimal) and value.is_finite():
        whole = value.as_tuple().exponent == 0 and abs(value) < 2**53
        return int(value) if whole else {"@decimal": str(value)}
    if isinstance(value, dt.datetime):
        return {"@moment": value.isoformat()}
    if isinstance(value, dt.date):
        return {"@date": value.isoformat()}
    if isinstance(value, dt.time):
        return {"@time": value.isoformat()}
    if isinstance(value, dt.timedelta):
        return {"@duration": [value.days, value.seconds, value.microseconds]}
    if isinstance(value, Months):
        return {"@months": value.count}
    raise FlowError(f"a variable of type {type(value).__name__} can't be kept in a case")


def canonical(value: object) -> Value:
    """The variable as it will be after it was written and read back. Raises FlowError."""
    return decode(encode(value))


def decode(written: object) -> Value:
    """The variable that encode wrote. Raises FlowError for an unknown tag."""
    if isinstance(written, list):
        return [decode(one) for one in written]
    if isinstance(written, dict):
        if len(written) == 1:
            tag, content = next(iter(written.items()))
            if tag.startswith("@"):
                return _untagged(tag, content)
        return {key: decode(one) for key, one in written.items()}
    if written is None or isinstance(written, (bool, int, float, str)):
        return written
    raise FlowError(f"{written!r} is not JSON")


def _untagged(tag: str, content: object) -> Value:
    if tag == "@map" and isinstance(content, dict):
        return {key: decode(one) for key, one in content.items()}
    if tag == "@duration" and isinstance(content, list):
        return dt.timedelta(*content)
    if tag == "@months" and isinstance(content, int):
        return Months(content)
    reader = _READERS.get(tag)
    if reader is None:
        raise FlowError(f"a variable has the unknown tag {tag!r}")
    return reader(str(content))


_READERS: Mapping[str, Callable[[str], Value]] = {
    "@decimal": Decimal,
    "@moment": dt.datetime.fromisoformat,
    "@date": dt.date.fromisoformat,
    "@time": dt.time.fromisoformat,
}
