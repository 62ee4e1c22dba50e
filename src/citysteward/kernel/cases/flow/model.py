"""What a procedure's diagram says: a `Spec` of processes, nodes and flows, never changed.

A Spec is shared by all cases of a procedure's version and never stored in a case.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

HUMAN_TASKS = frozenset({"task", "userTask", "manualTask"})
SERVICE_TASKS = frozenset({"serviceTask", "businessRuleTask"})
OTHER_TASKS = frozenset({"sendTask", "receiveTask", "scriptTask"})
SUB_PROCESSES = frozenset({"subProcess", "callActivity"})
ACTIVITIES = HUMAN_TASKS | SERVICE_TASKS | OTHER_TASKS | SUB_PROCESSES
EVENTS = frozenset(
    {
        "startEvent",
        "endEvent",
        "intermediateCatchEvent",
        "intermediateThrowEvent",
        "boundaryEvent",
    }
)
GATEWAYS = frozenset(
    {"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway"}
)
REFUSED = frozenset({"transaction", "adHocSubProcess", "complexGateway"})
"""Drawn and checked, but never run."""
NODE_KINDS = ACTIVITIES | EVENTS | GATEWAYS | REFUSED
RUNNING_EVENTS: Mapping[str, frozenset[str]] = {
    "startEvent": frozenset({"message", "timer", "signal", "escalation", "error"}),
    "intermediateCatchEvent": frozenset({"message", "timer", "signal", "link"}),
    "intermediateThrowEvent": frozenset({"message", "signal", "escalation", "link"}),
    "boundaryEvent": frozenset({"message", "timer", "signal", "escalation", "error"}),
    "endEvent": frozenset({"message", "signal", "escalation", "error", "terminate"}),
}
"""The event definitions that the engine runs, by the kind of event."""

Settings = Mapping[str, str]
"""Attributes in our own namespace, `urn:citysteward:flow`."""


@dataclass(frozen=True)
class Timer:
    """When a timer event fires. form: duration, date, cycle, or "" when the file says nothing."""

    form: str
    text: str


@dataclass(frozen=True)
class Event:
    """What an event waits for or throws.

    kind: timer, message, signal, escalation, error, terminate, link, or one that is refused;
    code: the name or code that it goes by (None: any).
    """

    kind: str
    code: str | None = None
    timer: Timer | None = None


@dataclass(frozen=True)
class MultiInstance:
    """An activity that is done several times: for each element, or so many times.

    collection, element, results, result are names of variables; cardinality and completion
    are S-FEEL. Each is "" when the file doesn't say.
    """

    sequential: bool
    cardinality: str = ""
    collection: str = ""
    element: str = ""
    results: str = ""
    result: str = ""
    completion: str = ""


@dataclass(frozen=True)
class Flow:
    """A sequence flow; condition is S-FEEL, or None."""

    id: str
    source: str
    target: str
    condition: str | None = None
    name: str = ""
    line: int = 0
    language: str = ""
    settings: Settings = field(default_factory=dict)


@dataclass(frozen=True)
class Node:
    """A task, event, gateway or sub-process.

    scope: the process or sub-process that it stands in; lane: the role that does it, "" if
    none; name: English, with the Chinese in settings["zh"]. incoming and outgoing are ids of
    flows in the file's order; boundary are ids of the events on its edge.
    """

    id: str
    kind: str
    scope: str
    name: str = ""
    line: int = 0
    lane: str = ""
    settings: Settings = field(default_factory=dict)
    event: Event | None = None
    attached_to: str = ""
    interrupting: bool = True
    default: str = ""
    multi: MultiInstance | None = None
    standard_loop: bool = False
    called: str = ""
    triggered_by_event: bool = False
    incoming: tuple[str, ...] = ()
    outgoing: tuple[str, ...] = ()
    boundary: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lane:
    """A lane: a role, its name in English, the Chinese in settings["zh"]."""

    id: str
    role: str
    name: str = ""
    line: int = 0
    settings: Settings = field(default_factory=dict)


@dataclass(frozen=True)
class Process:
    """One process of the file."""

    id: str
    name: str = ""
    executable: bool = True
    line: int = 0
    settings: Settings = field(default_factory=dict)


@dataclass(frozen=True)
class Unknown:
    """Something in the file that this engine doesn't know; it is kept for the linter.

    what: the element's name, or for a broken reference the attribute that holds it.
    """

    what: str
    element: str
    line: int
    target: str = ""


@dataclass(frozen=True, eq=False)
class Spec:
    """All documents of a procedure together.

    main: the process that a case starts in. starts: scope → its start events (without those of
    event sub-processes); where a scope has none, its nodes without incoming flow.
    event_subprocesses: scope → the sub-processes in it that an event starts. unknown: what the
    parser didn't understand; dangling: references that lead nowhere.
    """

    main: str
    processes: Mapping[str, Process]
    nodes: Mapping[str, Node]
    flows: Mapping[str, Flow]
    lanes: tuple[Lane, ...] = ()
    starts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    event_subprocesses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unknown: tuple[Unknown, ...] = ()
    dangling: tuple[Unknown, ...] = ()

    def targets(self, node: Node) -> tuple[str, ...]:
        """The ids of the nodes that the node's outgoing flows lead to."""
        return tuple(self.flows[flow].target for flow in node.outgoing)
