"""Events: setting them to wait, throwing them, and what happens when one fires."""

from citysteward.kernel.cases.flow import timers
from citysteward.kernel.cases.flow.effects import (
    ErrorThrown,
    EscalationThrown,
    MessageThrown,
    SignalThrown,
    TimerFired,
    TimerSet,
)
from citysteward.kernel.cases.flow.errors import FeelError, FlowError
from citysteward.kernel.cases.flow.machine import Machine
from citysteward.kernel.cases.flow.model import Event, Node
from citysteward.kernel.cases.flow.state import Phase, Scope, Token

CATCH_ALL = frozenset({"escalation", "error"})
"""Kinds that, caught without a code, are caught whatever their code."""


def wait(machine: Machine, token: Token) -> None:
    """Let the token wait for its event; a timer is set."""
    token.phase, token.reason = Phase.WAITING, ""
    event = machine.node_of(token).event
    if event is None or event.kind != "timer":
        return
    try:
        plan = timers.schedule(machine, event.timer, token.scope)
    except (FlowError, FeelError) as error:
        machine.stick(token, str(error))
        return
    token.due, token.left, token.every = plan.due, plan.left, plan.every if plan.left else ""
    machine.effects.append(TimerSet(token.id, token.node, plan.due))


def arm(
    machine: Machine, node: str, scope: str, *, host: str = "", handler: str = "", race: str = ""
) -> Token:
    """A new token that waits for the node's event (see `Token` for host, handler and race)."""
    token = Token(machine.state.next_id(), node, scope, host=host, handler=handler, race=race)
    machine.state.tokens[token.id] = token
    wait(machine, token)
    return token


def arm_boundary(machine: Machine, token: Token, node: Node) -> None:
    """Let the events on the activity's edge wait, those that don't yet."""
    waiting = {one.node for one in machine.state.tokens.values() if one.host == token.id}
    for boundary in node.boundary:
        if boundary not in waiting:
            arm(machine, boundary, token.scope, host=token.id)


def open_scope(machine: Machine, element: str, token: str, start: str | None = None) -> Scope:
    """Enter a process or sub-process: at `start`, or at its plain start."""
    scope = Scope(machine.state.next_id(), element, token)
    machine.state.scopes[scope.id] = scope
    for inner in machine.spec.event_subprocesses.get(element, ()):
        for event in machine.spec.starts.get(inner, ()):
            arm(machine, event, scope.id, handler=inner)
    for node in [start] if start else plain_starts(machine, element):
        machine.put(node, scope.id)
    return scope


def plain_starts(machine: Machine, element: str) -> list[str]:
    """The plain start event of a process or sub-process, or its nodes without incoming flow."""
    nodes = [machine.spec.nodes[node] for node in machine.spec.starts.get(element, ())]
    if any(node.kind == "startEvent" for node in nodes):
        return [node.id for node in nodes if node.event is None][:1]
    return [node.id for node in nodes]


# Throwing


def throw(machine: Machine, event: Event, scope: str, node: str) -> bool:
    """Throw the event from a node in the scope; whether something in the run caught it."""
    code = event.code or ""
    if event.kind == "message":
        machine.effects.append(MessageThrown(code, node))
        return True
    if event.kind == "signal":
        machine.effects.append(SignalThrown(code, node))
        return broadcast(machine, code)
    catcher = catcher_of(machine, event.kind, event.code, scope)
    report = ErrorThrown if event.kind == "error" else EscalationThrown
    machine.effects.append(report(code, node, catcher is not None))
    if catcher is not None:
        fire(machine, catcher)
    return catcher is not None


def broadcast(machine: Machine, name: str) -> bool:
    """Deliver a signal to all that wait for it; whether any did."""
    waiting = [one for one in machine.state.tokens.values() if awaits(machine, one, "signal", name)]
    fired = False
    for token in waiting:
        if token.id in machine.state.tokens:  # an earlier one may have interrupted it
            fire(machine, token)
            fired = True
    return fired


