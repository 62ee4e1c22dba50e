"""What a step of a run did, for its caller to act on and to write in the journal.

Tokens are ids within the run; times are aware.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from citysteward.kernel.cases.flow.feel_values import Value
from citysteward.kernel.cases.flow.model import Settings


@dataclass(frozen=True)
class TaskOpened:
    """A task waits for somebody in the role `lane`."""

    token: str
    node_id: str
    name: str
    lane: str
    settings: Settings


@dataclass(frozen=True)
class TaskDone:
    """A task was completed."""

    token: str
    node_id: str


@dataclass(frozen=True)
class TaskCancelled:
    """An open task was taken away, by an interrupting event, a terminate end or a cancellation."""

    token: str
    node_id: str


@dataclass(frozen=True)
class TimerSet:
    """A timer was set, or set anew when it repeats."""

    token: str
    node_id: str
    due: datetime


@dataclass(frozen=True)
class TimerFired:
    """A timer fired; `due` is the moment that it was set for, at which the run went on."""

    token: str
    node_id: str
    due: datetime


@dataclass(frozen=True)
class EscalationThrown:
    """An escalation was thrown, whether or not something in the diagram caught it."""

    code: str
    node_id: str
    caught: bool


@dataclass(frozen=True)
class ErrorThrown:
    """An error was thrown; uncaught, it is followed by Stuck."""

    code: str
    node_id: str
    caught: bool


@dataclass(frozen=True)
class MessageThrown:
    """A message is to be sent."""

    name: str
    node_id: str


@dataclass(frozen=True)
class SignalThrown:
    """A signal was sent; within this run it is already delivered."""

    name: str
    node_id: str


@dataclass(frozen=True)
class DecisionMade:
    """A business rule or service task gave its results."""

    name: str
    node_id: str
    inputs: Mapping[str, Value]
    outputs: Mapping[str, Value]


@dataclass(frozen=True)
class Stuck:
    """A token can't go on until somebody repairs the case (`Run.retry`, `move`, `cancel`)."""

    token: str
    node_id: str
    reason: str


@dataclass(frozen=True)
class Finished:
    """The whole run ended; end_id is the node at which the last token ended."""

    end_id: str


Effect: TypeAlias = (
    TaskOpened
    | TaskDone
    | TaskCancelled
    | TimerSet
    | TimerFired
    | EscalationThrown
    | ErrorThrown
    | MessageThrown
    | SignalThrown
    | DecisionMade
    | Stuck
    | Finished
)
