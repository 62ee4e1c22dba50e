"""Activities: tasks, services, sub-processes, called processes, and several instances of one."""

from decimal import Decimal

from citysteward.kernel.cases.flow import events
from citysteward.kernel.cases.flow.effects import DecisionMade
from citysteward.kernel.cases.flow.errors import FeelError, FlowError
from citysteward.kernel.cases.flow.feel_values import Value, normalise
from citysteward.kernel.cases.flow.machine import Machine
from citysteward.kernel.cases.flow.model import (
    HUMAN_TASKS,
    SERVICE_TASKS,
    MultiInstance,
    Node,
)
from citysteward.kernel.cases.flow.sfeel import compile_condition
from citysteward.kernel.cases.flow.state import Phase, Repetition, Scope, Token

MAX_INSTANCES = 1_000


def enter(machine: Machine, token: Token) -> None:
    """A token reached an activity."""
    node = machine.node_of(token)
    events.arm_boundary(machine, token, node)
    if node.multi is not None:
        _start_instances(machine, token, node.multi)
    else:
        _begin(machine, token, node)


def service_name(node: Node) -> str:
    """What a business rule or service task asks for: its decision, its service, or its id."""
    return node.settings.get("decision") or node.settings.get("service") or node.id


def _begin(machine: Machine, token: Token, node: Node) -> None:
    if node.kind in HUMAN_TASKS:
        machine.open_task(token, node)
    elif node.kind in SERVICE_TASKS:
        _serve(machine, token, node)
    elif node.kind == "receiveTask":
        events.wait(machine, token)
    elif node.kind == "sendTask":
        if node.event is not None:
            events.throw(machine, node.event, token.scope, node.id)
        events.finish_activity(machine, token)
    elif node.kind == "subProcess":
        token.phase = Phase.INSIDE
        events.open_scope(machine, node.id, token.id)
    elif node.kind == "callActivity":
        _call(machine, token, node)
    else:
        machine.stick(token, f"a {node.kind} is not run")


def _serve(machine: Machine, token: Token, node: Node) -> None:
    name = service_name(node)
    inputs = dict(machine.variables_in(token.scope))
    try:
        outputs = dict(machine.services.decide(name, inputs))
        machine.write(token.scope, outputs)
    except (FeelError, FlowError) as error:
        machine.stick(token, f"{name}: {error}")
        return
    machine.effects.append(DecisionMade(name, node.id, inputs, outputs))
    events.finish_activity(machine, token)


def _call(machine: Machine, token: Token, node: Node) -> None:
    if node.called not in machine.spec.processes:
        machine.stick(token, f"the called process {node.called!r} is not here")
        return
    token.phase = Phase.INSIDE
    events.open_scope(machine, node.called, token.id)


# Several instances


def _start_instances(machine: Machine, token: Token, multi: MultiInstance) -> None:
    try:
        elements = _elements(machine, token, multi)
    except FeelError as error:
        machine.stick(token, str(error))
        return
    token.phase = Phase.REPEATING
    token.repetition = Repetition(len(elements), todo=elements, results=[None] * len(elements))
    if not elements:
        _end_instances(machine, token, token.repetition, multi)
        return
    for _ in elements[:1] if multi.sequential else list(elements):
        _next_instance(machine, token, token.repetition, multi)


def _elements(machine: Machine, token: Token, multi: MultiInstance) -> list[Value]:
    """One element for each instance: of the collection, or the numbers from 1. FeelError."""
    variables = machine.variables_in(token.scope)
    if multi.collection:
        found = normalise(compile_condition(multi.collection).evaluate(variables))
        if not isinstance(found, list):
            raise FeelError(f"{multi.collection!r} is not a list")
        elements = list(found)
    else:
        elements = list(range(1, _cardinality(multi, variables_number(machine, token, multi)) + 1))
    if len(elements) > MAX_INSTANCES:
        raise FeelError(f"more than {MAX_INSTANCES} instances of one activity are refused")
    return elements


def variables_number(machine: Machine, token: Token, multi: MultiInstance) -> Value:
    """What the cardinality expression gives. Raises FeelError."""
    if not multi.cardinality:
        raise FeelError("several instances are wanted but neither a number nor a collection")
    return compile_condition(multi.cardinality).evaluate(machine.variables_in(token.scope))


def _cardinality(multi: MultiInstance, number: Value) -> int:
    if (
        not isinstance(number, Decimal)
        or number != number.to_integral_value()
        or not 0 <= number <= MAX_INSTANCES
    ):
        raise FeelError(f"{multi.cardinality!r} must give a whole number from 0 to {MAX_INSTANCES}")
    return int(number)


def _next_instance(
    machine: Machine, token: Token, repetition: Repetition, multi: MultiInstance
) -> None:
    """Begin the instance of the first element that still waits, in a scope of its own."""
    element = repetition.todo.pop(0)
    number = repetition.total - len(repetition.todo)
    own: dict[str, Value] = {"loopCounter": number}
    if multi.element:
        own[multi.element] = element
    scope = Scope(machine.state.next_id(), token.node, token.id, own)
    machine.state.scopes[scope.id] = scope
    instance = Token(machine.state.next_id(), token.node, scope.id, instance=True)
    machine.state.tokens[instance.id] = instance
    _begin(machine, instance, machine.node_of(instance))


def instance_done(machine: Machine, token: Token, own: dict[str, Value]) -> None:
    """One instance is over; own are the variables that only it saw."""
    multi, repetition = machine.node_of(token).multi, token.repetition
    if multi is None or repetition is None:
        raise FlowError("an instance ended that nobody began", token.node)
    repetition.done += 1
    number = own.get("loopCounter")
    if multi.result and isinstance(number, int):
        repetition.results[number - 1] = own.get(multi.result)
    try:
        enough = _is_enough(machine, token, repetition, multi)
    except FeelError as error:
        machine.stick(token, f"the completion condition can't be computed: {error}")
        return
    if enough or repetition.done == repetition.total:
        _end_instances(machine, token, repetition, multi)
    elif multi.sequential:
        _next_instance(machine, token, repetition, multi)


def _is_enough(
    machine: Machine, token: Token, repetition: Repetition, multi: MultiInstance
) -> bool:
    if not multi.completion:
        return False
    active = 0 if multi.sequential else repetition.total - repetition.done
    context: dict[str, Value] = {
        **machine.variables_in(token.scope),
        "nrOfInstances": repetition.total,
        "nrOfCompletedInstances": repetition.done,
        "nrOfActiveInstances": active,
    }
    if multi.results:
        context[multi.results] = list(repetition.results)
    return compile_condition(multi.completion).evaluate(context) is True


def _end_instances(
    machine: Machine, token: Token, repetition: Repetition, multi: MultiInstance
) -> None:
    """All that is wanted is done: instances still open are cancelled, results collected."""
    for scope in [one for one in machine.state.scopes.values() if one.token == token.id]:
        machine.close(scope)
    if multi.results:
        machine.write(token.scope, {multi.results: repetition.results})
    token.repetition = None
    events.finish_activity(machine, token)
