"""Run a procedure: the token engine, as the case layer sees it.

A `Run` is loaded from a small JSON state, told what happened, and gives back the new state and
the effects in order. It keeps no clock, opens no connection and never stores the Spec; the
caller holds the case's row lock while it works.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from citysteward.kernel.cases.flow import events, migration, steps
from citysteward.kernel.cases.flow.effects import (
    Effect,
    ErrorThrown,
    EscalationThrown,
    TaskDone,
)
from citysteward.kernel.cases.flow.errors import FlowError
from citysteward.kernel.cases.flow.feel_values import Value
from citysteward.kernel.cases.flow.machine import Machine, Services
from citysteward.kernel.cases.flow.model import Settings, Spec
from citysteward.kernel.cases.flow.state import Json, Phase, State, Token

MAX_FIRED = 100
"""Timers fired by one tick, so that a repeating one can't hold the caller for ever."""

__all__ = ["Run", "Services", "StuckToken", "TaskToken"]


@dataclass(frozen=True)
class TaskToken:
    """An open task: who (lane) has had what to do since when."""

    token: str
    node_id: str
    name: str
    lane: str
    settings: Settings
    since: dt.datetime


@dataclass(frozen=True)
class StuckToken:
    """A token that waits for somebody to repair the case."""

    token: str
    node_id: str
    reason: str


