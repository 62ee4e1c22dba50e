"""Check a procedure before it may run: what won't run, what is dangerous, and the remedy.

An error keeps a procedure from being loaded; a warning doesn't.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from citysteward.kernel.cases.flow import lint_graph, model, timers
from citysteward.kernel.cases.flow.errors import FeelError
from citysteward.kernel.cases.flow.lint_graph import Problem
from citysteward.kernel.cases.flow.lint_words import ADVICE, ERROR
from citysteward.kernel.cases.flow.model import Flow, Node, Spec
from citysteward.kernel.cases.flow.sfeel import compile_condition

CHOICES = ("exclusiveGateway", "inclusiveGateway")
LOOP_NAMES = frozenset(
    {"loopCounter", "nrOfInstances", "nrOfCompletedInstances", "nrOfActiveInstances"}
)


@dataclass(frozen=True)
class LintFinding:
    """One finding: where, what, in both languages. severity: error or warning."""

    element: str
    line: int
    code: str
    message_en: str
    message_zh: str
    severity: str

    @property
    def is_error(self) -> bool:
        """Whether it keeps the procedure from running."""
        return self.severity == ERROR


def lint(
    spec: Spec,
    *,
    names: Collection[str] | None = None,
    decisions: Collection[str] | None = None,
) -> list[LintFinding]:
    """All findings, in the order of the file.

    names: the variables that expressions may use; decisions: the decisions and services that
    there are. None: not checked.
    """
    problems = [
        *_documents(spec),
        *lint_graph.check(spec),
        *_nodes(spec, decisions),
        *_flows(spec),
        *_expressions(spec, names),
    ]
    findings = [_finding(spec, problem) for problem in dict.fromkeys(problems)]
    return sorted(findings, key=lambda finding: (finding.line, finding.element, finding.code))


def _finding(spec: Spec, problem: Problem) -> LintFinding:
    element, code, detail = problem
    advice = ADVICE[code]
    return LintFinding(
        element=element,
        line=_line(spec, element),
        code=code,
        message_en=advice.en.replace("{detail}", detail),
        message_zh=advice.zh.replace("{detail}", detail),
        severity=advice.severity,
    )


def _line(spec: Spec, element: str) -> int:
    for place in (spec.nodes, spec.flows, spec.processes):
        if element in place:
            return place[element].line
    return next((one.line for one in (*spec.unknown, *spec.dangling) if one.element == element), 0)


def _documents(spec: Spec) -> Iterator[Problem]:
    for unknown in spec.unknown:
        yield unknown.element, "unknown-element", unknown.what
    for broken in spec.dangling:
        yield broken.element, "dangling", f'{broken.what}="{broken.target}"'
    for process in spec.processes.values():
        if not process.executable:
            yield process.id, "not-executable", ""
    yield from _call_cycles(spec)


def _call_cycles(spec: Spec) -> Iterator[Problem]:
    calls = [(_process_of(spec, node), node) for node in spec.nodes.values() if node.called]
    for process, node in calls:
        seen: set[str] = set()
        todo = [node.called]
        while todo:
            called = todo.pop()
            if called not in seen:
                seen.add(called)
                todo.extend(other.called for inside, other in calls if inside == called)
        if process in seen:
            yield node.id, "call-cycle", node.called


def _process_of(spec: Spec, node: Node) -> str:
    scope = node.scope
    while scope in spec.nodes:
        scope = spec.nodes[scope].scope
    return scope


# Nodes


def _nodes(spec: Spec, decisions: Collection[str] | None) -> Iterator[Problem]:
    for node in spec.nodes.values():
        yield from _kind(node)
        yield from _event(node)
        yield from _task(node)
        yield from _service(node, decisions)
        if node.kind == "callActivity" and node.called not in spec.processes:
            yield node.id, "unknown-called", node.called or '""'
        if _throws_error(node) and not _is_caught(spec, node):
            yield node.id, "uncaught-error", (node.event.code if node.event else "") or ""


def _kind(node: Node) -> Iterator[Problem]:
    if node.kind in model.REFUSED:
        yield node.id, "refused-kind", node.kind
    if node.kind == "scriptTask":
        yield node.id, "script", ""
    if node.standard_loop:
        yield node.id, "standard-loop", ""
    multi = node.multi
    if multi is not None and not multi.collection and not multi.cardinality:
        yield node.id, "bare-multi-instance", ""


def _event(node: Node) -> Iterator[Problem]:
    event = node.event
    if event is None:
        if node.kind == "boundaryEvent":
            yield node.id, "refused-event", "none"
        return
    if node.kind in model.EVENTS and event.kind not in model.RUNNING_EVENTS[node.kind]:
        yield node.id, "refused-event", event.kind
    if event.kind in ("message", "signal") and not event.code:
        yield node.id, "no-message", ""
    if event.kind == "timer" and (event.timer is None or not event.timer.text):
        yield node.id, "empty-timer", ""
    elif event.timer and _is_bad_cycle(event.timer):
        yield node.id, "timer-cycle", event.timer.text


def _is_bad_cycle(timer: model.Timer) -> bool:
    literal = timers.LITERAL.fullmatch(timer.text) is not None
    return timer.form == "cycle" and literal and timers.CYCLE.fullmatch(timer.text) is None


def _task(node: Node) -> Iterator[Problem]:
    if node.kind not in model.HUMAN_TASKS:
        return
    if not node.lane:
        yield node.id, "no-role", ""
    if not node.name and not node.settings.get("zh"):
        yield node.id, "no-name", ""


def _service(node: Node, decisions: Collection[str] | None) -> Iterator[Problem]:
    if node.kind not in model.SERVICE_TASKS:
        return
    name = node.settings.get("decision") or node.settings.get("service")
    if not name:
        yield node.id, "no-decision", ""
    elif decisions is not None and name not in decisions:
        yield node.id, "unknown-decision", name


def _throws_error(node: Node) -> bool:
    return node.kind == "endEvent" and node.event is not None and node.event.kind == "error"


def _is_caught(spec: Spec, thrower: Node) -> bool:
    """Whether something around the error end catches it, in callers too."""
    code = thrower.event.code if thrower.event else None
    seen: set[str] = set()
    todo = [thrower.scope]
    while todo:
        scope = todo.pop()
        if scope in seen:
            continue
        seen.add(scope)
        around = [spec.nodes[scope]] if scope in spec.nodes else []
        around += [node for node in spec.nodes.values() if node.called == scope]
        catching = [spec.nodes[event] for node in around for event in node.boundary]
        catching += [
            spec.nodes[event]
            for inner in spec.event_subprocesses.get(scope, ())
            for event in spec.starts.get(inner, ())
        ]
        if any(_catches(node, code) for node in catching):
            return True
        todo.extend(node.scope for node in around)
    return False


def _catches(node: Node, code: str | None) -> bool:
    return node.event is not None and node.event.kind == "error" and node.event.code in (None, code)


# Flows and expressions


def _flows(spec: Spec) -> Iterator[Problem]:
    for node in spec.nodes.values():
        flows = [spec.flows[flow] for flow in node.outgoing]
        if node.kind in CHOICES and len(flows) > 1:
            yield from _choice(node, flows)
        for flow in flows:
            ignored = node.kind in ("parallelGateway", "eventBasedGateway")
            if flow.condition and (ignored or flow.id == node.default):
                yield flow.id, "condition-ignored", ""
            if flow.language and "feel" not in flow.language.lower():
                yield flow.id, "condition-language", flow.language


def _choice(node: Node, flows: list[Flow]) -> Iterator[Problem]:
    if not node.default:
        yield node.id, "no-default", ""
    if node.kind == "exclusiveGateway":
        for flow in flows:
            if not flow.condition and flow.id != node.default:
                yield flow.id, "no-condition", ""


def _expressions(spec: Spec, names: Collection[str] | None) -> Iterator[Problem]:
    known = None if names is None else {*names, *LOOP_NAMES, *_own_names(spec)}
    for element, text in _texts(spec):
        try:
            expression = compile_condition(text)
        except FeelError as error:
            yield element, "expression", f"{text!r}: {error}"
            continue
        if known is not None:
            for name in sorted(expression.names - known):
                yield element, "unknown-name", name


def _texts(spec: Spec) -> Iterator[tuple[str, str]]:
    """All S-FEEL in the Spec, with the element that it stands on."""
    for flow in spec.flows.values():
        if flow.condition:
            yield flow.id, flow.condition
    for node in spec.nodes.values():
        timer = node.event.timer if node.event else None
        if timer and timer.text and not timers.LITERAL.fullmatch(timer.text):
            yield node.id, timer.text
        if node.multi is not None:
            for text in (node.multi.collection, node.multi.cardinality, node.multi.completion):
                if text:
                    yield node.id, text


def _own_names(spec: Spec) -> set[str]:
    """The variables that activities of several instances make themselves."""
    loops = [node.multi for node in spec.nodes.values() if node.multi is not None]
    return {name for loop in loops for name in (loop.element, loop.result, loop.results) if name}
