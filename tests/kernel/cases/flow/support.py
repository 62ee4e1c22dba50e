"""Small diagrams in words, and services that tests can foresee."""

import datetime as dt
import json
from collections.abc import Callable, Mapping
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

from citysteward.kernel.cases.flow.engine import Run
from citysteward.kernel.cases.flow.feel_values import Months, Value, duration_of
from citysteward.kernel.cases.flow.model import Spec
from citysteward.kernel.cases.flow.parser import parse

T0 = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)
"""Monday, 2 March 2026, 9:00 in Beijing."""

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"


def hours(count: float) -> dt.datetime:
    """That many hours after T0."""
    return T0 + dt.timedelta(hours=count)


class Services:
    """Answers decisions from a mapping of name to function; durations run on the plain clock."""

    def __init__(
        self,
        decisions: Mapping[str, Callable[[Mapping[str, Value]], Mapping[str, Value]]] | None = None,
    ) -> None:
        self.decisions = decisions or {}
        self.asked: list[str] = []

    def decide(self, name: str, variables: Mapping[str, Value]) -> Mapping[str, Value]:
        self.asked.append(name)
        return self.decisions[name](variables) if name in self.decisions else {}

    def due(self, text: str, start: dt.datetime, _variables: Mapping[str, Value]) -> dt.datetime:
        length = duration_of(text)
        if isinstance(length, dt.timedelta):
            return start + length
        if isinstance(length, Months):
            moment = length.after(start)
            assert isinstance(moment, dt.datetime)
            return moment
        moment = dt.datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


# Elements


def element(kind: str, identity: str, inside: str = "", **attributes: str) -> str:
    """Any BPMN element; attributes of our own namespace are written flow_name."""
    text = "".join(
        f" {key.replace('flow_', 'flow:', 1)}={quoteattr(value)}"
        for key, value in attributes.items()
    )
    return f'<{kind} id="{identity}"{text}>{inside}</{kind}>'


def start(identity: str = "start", inside: str = "", **attributes: str) -> str:
    return element("startEvent", identity, inside, **attributes)


def end(identity: str = "end", inside: str = "", **attributes: str) -> str:
    return element("endEvent", identity, inside, **attributes)


def task(identity: str, inside: str = "", **attributes: str) -> str:
    return element("userTask", identity, inside, name=identity.title(), **attributes)


def rule(identity: str, decision: str) -> str:
    return element("businessRuleTask", identity, flow_decision=decision)


def gateway(kind: str, identity: str, default: str = "") -> str:
    attributes = {"default": default} if default else {}
    return element(f"{kind}Gateway", identity, **attributes)


def catch(identity: str, inside: str) -> str:
    return element("intermediateCatchEvent", identity, inside)


def throw(identity: str, inside: str) -> str:
    return element("intermediateThrowEvent", identity, inside)


def boundary(identity: str, host: str, inside: str, *, interrupting: bool = True) -> str:
    return element(
        "boundaryEvent",
        identity,
        inside,
        attachedToRef=host,
        cancelActivity="true" if interrupting else "false",
    )


def sub(identity: str, *inside: str, **attributes: str) -> str:
    return element("subProcess", identity, "".join(inside), **attributes)


def call(identity: str, called: str) -> str:
    return element("callActivity", identity, calledElement=called)


def flows(*chain: str) -> str:
    """Flows along each chain such as "start a end"; "x >[c > 1] y" carries a condition."""
    return "".join(_chain(one) for one in chain)


def _chain(text: str) -> str:
    parts = text.replace(">[", " >[").split(" >[")
    if len(parts) == 1:
        names = text.split()
        return "".join(flow(a, b) for a, b in pairwise(names))
    source, rest = parts[0].strip(), parts[1]
    condition, target = rest.rsplit("]", 1)
    return flow(source, target.strip(), condition)


def flow(source: str, target: str, condition: str = "", identity: str = "") -> str:
    inside = f"<conditionExpression>{escape(condition)}</conditionExpression>" if condition else ""
    identity = identity or f"{source}-{target}"
    return element("sequenceFlow", identity, inside, sourceRef=source, targetRef=target)


# Event definitions


def timer(text: str, form: str = "timeDuration") -> str:
    return f"<timerEventDefinition><{form}>{escape(text)}</{form}></timerEventDefinition>"


def message(name: str) -> str:
    return f'<messageEventDefinition messageRef="m-{name}"/>'


def escalation(code: str = "") -> str:
    reference = f' escalationRef="x-{code}"' if code else ""
    return f"<escalationEventDefinition{reference}/>"


def error(code: str = "") -> str:
    reference = f' errorRef="r-{code}"' if code else ""
    return f"<errorEventDefinition{reference}/>"


def signal(name: str) -> str:
    return f'<signalEventDefinition signalRef="g-{name}"/>'


TERMINATE = "<terminateEventDefinition/>"


# Documents


def process(*body: str, identity: str = "P", **attributes: str) -> str:
    return element("process", identity, "".join(body), **{"isExecutable": "true", **attributes})


def document(*processes: str, names: str = "") -> bytes:
    """A BPMN file; names are those of messages, escalations, errors and signals used in it."""
    declared = "".join(
        f'<message id="m-{name}" name="{name}"/>'
        f'<escalation id="x-{name}" escalationCode="{name}"/>'
        f'<error id="r-{name}" errorCode="{name}"/>'
        f'<signal id="g-{name}" name="{name}"/>'
        for name in names.split()
    )
    return (
        f'<definitions xmlns="{BPMN}" xmlns:flow="urn:citysteward:flow"'
        f' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="d" targetNamespace="t">'
        f"{declared}{''.join(processes)}</definitions>"
    ).encode()


def spec(*body: str, names: str = "") -> Spec:
    """The Spec of one process."""
    return parse(document(process(*body), names=names))


# Runs


def begin(
    of: Spec,
    services: Services | None = None,
    at: str | None = None,
    **variables: Value,
) -> Run:
    return Run.start(of, services or Services(), now=T0, variables=variables, at=at)


def reloaded(run: Run, of: Spec, services: Services | None = None) -> Run:
    """The run, written as JSON and read again."""
    return Run.resume(of, services or Services(), json.loads(json.dumps(run.state)))


def open_tasks(run: Run) -> list[str]:
    return sorted(found.node_id for found in run.tasks)


def token_of(run: Run, node: str) -> str:
    """The token of the one open task on the node."""
    (found,) = [one.token for one in run.tasks if one.node_id == node]
    return found


def complete(run: Run, node: str, now: dt.datetime = T0, **variables: Value) -> None:
    run.complete(token_of(run, node), now=now, variables=variables)
