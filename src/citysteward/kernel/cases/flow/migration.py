"""Bring a running case to another version of its procedure.

Every token stays on its element, and a timer keeps the moment that it was set for: nobody's
deadline starts again because the procedure was revised. Events on the edge of open activities
that the new version no longer has are dropped; those that it adds are set from now on. A branch
that it adds to what already runs in parallel is not awaited. What can't be kept is refused as a
whole, with the elements named.
"""

from collections.abc import Mapping

from citysteward.kernel.cases.flow import events
from citysteward.kernel.cases.flow.errors import FlowError
from citysteward.kernel.cases.flow.machine import Machine
from citysteward.kernel.cases.flow.model import ACTIVITIES, HUMAN_TASKS, Node
from citysteward.kernel.cases.flow.state import Phase, Scope, Token


def migrate(machine: Machine, renamed: Mapping[str, str]) -> None:
    """Fit the machine's state to its Spec. renamed: old id → new id. Raises FlowError."""
    state = machine.state
    state.process = renamed.get(state.process, state.process)
    for scope in state.scopes.values():
        scope.element = renamed.get(scope.element, scope.element)
    for token in state.tokens.values():
        token.node = renamed.get(token.node, token.node)
        token.handler = renamed.get(token.handler, token.handler)
        token.flow = renamed.get(token.flow, token.flow)
    for token in list(state.tokens.values()):
        if (token.host or token.handler) and not _still_there(machine, token):
            del state.tokens[token.id]
    missing = {token.node for token in state.tokens.values() if not _fits(machine, token)}
    missing |= {scope.element for scope in state.scopes.values() if not _known(machine, scope)}
    if missing:
        names = ", ".join(sorted(missing))
        raise FlowError(f"the new version has no place for what the case stands on: {names}")
    for scope in state.scopes.values():
        scope.cut = True
    for token in list(state.tokens.values()):
        _arm_what_is_new(machine, token)


def _known(machine: Machine, scope: Scope) -> bool:
    return scope.element in machine.spec.processes or scope.element in machine.spec.nodes


def _element_of(machine: Machine, token: Token) -> str:
    """The process or sub-process that the token stands in (an instance stands in its own)."""
    scope = machine.state.scopes[token.scope]
    return machine.spec.nodes[scope.element].scope if scope.own is not None else scope.element


def _still_there(machine: Machine, token: Token) -> bool:
    """Whether the event on the edge, or the event sub-process, is still what it was."""
    node = machine.spec.nodes.get(token.node)
    if node is None:
        return False
    if token.handler:
        return token.handler in machine.spec.nodes and node.scope == token.handler
    host = machine.state.tokens.get(token.host)
    return host is not None and node.attached_to == host.node


def _fits(machine: Machine, token: Token) -> bool:
    node = machine.spec.nodes.get(token.node)
    if node is None or not _known(machine, machine.state.scopes[token.scope]):
        return False
    if not token.handler and node.scope != _element_of(machine, token):
        return False
    if token.phase is Phase.TASK:
        return node.kind in HUMAN_TASKS
    if token.phase is Phase.JOINING:
        return token.flow in node.incoming
    if token.phase is Phase.INSIDE:
        return node.kind in ("subProcess", "callActivity")
    return token.phase is not Phase.REPEATING or node.multi is not None


def _arm_what_is_new(machine: Machine, token: Token) -> None:
    node: Node = machine.node_of(token)
    open_activity = token.phase in (Phase.TASK, Phase.INSIDE, Phase.REPEATING, Phase.WAITING)
    if node.kind in ACTIVITIES and open_activity and not token.instance:
        events.arm_boundary(machine, token, node)