def catcher_of(
    machine: Machine, kind: str, code: str | None, scope: str, thrower: str = ""
) -> Token | None:
    """The innermost event around the thrower that catches an escalation or error.

    thrower: the token of an activity that throws itself, whose own edge is asked first.
    """
    tokens = list(machine.state.tokens.values())
    levels = [[token for token in tokens if thrower and token.host == thrower]]
    levels += [
        [
            token
            for token in tokens
            if (around.token and token.host == around.token)
            or (token.handler and token.scope == around.id)
        ]
        for around in machine.scopes_outward(scope)
    ]
    for level in levels:
        catching = [token for token in level if awaits(machine, token, kind, code)]
        if catching:
            # Who names the code goes before who takes any.
            return min(catching, key=lambda token: _catches_any(machine, token))
    return None


def _catches_any(machine: Machine, token: Token) -> bool:
    event = machine.node_of(token).event
    return event is None or event.code is None


def awaits(machine: Machine, token: Token, kind: str, code: str | None) -> bool:
    """Whether the token waits for that event."""
    if token.phase is not Phase.WAITING:
        return False
    event = machine.node_of(token).event
    if event is None or event.kind != kind:
        return False
    return event.code == code or (event.code is None and kind in CATCH_ALL)


# Firing


def fire(machine: Machine, token: Token) -> None:
    """The event that the token waits for has happened."""
    node = machine.node_of(token)
    again = _fires_again(machine, token, node)
    if token.handler:
        _start_handler(machine, token, node, again)
    elif node.kind == "boundaryEvent":
        _fire_boundary(machine, token, node, again)
    else:
        _end_race(machine, token)
        _go_on(machine, token, node)


def fire_timer(machine: Machine, token: Token) -> None:
    """The token's timer is due."""
    if token.due is not None:
        machine.effects.append(TimerFired(token.id, token.node, token.due))
    fire(machine, token)


def _fires_again(machine: Machine, token: Token, node: Node) -> bool:
    """Whether the event goes on waiting after it fired; a repeating timer is set anew."""
    if node.event is None or node.event.kind != "timer":
        return True
    if not token.left or token.due is None:
        return False
    token.left -= token.left > 0
    token.due = timers.due(machine, token.every, token.due, machine.variables_in(token.scope))
    if not token.left:
        token.every = ""
    machine.effects.append(TimerSet(token.id, token.node, token.due))
    return True


def _fire_boundary(machine: Machine, token: Token, node: Node, again: bool) -> None:
    host = machine.state.tokens.get(token.host)
    if node.interrupting or (node.event is not None and node.event.kind == "error"):
        if host is not None:
            machine.kill(host)
        machine.state.tokens.pop(token.id, None)
        machine.cut(token.scope)
    elif not again:
        machine.state.tokens.pop(token.id, None)
    machine.put(node.id, token.scope)


def _start_handler(machine: Machine, token: Token, node: Node, again: bool) -> None:
    """Enter the event sub-process; an interrupting one takes the rest of its scope away."""
    scope = machine.state.scopes[token.scope]
    if node.interrupting:
        machine.clear(scope)
        scope.cut = True
    elif not again:
        machine.state.tokens.pop(token.id, None)
    inside = Token(machine.state.next_id(), token.handler, token.scope, Phase.INSIDE)
    machine.state.tokens[inside.id] = inside
    inner = Scope(machine.state.next_id(), token.handler, inside.id)
    machine.state.scopes[inner.id] = inner
    machine.put(node.id, inner.id)


def _end_race(machine: Machine, token: Token) -> None:
    """Of the events behind an event-based gateway only the first one counts."""
    if not token.race:
        return
    for other in list(machine.state.tokens.values()):
        if other.race == token.race and other.id != token.id:
            del machine.state.tokens[other.id]


def _go_on(machine: Machine, token: Token, node: Node) -> None:
    if node.kind == "receiveTask":
        finish_activity(machine, token)
    else:
        machine.leave(token)


def finish_activity(machine: Machine, token: Token) -> None:
    """The activity is done: its edge is quiet, and its token goes on.

    One instance of several only disappears; its scope, then empty, reports to the whole.
    """
    machine.disarm(token)
    if token.instance:
        machine.state.tokens.pop(token.id, None)
    else:
        machine.leave(token)
