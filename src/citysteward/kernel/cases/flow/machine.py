"""The moves that every part of the engine is made of: put, leave, kill, open and close.

A Machine is one piece of work on one run's state; `events`, `activities` and `joins` move its
tokens, `steps` drives them, and `engine.Run` is what callers see.
"""

import datetime as dt
from collections import ChainMap, deque
from collections.abc import Iterator, Mapping
from typing import Protocol

from citysteward.kernel.cases.flow.effects import Effect, Stuck, TaskCancelled, TaskOpened
from citysteward.kernel.cases.flow.errors import FeelError, FlowError
from citysteward.kernel.cases.flow.feel_values import Value
from citysteward.kernel.cases.flow.model import Flow, Node, Spec
from citysteward.kernel.cases.flow.sfeel import compile_condition
from citysteward.kernel.cases.flow.state import Phase, Scope, State, Token, canonical

MAX_STEPS = 10_000
NO_WAY_ON = "no condition is true and there is no default flow"


class Services(Protocol):
    """What the engine asks of its caller.

    A FlowError or FeelError from here leaves the token stuck; any other error goes through.
    """

    def decide(self, name: str, variables: Mapping[str, Value]) -> Mapping[str, Value]:
        """The results of a business rule or service task, to be merged in the variables."""
        ...

    def due(self, text: str, start: dt.datetime, variables: Mapping[str, Value]) -> dt.datetime:
        """The aware moment that `PT30M`, `P3D`, `P5BD` after start, or an ISO date, means."""
        ...


class Machine:
    """One piece of work on a run: its state, the moment, and what happened."""

    def __init__(self, spec: Spec, services: Services, state: State) -> None:
        self.spec = spec
        self.services = services
        self.state = state
        self.now: dt.datetime | None = None
        self.effects: list[Effect] = []
        self.passed: list[str] = []
        self.queue: deque[str] = deque()
        self.steps = 0
        self.last_end = ""

    # Looking

    @property
    def moment(self) -> dt.datetime:
        """The present moment of this run, which its caller gave."""
        if self.now is None:
            raise FlowError("the run was not told what time it is")
        return self.now

    def node_of(self, token: Token) -> Node:
        """The node that the token stands on. Raises FlowError when the Spec lost it."""
        node = self.spec.nodes.get(token.node)
        if node is None:
            raise FlowError("the case stands on an element that this version lacks", token.node)
        return node

    def tokens_in(self, scope: str) -> list[Token]:
        """The tokens that stand in the scope itself, oldest first."""
        return [token for token in self.state.tokens.values() if token.scope == scope]

    def scopes_outward(self, scope: str) -> Iterator[Scope]:
        """The scope, the one around it, and so on to the whole run."""
        found = self.state.scopes.get(scope)
        while found is not None:
            yield found
            around = self.state.tokens.get(found.token)
            found = self.state.scopes.get(around.scope) if around else None

    def variables_in(self, scope: str) -> Mapping[str, Value]:
        """The case's variables, under those that only an instance around the scope sees."""
        own = [around.own for around in self.scopes_outward(scope) if around.own is not None]
        return ChainMap(*own, self.state.variables) if own else self.state.variables

    def write(self, scope: str, variables: Mapping[str, Value]) -> None:
        """Set variables: of the instance around the scope, or else of the case."""
        own = [around.own for around in self.scopes_outward(scope) if around.own is not None]
        target = own[0] if own else self.state.variables
        target.update({name: canonical(value) for name, value in variables.items()})

    def holds(self, condition: str, scope: str) -> bool:
        """Whether the condition is true; null is not. Raises FeelError."""
        return compile_condition(condition).evaluate(self.variables_in(scope)) is True

    # Moving

    def put(self, node: str, scope: str, flow: str = "") -> Token:
        """A new token on the node, to be moved on."""
        token = Token(self.state.next_id(), node, scope, flow=flow)
        self.state.tokens[token.id] = token
        self.queue.append(token.id)
        return token

    def leave(self, token: Token) -> None:
        """Move the token on over the node's outgoing flows; without any it ends here."""
        node = self.node_of(token)
        try:
            flows = self._ways_on(node, token.scope)
        except FeelError as error:
            self.stick(token, f"a condition can't be computed: {error}")
            return
        if node.outgoing and not flows:
            self.stick(token, NO_WAY_ON)
            return
        self.state.tokens.pop(token.id, None)
        self.passed.append(node.id)
        if not flows and not node.triggered_by_event:
            self.last_end = node.id
        for flow in flows:
            self.put(flow.target, token.scope, flow.id)

    def _ways_on(self, node: Node, scope: str) -> list[Flow]:
        flows = [self.spec.flows[identity] for identity in node.outgoing]
        if node.kind == "parallelGateway":
            return flows
        chosen: list[Flow] = []
        for flow in flows:
            if flow.id == node.default or not self._open(node, flow, scope):
                continue
            chosen.append(flow)
            if node.kind == "exclusiveGateway":
                break
        return chosen or [flow for flow in flows if flow.id == node.default]

    def _open(self, node: Node, flow: Flow, scope: str) -> bool:
        if flow.condition:
            return self.holds(flow.condition, scope)
        # A conditionless flow out of an exclusive choice says nothing: it is not taken.
        return node.kind != "exclusiveGateway" or len(node.outgoing) == 1

    def open_task(self, token: Token, node: Node) -> None:
        """The token becomes a task for somebody."""
        token.phase, token.since = Phase.TASK, self.moment
        self.effects.append(TaskOpened(token.id, node.id, node.name, node.lane, node.settings))

    def stick(self, token: Token, reason: str) -> None:
        """The token stays where it is until somebody repairs the case."""
        token.phase, token.reason = Phase.STUCK, reason
        self.effects.append(Stuck(token.id, token.node, reason))

    # Taking away

    def kill(self, token: Token) -> None:
        """Take the token away with all that hangs on it: boundary events and inner scopes."""
        if self.state.tokens.pop(token.id, None) is None:
            return
        if token.phase is Phase.TASK:
            self.effects.append(TaskCancelled(token.id, token.node))
        self.disarm(token)
        for scope in [one for one in self.state.scopes.values() if one.token == token.id]:
            self.close(scope)

    def disarm(self, host: Token) -> None:
        """Take away the events on the edge of an activity that is over."""
        for token in [one for one in self.state.tokens.values() if one.host == host.id]:
            del self.state.tokens[token.id]

    def close(self, scope: Scope) -> None:
        """Take the scope away with all its tokens."""
        self.clear(scope)
        self.state.scopes.pop(scope.id, None)

    def clear(self, scope: Scope) -> None:
        """Take all tokens of the scope away; the scope stays."""
        for token in self.tokens_in(scope.id):
            self.kill(token)

    def cut(self, scope: str) -> None:
        """Note that a branch was taken away in the scope (see `joins`)."""
        if scope in self.state.scopes:
            self.state.scopes[scope].cut = True