class Run:
    """One case's way through its procedure.

    effects: what happened since start or resume, in order; passed: the ids of the nodes that
    tokens left since then. Every method that moves tokens raises FlowError when it is asked
    for something that can't be, and then the state must be thrown away.
    """

    def __init__(self, spec: Spec, services: Services, state: State) -> None:
        """Use `start` or `resume`."""
        self._machine = Machine(spec, services, state)

    @classmethod
    def start(
        cls,
        spec: Spec,
        services: Services,
        *,
        now: dt.datetime,
        variables: Mapping[str, Value] | None = None,
        at: str | None = None,
    ) -> "Run":
        """Begin: at the start event that takes the message `at`, or at the plain one."""
        run = cls(spec, services, State(spec.main))
        machine = run._machine
        run._at(now)
        machine.state.variables = {}
        run.write(variables or {})
        events.open_scope(machine, spec.main, "", run._start_node(at))
        steps.drain(machine)
        return run

    @classmethod
    def resume(cls, spec: Spec, services: Services, state: Mapping[str, object]) -> "Run":
        """Go on from a state that `Run.state` gave."""
        return cls(spec, services, State.from_json(state))

    @classmethod
    def migrate(
        cls,
        spec: Spec,
        services: Services,
        state: Mapping[str, object],
        *,
        now: dt.datetime,
        renamed: Mapping[str, str] | None = None,
    ) -> "Run":
        """Go on from the state of another version of the procedure (see `migration`).

        renamed: old id → new id. Raises FlowError, naming them, when the case stands on
        elements that the new version lacks.
        """
        run = cls(spec, services, State.from_json(state))
        run._at(now)
        migration.migrate(run._machine, renamed or {})
        steps.drain(run._machine)
        return run

    # What it tells

    @property
    def state(self) -> Json:
        """Where the run stands, as plain JSON."""
        return self._machine.state.to_json()

    @property
    def variables(self) -> dict[str, Value]:
        """The case's variables (a copy)."""
        return dict(self._machine.state.variables)

    @property
    def effects(self) -> list[Effect]:
        """What happened since start or resume, in order."""
        return self._machine.effects

    @property
    def passed(self) -> list[str]:
        """The ids of the nodes that tokens left since start or resume, in order."""
        return self._machine.passed

    @property
    def finished(self) -> bool:
        """Whether the run is over, at an end event or by cancel_all."""
        return self._machine.state.finished

    @property
    def tasks(self) -> list[TaskToken]:
        """The open tasks, oldest first."""
        found = []
        for token in self._machine.state.tokens.values():
            if token.phase is Phase.TASK and token.since is not None:
                node = self._machine.node_of(token)
                found.append(
                    TaskToken(token.id, node.id, node.name, node.lane, node.settings, token.since)
                )
        return found

    @property
    def timers(self) -> list[tuple[str, dt.datetime]]:
        """The timers that are set, as (token, due), the soonest first."""
        waiting = [token for token in self._machine.state.tokens.values() if _ticks(token)]
        return sorted(
            ((token.id, token.due) for token in waiting if token.due is not None),
            key=lambda timer: (timer[1], int(timer[0])),
        )

    @property
    def next_due(self) -> dt.datetime | None:
        """When the next timer is due."""
        timers = self.timers
        return timers[0][1] if timers else None

    @property
    def stuck(self) -> list[StuckToken]:
        """The tokens that can't go on by themselves."""
        return [
            StuckToken(token.id, token.node, token.reason)
            for token in self._machine.state.tokens.values()
            if token.reason
        ]

    @property
    def current(self) -> set[str]:
        """The ids of the nodes that the case stands on now, for drawing."""
        return {
            token.node
            for token in self._machine.state.tokens.values()
            if not token.host and not token.handler
        }

    @property
    def awaited_messages(self) -> set[str]:
        """The names of the messages that the run waits for."""
        return {
            event.code
            for token in self._machine.state.tokens.values()
            if token.phase is Phase.WAITING
            and (event := self._machine.node_of(token).event) is not None
            and event.kind == "message"
            and event.code
        }

    # What it is told

    def complete(
        self, token_id: str, *, now: dt.datetime, variables: Mapping[str, Value] | None = None
    ) -> None:
        """A task is done, with these results."""
        token = self._task(token_id)
        self._at(now)
        self._machine.write(token.scope, variables or {})
        self._machine.effects.append(TaskDone(token.id, token.node))
        events.finish_activity(self._machine, token)
        steps.drain(self._machine)

    def tick(self, now: dt.datetime) -> int:
        """Fire the timers that are due, in order, each at the moment that it was set for.

        So a late tick gives the same run as a punctual one. Fires at most 100; tick again
        while next_due <= now. Gives the number fired.
        """
        self._at(now)
        for fired in range(MAX_FIRED):
            due = self.next_due
            if due is None or due > now:
                return fired
            token = self._machine.state.tokens[self.timers[0][0]]
            self._machine.now = due
            events.fire_timer(self._machine, token)
            steps.drain(self._machine)
        return MAX_FIRED

    def message(
        self, name: str, *, now: dt.datetime, variables: Mapping[str, Value] | None = None
    ) -> bool:
        """A message came in; the oldest token that waits for it gets it. Whether one did."""
        self._at(now)
        for token in list(self._machine.state.tokens.values()):
            if events.awaits(self._machine, token, "message", name):
                self._machine.write(token.scope, variables or {})
                events.fire(self._machine, token)
                steps.drain(self._machine)
                return True
        return False

    def signal(self, name: str, *, now: dt.datetime) -> bool:
        """A signal came in; all tokens that wait for it get it. Whether any did."""
        self._at(now)
        fired = events.broadcast(self._machine, name)
        steps.drain(self._machine)
        return fired

    def escalate(self, token_id: str, code: str, *, now: dt.datetime) -> bool:
        """Somebody escalates an open task; whether an event around it caught that."""
        return self._raise_from(token_id, "escalation", code, now)

    def fail(self, token_id: str, code: str, *, now: dt.datetime) -> bool:
        """An open task can't be done; whether an error event around it caught that."""
        return self._raise_from(token_id, "error", code, now)

    def write(self, variables: Mapping[str, Value]) -> None:
        """Set variables of the case; nothing moves."""
        root = next(iter(self._machine.state.scopes), "")
        self._machine.write(root, variables)

    def reschedule(self, *, now: dt.datetime) -> None:
        """Set the waiting timers that name a moment anew, from the variables as they are now.

        For a deadline that has moved; timers that run for a length of time keep theirs.
        """
        self._at(now)
        for token in list(self._machine.state.tokens.values()):
            event = self._machine.node_of(token).event
            dated = event is not None and event.timer is not None and event.timer.form == "date"
            if dated and _ticks(token):
                events.wait(self._machine, token)

    def cancel_all(self) -> None:
        """End the run here: all open tasks are cancelled. No Finished effect follows."""
        machine = self._machine
        for scope in list(machine.state.scopes.values()):
            machine.close(scope)
        machine.state.end, machine.state.finished = "", True

    # Repairs

    def cancel(self, token_id: str, *, now: dt.datetime) -> None:
        """Take one token away; joins no longer wait for it (see `joins`)."""
        token = self._any(token_id)
        self._at(now)
        self._machine.kill(token)
        self._machine.cut(token.scope)
        steps.drain(self._machine)

    def move(self, token_id: str, node_id: str, *, now: dt.datetime) -> None:
        """Take one token away and put a new one on another node of the same scope."""
        token, target = self._any(token_id), self._machine.spec.nodes.get(node_id)
        if target is None or target.scope != self._machine.node_of(token).scope:
            raise FlowError("a token can only be moved within its own process", node_id)
        self._at(now)
        self._machine.kill(token)
        self._machine.put(node_id, token.scope)
        steps.drain(self._machine)

    def retry(self, token_id: str, *, now: dt.datetime) -> None:
        """Let a stuck token try again, once its variables are repaired."""
        token = self._any(token_id)
        if token.phase is not Phase.STUCK:
            raise FlowError("this token is not stuck", token.node)
        self._at(now)
        token.phase, token.reason = Phase.MOVING, ""
        if token.host or token.handler or token.race:
            events.wait(self._machine, token)
        else:
            self._machine.queue.append(token.id)
        steps.drain(self._machine)

    # Inside

    def _at(self, now: dt.datetime) -> None:
        if now.tzinfo is None:
            raise FlowError("the moment must have a time zone")
        self._machine.now = now
        self._machine.steps = 0

    def _start_node(self, at: str | None) -> str | None:
        spec = self._machine.spec
        starts = [spec.nodes[node] for node in spec.starts[spec.main]]
        if at is not None:
            for node in starts:
                if node.event and (node.event.kind, node.event.code) == ("message", at):
                    return node.id
            raise FlowError(f"no start event takes the message {at!r}", spec.main)
        if not events.plain_starts(self._machine, spec.main):
            raise FlowError("the process has no plain start event", spec.main)
        return None

    def _any(self, token_id: str) -> Token:
        token = self._machine.state.tokens.get(token_id)
        if token is None:
            raise FlowError(f"there is no token {token_id!r} in this run")
        return token

    def _task(self, token_id: str) -> Token:
        token = self._any(token_id)
        if token.phase is not Phase.TASK:
            raise FlowError("this is not an open task", token.node)
        return token

    def _raise_from(self, token_id: str, kind: str, code: str, now: dt.datetime) -> bool:
        token = self._task(token_id)
        self._at(now)
        catcher = events.catcher_of(self._machine, kind, code, token.scope, token.id)
        report = ErrorThrown if kind == "error" else EscalationThrown
        self._machine.effects.append(report(code, token.node, catcher is not None))
        if catcher is not None:
            events.fire(self._machine, catcher)
            steps.drain(self._machine)
        return catcher is not None


def _ticks(token: Token) -> bool:
    return token.phase is Phase.WAITING and token.due is not None
