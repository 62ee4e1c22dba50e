"""Read BPMN 2.0 files into a `Spec`.

The XML is read without entities, without network and within a size limit. Whatever is not
understood is recorded for the linter, so that any well-formed BPMN file parses; what can't be
read at all raises FlowError with element and line.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from lxml import etree

from citysteward.kernel.cases.flow import model
from citysteward.kernel.cases.flow.errors import FlowError
from citysteward.kernel.cases.flow.model import (
    Event,
    Flow,
    Lane,
    MultiInstance,
    Node,
    Process,
    Spec,
    Timer,
    Unknown,
)

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
OWN = "urn:citysteward:flow"
MAX_BYTES = 5_000_000
MAX_NESTING = 50

_TIMER_FORMS = {"timeDuration": "duration", "timeDate": "date", "timeCycle": "cycle"}
_REFERENCED = ("message", "signal", "escalation", "error")
_DATA = ("dataObject", "dataObjectReference", "property", "dataInput", "dataOutput")
_SILENT = frozenset(
    {
        "artifact",
        "association",
        "auditing",
        "category",
        "dataInputAssociation",
        "dataObject",
        "dataObjectReference",
        "dataOutputAssociation",
        "dataStoreReference",
        "documentation",
        "extensionElements",
        "group",
        "incoming",
        "ioSpecification",
        "laneSet",
        "monitoring",
        "outgoing",
        "performer",
        "potentialOwner",
        "property",
        "resourceRole",
        "supports",
        "textAnnotation",
        "humanPerformer",
    }
)
"""Elements inside a process that say nothing about the order of steps."""

Element = etree._Element


def read_xml(document: bytes) -> Element:
    """The root of a document from outside, read with every guard up. Raises FlowError."""
    if len(document) > MAX_BYTES:
        raise FlowError(f"the file is larger than {MAX_BYTES // 1_000_000} MB")
    guarded = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(document, guarded)
    except etree.XMLSyntaxError as error:
        line = error.lineno or 0
        raise FlowError(f"the file is not well-formed XML: {error.msg}", "", line) from error
    except ValueError as error:
        raise FlowError(f"the file can't be read as XML: {error}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise FlowError("the file declares a document type; remove the DOCTYPE")
    return root


def parse(*documents: bytes) -> Spec:
    """The Spec of one or several BPMN files (a procedure and what it calls). Raises FlowError."""
    if not documents:
        raise FlowError("there is no file to read")
    reader = _Reader()
    roots = [read_xml(document) for document in documents]
    for root in roots:
        reader.collect_references(root)
    for root in roots:
        reader.collect_processes(root)
    return reader.spec()


def local_name(element: Element) -> str:
    """The element's name when it is one of BPMN's own, else ""."""
    if not isinstance(element.tag, str):  # a comment or a processing instruction
        return ""
    name = etree.QName(element)
    return name.localname if name.namespace == BPMN else ""


def own_attributes(element: Element) -> dict[str, str]:
    """The attributes in the namespace urn:citysteward:flow, without the namespace."""
    prefix = f"{{{OWN}}}"
    return {
        str(key).removeprefix(prefix): str(value)
        for key, value in element.attrib.items()
        if str(key).startswith(prefix)
    }


def _children(element: Element, name: str) -> list[Element]:
    return list(element.iterchildren(f"{{{BPMN}}}{name}"))


def _text(element: Element, child: str) -> str:
    found = _children(element, child)
    return "".join(str(part) for part in found[0].itertext()).strip() if found else ""


def _reference(text: str | None) -> str:
    """The id that a qualified name such as `tns:Message_1` points to."""
    return (text or "").strip().rpartition(":")[2]


def _line(element: Element) -> int:
    line = element.sourceline
    return line if isinstance(line, int) else 0


class _Reader:
    """Gathers what the documents hold, then ties it together."""

    def __init__(self) -> None:
        self.codes: dict[str, str] = {}
        self.data_names: dict[str, str] = {}
        self.processes: dict[str, Process] = {}
        self.nodes: dict[str, Node] = {}
        self.flows: dict[str, Flow] = {}
        self.lanes: list[Lane] = []
        self.lane_of: dict[str, str] = {}
        self.unknown: list[Unknown] = []
        self.dangling: list[Unknown] = []

    # Gathering

    def collect_references(self, root: Element) -> None:
        """Names of messages, codes of escalations and errors, names of data."""
        if local_name(root) != "definitions":
            raise FlowError("the file is not BPMN 2.0: its root must be <definitions>", "", 1)
        for kind in _REFERENCED:
            for element in _children(root, kind):
                code = element.get(f"{kind}Code") or element.get("name")
                self.codes[element.get("id", "")] = code or element.get("id") or ""
        for kind in _DATA:
            for element in root.iter(f"{{{BPMN}}}{kind}"):
                self.data_names[element.get("id", "")] = element.get("name", "")

    def collect_processes(self, root: Element) -> None:
        """All processes of the document and what stands in them."""
        for element in _children(root, "process"):
            process = Process(
                id=self._new_id(element),
                name=element.get("name", ""),
                executable=element.get("isExecutable") != "false",
                line=_line(element),
                settings=own_attributes(element),
            )
            self.processes[process.id] = process
            self._collect_lanes(element)
            self._collect_scope(element, process.id, 1)

    def _new_id(self, element: Element) -> str:
        name, line = etree.QName(element).localname, _line(element)
        found = (element.get("id") or "").strip()
        if not found:
            raise FlowError(f"<{name}> has no id", name, line)
        if found in self.nodes or found in self.processes or found in self.flows:
            raise FlowError(f"the id {found!r} is used twice", found, line)
        return found

    def _collect_lanes(self, process: Element) -> None:
        # iter() goes from the outside in, so that the innermost lane has the last word.
        for element in process.iter(f"{{{BPMN}}}lane"):
            settings = own_attributes(element)
            name = element.get("name", "")
            lane = Lane(
                element.get("id", ""), settings.get("role") or name, name, _line(element), settings
            )
            self.lanes.append(lane)
            for reference in _children(element, "flowNodeRef"):
                self.lane_of[_reference(reference.text)] = lane.role

    def _collect_scope(self, parent: Element, scope: str, depth: int) -> None:
        if depth > MAX_NESTING:
            raise FlowError("sub-processes are nested too deeply", scope, _line(parent))
        for element in parent.iterchildren():
            name = local_name(element)
            if name == "sequenceFlow":
                self._collect_flow(element)
            elif name in model.NODE_KINDS:
                node = self._node(element, name, scope)
                self.nodes[node.id] = node
                if name in {"subProcess", "transaction", "adHocSubProcess"}:
                    self._collect_scope(element, node.id, depth + 1)
            elif name and name not in _SILENT and not self._belongs_to_parent(name):
                self.unknown.append(Unknown(name, element.get("id", ""), _line(element)))

    @staticmethod
    def _belongs_to_parent(name: str) -> bool:
        """Whether the child describes the sub-process itself, as its loop does."""
        return name.endswith(("LoopCharacteristics", "EventDefinition"))

    def _collect_flow(self, element: Element) -> None:
        conditions = _children(element, "conditionExpression")
        condition = _text(element, "conditionExpression") if conditions else None
        identity = self._new_id(element)
        self.flows[identity] = Flow(
            id=identity,
            source=_reference(element.get("sourceRef")),
            target=_reference(element.get("targetRef")),
            condition=condition or None,
            name=element.get("name", ""),
            line=_line(element),
            language=conditions[0].get("language", "") if conditions else "",
            settings=own_attributes(element),
        )

    # One node

    def _node(self, element: Element, kind: str, scope: str) -> Node:
        activity_event = kind in {"receiveTask", "sendTask"}
        return Node(
            id=self._new_id(element),
            kind=kind,
            scope=scope,
            name=element.get("name", ""),
            line=_line(element),
            settings=own_attributes(element),
            event=self._task_message(element) if activity_event else self._event(element, kind),
            attached_to=_reference(element.get("attachedToRef")),
            interrupting="false"
            not in (element.get("cancelActivity"), element.get("isInterrupting")),
            default=_reference(element.get("default")),
            multi=self._multi(element),
            standard_loop=bool(_children(element, "standardLoopCharacteristics")),
            called=_reference(element.get("calledElement")),
            triggered_by_event=element.get("triggeredByEvent") == "true",
        )

    def _task_message(self, element: Element) -> Event:
        reference = _reference(element.get("messageRef"))
        return Event("message", self.codes.get(reference) or element.get("name"))

    def _event(self, element: Element, kind: str) -> Event | None:
        if kind not in model.EVENTS:
            return None
        definitions = [
            child
            for child in element.iterchildren()
            if local_name(child).endswith("EventDefinition")
        ]
        references = _children(element, "eventDefinitionRef")
        if len(definitions) + len(references) > 1:
            return Event("multiple")
        if references:
            return Event("reference")
        return self._definition(element, definitions[0]) if definitions else None

    def _definition(self, element: Element, definition: Element) -> Event:
        kind = local_name(definition).removesuffix("EventDefinition")
        if kind == "timer":
            return Event("timer", None, _timer(definition))
        if kind == "link":
            return Event("link", definition.get("name") or element.get("name"))
        reference = _reference(definition.get(f"{kind}Ref"))
        if reference:
            if kind in _REFERENCED and reference not in self.codes:
                self._dangle(f"{kind}Ref", element, reference)
            return Event(kind, self.codes.get(reference, reference))
        # A message needs a name; an escalation or error without code means any.
        named = kind in {"message", "signal"}
        return Event(kind, element.get("name") if named else None)

    def _dangle(self, what: str, element: Element, target: str) -> None:
        self.dangling.append(Unknown(what, element.get("id", ""), _line(element), target))

    def _multi(self, element: Element) -> MultiInstance | None:
        loops = _children(element, "multiInstanceLoopCharacteristics")
        if not loops:
            return None
        loop, own = loops[0], own_attributes(loops[0])
        return MultiInstance(
            sequential=loop.get("isSequential") == "true",
            cardinality=_text(loop, "loopCardinality"),
            collection=own.get("collection") or self._data(_text(loop, "loopDataInputRef")),
            element=own.get("element") or _item(loop, "inputDataItem"),
            results=own.get("results") or self._data(_text(loop, "loopDataOutputRef")),
            result=own.get("result") or _item(loop, "outputDataItem"),
            completion=_text(loop, "completionCondition"),
        )

    def _data(self, reference: str) -> str:
        name = _reference(reference)
        return self.data_names.get(name) or name

    # Tying together

    def spec(self) -> Spec:
        """The Spec of all that was gathered."""
        self._check_flows()
        self._link_events()
        self._tie_nodes()
        if not self.processes:
            raise FlowError("the file holds no process")
        inner = {
            scope: tuple(node.id for node in self._in_scope(scope) if node.triggered_by_event)
            for scope in self._scopes()
        }
        return Spec(
            main=self._main(),
            processes=self.processes,
            nodes=self.nodes,
            flows=self.flows,
            lanes=tuple(self.lanes),
            starts={scope: self._starts(scope) for scope in self._scopes()},
            event_subprocesses={scope: found for scope, found in inner.items() if found},
            unknown=tuple(self.unknown),
            dangling=tuple(self.dangling),
        )

    def _check_flows(self) -> None:
        """Flows that lead nowhere are taken out and kept for the linter."""
        for flow in list(self.flows.values()):
            for what, end in (("sourceRef", flow.source), ("targetRef", flow.target)):
                if end not in self.nodes:
                    self.dangling.append(Unknown(what, flow.id, flow.line, end))
                    self.flows.pop(flow.id, None)

    def _link_events(self) -> None:
        """A link event is a flow that isn't drawn: draw it."""
        catching = {
            (node.scope, node.event.code): node
            for node in self.nodes.values()
            if node.kind == "intermediateCatchEvent" and node.event and node.event.kind == "link"
        }
        for node in list(self.nodes.values()):
            if node.kind != "intermediateThrowEvent" or not node.event or node.event.kind != "link":
                continue
            target = catching.get((node.scope, node.event.code))
            if target is None:
                self.dangling.append(Unknown("link", node.id, node.line, node.event.code or ""))
                continue
            identity = f"link:{node.id}"
            self.flows[identity] = Flow(identity, node.id, target.id, line=node.line)

    def _tie_nodes(self) -> None:
        incoming: dict[str, list[str]] = defaultdict(list)
        outgoing: dict[str, list[str]] = defaultdict(list)
        boundary: dict[str, list[str]] = defaultdict(list)
        for flow in self.flows.values():
            outgoing[flow.source].append(flow.id)
            incoming[flow.target].append(flow.id)
        for node in self.nodes.values():
            if node.kind == "boundaryEvent":
                self._check_attachment(node)
                boundary[node.attached_to].append(node.id)
        for identity, node in list(self.nodes.items()):
            self.nodes[identity] = replace(
                node,
                lane=self._lane(node),
                incoming=tuple(incoming[identity]),
                outgoing=tuple(outgoing[identity]),
                boundary=tuple(boundary[identity]),
            )
            if node.default and node.default not in outgoing[identity]:
                self.dangling.append(Unknown("default", identity, node.line, node.default))

    def _check_attachment(self, node: Node) -> None:
        host = self.nodes.get(node.attached_to)
        if host is None or host.scope != node.scope:
            self.dangling.append(Unknown("attachedToRef", node.id, node.line, node.attached_to))

    def _lane(self, node: Node) -> str:
        """The node's own lane, or that of the sub-process that it stands in."""
        place: Node | None = node
        while place is not None:
            if place.id in self.lane_of:
                return self.lane_of[place.id]
            place = self.nodes.get(place.scope)
        return ""

    def _scopes(self) -> list[str]:
        return list(dict.fromkeys([*self.processes, *(n.scope for n in self.nodes.values())]))

    def _in_scope(self, scope: str) -> Iterator[Node]:
        return (node for node in self.nodes.values() if node.scope == scope)

    def _starts(self, scope: str) -> tuple[str, ...]:
        events = tuple(node.id for node in self._in_scope(scope) if node.kind == "startEvent")
        return events or tuple(
            node.id
            for node in self._in_scope(scope)
            if not node.incoming and node.kind != "boundaryEvent" and not node.triggered_by_event
        )

    def _main(self) -> str:
        """The first process that no other one calls, executable ones before the rest."""
        called = {node.called for node in self.nodes.values()}
        candidates = [process for process in self.processes.values() if process.id not in called]
        candidates = candidates or list(self.processes.values())
        occupied = {node.scope for node in self.nodes.values()}
        candidates.sort(key=lambda process: (process.id not in occupied, not process.executable))
        return candidates[0].id


def _timer(definition: Element) -> Timer:
    for name, form in _TIMER_FORMS.items():
        if _children(definition, name):
            return Timer(form, _text(definition, name))
    return Timer("", "")


def _item(loop: Element, name: str) -> str:
    found = _children(loop, name)
    return (found[0].get("name") or found[0].get("id") or "") if found else ""
