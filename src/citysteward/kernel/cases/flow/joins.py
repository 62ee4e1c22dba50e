"""When a joining gateway lets its tokens through.

Parallel: one token on every incoming flow. When an interruption has taken a branch away in the
scope, the join no longer waits for a flow that no living token can still reach: cancelling one
department's part must not starve the others. Without an interruption such a join is a fault of
the diagram: it stays closed and is reported as stuck.

Inclusive (BPMN 2.0, 13.4.3): it waits as long as some token could still arrive on a flow that
has none yet, unless that token could as well arrive on a flow that has one.
"""

from functools import lru_cache

from citysteward.kernel.cases.flow.effects import Stuck
from citysteward.kernel.cases.flow.machine import Machine
from citysteward.kernel.cases.flow.model import Node, Spec
from citysteward.kernel.cases.flow.state import Phase, Token

STARVED = "the join waits for a branch that can't arrive any more"


@lru_cache(maxsize=16_384)
def arrivals(spec: Spec, start: str, target: str) -> frozenset[str]:
    """The flows into target on which a token that stands on start could arrive there."""
    reached: set[str] = set()
    seen: set[str] = set()
    todo = [start]
    while todo:
        node = spec.nodes[todo.pop()]
        following = list(node.boundary)
        for flow in node.outgoing:
            if spec.flows[flow].target == target:
                reached.add(flow)
            else:
                following.append(spec.flows[flow].target)
        fresh = set(following) - seen
        seen |= fresh
        todo.extend(fresh)
    return frozenset(reached)


def joins(node: Node) -> bool:
    """Whether tokens must gather at the node."""
    return node.kind in ("parallelGateway", "inclusiveGateway") and len(node.incoming) > 1


def gather(machine: Machine, token: Token, node: Node) -> None:
    """A token reached a join; a parallel one opens as soon as all flows have a token."""
    token.phase = Phase.JOINING
    if node.kind == "parallelGateway":
        waiting = _first_on_each_flow(machine, node.id, token.scope)
        if len(waiting) == len(node.incoming):
            _merge(machine, waiting)


def release(machine: Machine) -> bool:
    """Open one join that need not wait any longer; whether there was one."""
    for node, scope in _gatherings(machine):
        waiting = _first_on_each_flow(machine, node.id, scope)
        ready = (
            _inclusive_ready(machine, node, scope, waiting)
            if node.kind == "inclusiveGateway"
            else machine.state.scopes[scope].cut and not _awaited(machine, node, scope, waiting)
        )
        if ready:
            _merge(machine, waiting)
            return True
    return False


def report_starved(machine: Machine) -> None:
    """Report, once, the joins that nothing will ever open."""
    for node, scope in _gatherings(machine):
        waiting = _first_on_each_flow(machine, node.id, scope)
        if _awaited(machine, node, scope, waiting) and not _all_gather(machine, scope):
            continue
        first = next(iter(waiting.values()))
        if not first.reason:
            first.reason = STARVED
            machine.effects.append(Stuck(first.id, node.id, STARVED))


def _gatherings(machine: Machine) -> list[tuple[Node, str]]:
    found = {
        (token.node, token.scope): None
        for token in machine.state.tokens.values()
        if token.phase is Phase.JOINING
    }
    return [(machine.spec.nodes[node], scope) for node, scope in found]


def _first_on_each_flow(machine: Machine, node: str, scope: str) -> dict[str, Token]:
    found: dict[str, Token] = {}
    for token in machine.state.tokens.values():
        if token.phase is Phase.JOINING and (token.node, token.scope) == (node, scope):
            found.setdefault(token.flow, token)
    return found


def _merge(machine: Machine, waiting: dict[str, Token]) -> None:
    first, *others = waiting.values()
    for token in others:
        del machine.state.tokens[token.id]
    first.reason = ""
    machine.leave(first)


def _others(machine: Machine, node: Node, scope: str) -> list[Token]:
    """The living tokens of the scope that don't stand at the join."""
    return [
        token for token in machine.tokens_in(scope) if not token.handler and token.node != node.id
    ]


def _awaited(machine: Machine, node: Node, scope: str, waiting: dict[str, Token]) -> bool:
    """Whether some token can still arrive on a flow that has none."""
    missing = set(node.incoming) - set(waiting)
    return any(
        missing & arrivals(machine.spec, token.node, node.id)
        for token in _others(machine, node, scope)
    )


def _inclusive_ready(machine: Machine, node: Node, scope: str, waiting: dict[str, Token]) -> bool:
    taken = set(waiting)
    for token in _others(machine, node, scope):
        reachable = arrivals(machine.spec, token.node, node.id)
        if reachable and not reachable & taken:
            return False
    return True


def _all_gather(machine: Machine, scope: str) -> bool:
    living = [token for token in machine.tokens_in(scope) if not token.handler]
    return all(token.phase is Phase.JOINING for token in living)
