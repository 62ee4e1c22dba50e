"""Drive a run until every token waits for something outside."""

from citysteward.kernel.cases.flow import activities, events, joins, model
from citysteward.kernel.cases.flow.effects import Finished
from citysteward.kernel.cases.flow.errors import FlowError
from citysteward.kernel.cases.flow.machine import MAX_STEPS, Machine
from citysteward.kernel.cases.flow.model import Event, Node
from citysteward.kernel.cases.flow.state import Scope, Token


def drain(machine: Machine) -> None:
    """Move tokens until none can move. Raises FlowError rather than go round for ever."""
    while True:
        while machine.queue:
            _count(machine)
            token = machine.state.tokens.get(machine.queue.popleft())
            if token is not None:
                _step(machine, token)
        if not joins.release(machine) and not _finish_one(machine):
            break
        _count(machine)
    joins.report_starved(machine)


def _count(machine: Machine) -> None:
    machine.steps += 1
    if machine.steps > MAX_STEPS:
        raise FlowError(f"the procedure goes round without end (more than {MAX_STEPS} steps)")


def _step(machine: Machine, token: Token) -> None:
    node = machine.node_of(token)
    if node.kind in model.ACTIVITIES:
        activities.enter(machine, token)
    elif joins.joins(node):
        joins.gather(machine, token, node)
    elif node.kind == "eventBasedGateway":
        _race(machine, token, node)
    elif node.kind == "intermediateCatchEvent":
        _catch(machine, token, node)
    elif node.kind == "intermediateThrowEvent":
        _throw(machine, token, node)
    elif node.kind == "endEvent":
        _end(machine, token, node)
    elif node.kind in model.REFUSED:
        machine.stick(token, f"a {node.kind} is not run")
    else:
        machine.leave(token)


def _race(machine: Machine, token: Token, node: Node) -> None:
    del machine.state.tokens[token.id]
    machine.passed.append(node.id)
    for target in machine.spec.targets(node):
        events.arm(machine, target, token.scope, race=token.id)


def _catch(machine: Machine, token: Token, node: Node) -> None:
    if _nothing_happens(node):
        machine.leave(token)
    elif _runs(machine, token, node):
        events.wait(machine, token)


def _throw(machine: Machine, token: Token, node: Node) -> None:
    if _nothing_happens(node):
        machine.leave(token)
    elif _runs(machine, token, node) and node.event is not None:
        # First go on, then throw: who interrupts takes the token where it went.
        machine.leave(token)
        events.throw(machine, node.event, token.scope, node.id)


def _end(machine: Machine, token: Token, node: Node) -> None:
    if node.event is None:
        machine.leave(token)
    elif not _runs(machine, token, node):
        return
    elif node.event.kind == "terminate":
        machine.leave(token)
        machine.clear(machine.state.scopes[token.scope])
    elif node.event.kind == "error":
        _end_in_error(machine, token, node.event)
    else:
        machine.leave(token)
        events.throw(machine, node.event, token.scope, node.id)


def _end_in_error(machine: Machine, token: Token, event: Event) -> None:
    """An error that nothing catches must not pass for a normal end."""
    if events.catcher_of(machine, event.kind, event.code, token.scope) is not None:
        machine.leave(token)
        events.throw(machine, event, token.scope, token.node)
        return
    events.throw(machine, event, token.scope, token.node)
    machine.stick(token, f"nothing catches the error {event.code or ''}".rstrip())


def _nothing_happens(node: Node) -> bool:
    """Whether the event only marks a place; links are flows already."""
    return node.event is None or node.event.kind == "link"


def _runs(machine: Machine, token: Token, node: Node) -> bool:
    """Whether the engine runs the node's event; otherwise the token is stuck."""
    kind = node.event.kind if node.event else ""
    runs = kind in model.RUNNING_EVENTS[node.kind]
    if not runs:
        machine.stick(token, f"a {node.kind} of kind {kind} is not run")
    return runs


def _finish_one(machine: Machine) -> bool:
    """End one scope in which nothing lives any more; whether there was one."""
    for scope in list(machine.state.scopes.values()):
        if all(token.handler for token in machine.tokens_in(scope.id)):
            _finish(machine, scope)
            return True
    return False


def _finish(machine: Machine, scope: Scope) -> None:
    machine.close(scope)
    if not scope.token:
        machine.state.end, machine.state.finished = machine.last_end, True
        machine.effects.append(Finished(machine.last_end))
        return
    token = machine.state.tokens.get(scope.token)
    if token is None:
        return
    if scope.own is not None:
        activities.instance_done(machine, token, scope.own)
    else:
        events.finish_activity(machine, token)
