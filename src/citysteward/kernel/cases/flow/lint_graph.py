"""Faults in the ways of a diagram: what can't be reached, can't end, splits or joins wrongly."""

from collections.abc import Callable, Iterable, Iterator

from citysteward.kernel.cases.flow import model
from citysteward.kernel.cases.flow.joins import arrivals, joins
from citysteward.kernel.cases.flow.model import Node, Spec

Problem = tuple[str, str, str]
"""The element, the code, the detail."""


def check(spec: Spec) -> Iterator[Problem]:
    """All faults in the ways of the Spec."""
    for scope in dict.fromkeys([*spec.processes, *_parents(spec)]):
        yield from _starts(spec, scope)
        yield from _reach(spec, scope)
    for node in spec.nodes.values():
        yield from _ends(node)
        yield from _splits(node)
        yield from _event_gateway(spec, node)
    yield from _meetings(spec)
    yield from _starved(spec)


def _parents(spec: Spec) -> list[str]:
    return [node.id for node in spec.nodes.values() if node.kind == "subProcess"]


def _in_scope(spec: Spec, scope: str) -> list[Node]:
    return [node for node in spec.nodes.values() if node.scope == scope]


def _starts(spec: Spec, scope: str) -> Iterator[Problem]:
    nodes = _in_scope(spec, scope)
    handler = scope in spec.nodes and spec.nodes[scope].triggered_by_event
    starts = [node for node in nodes if node.kind == "startEvent"]
    if not nodes:
        yield scope, "empty", ""
    elif not starts:
        yield scope, "no-start", ""
    plain = [node for node in starts if node.event is None]
    for node in plain[1:]:
        yield node.id, "several-starts", ""
    for node in plain if handler else []:
        yield node.id, "refused-event", "none"
    for node in starts:
        # Outside event sub-processes a case is started by somebody, not by a clock.
        if not handler and node.event and node.event.kind != "message":
            yield node.id, "refused-event", node.event.kind


def _reach(spec: Spec, scope: str) -> Iterator[Problem]:
    nodes = {node.id: node for node in _in_scope(spec, scope)}
    starts = {
        node.id
        for node in nodes.values()
        if node.id in spec.starts.get(scope, ()) or node.triggered_by_event
    }
    reached = _closure(starts, lambda node: _onward(spec, spec.nodes[node]))
    ends = {
        node.id for node in nodes.values() if not node.outgoing and node.kind != "boundaryEvent"
    }
    backward: dict[str, set[str]] = {identity: set() for identity in nodes}
    for node in nodes.values():
        for following in _onward(spec, node):
            backward.setdefault(following, set()).add(node.id)
    ending = _closure(ends, lambda node: backward.get(node, ()))
    for identity, node in nodes.items():
        if identity not in reached:
            yield identity, "unreachable", ""
        elif identity not in ending and node.kind != "boundaryEvent":
            yield identity, "no-end", ""


def _onward(spec: Spec, node: Node) -> tuple[str, ...]:
    return (*spec.targets(node), *node.boundary)


def _closure(first: Iterable[str], following: Callable[[str], Iterable[str]]) -> set[str]:
    seen = set(first)
    todo = list(seen)
    while todo:
        fresh = set(following(todo.pop())) - seen
        seen |= fresh
        todo.extend(fresh)
    return seen


def _ends(node: Node) -> Iterator[Problem]:
    if node.kind in ("startEvent", "boundaryEvent") and node.incoming:
        yield node.id, "into-start", ""
    if node.kind == "endEvent" and node.outgoing:
        yield node.id, "out-of-end", ""


def _splits(node: Node) -> Iterator[Problem]:
    if node.kind not in model.GATEWAYS and _is_split(node):
        yield node.id, "implicit-split", ""


def _is_split(node: Node) -> bool:
    return len(node.outgoing) > 1 and node.kind not in ("exclusiveGateway", "eventBasedGateway")


def _event_gateway(spec: Spec, node: Node) -> Iterator[Problem]:
    if node.kind != "eventBasedGateway":
        return
    targets = [spec.nodes[target] for target in spec.targets(node)]
    catching = all(target.kind in ("intermediateCatchEvent", "receiveTask") for target in targets)
    if len(targets) < 2 or not catching or any(len(target.incoming) > 1 for target in targets):
        yield node.id, "event-gateway", ""


def _meetings(spec: Spec) -> Iterator[Problem]:
    """Where ways that were split meet without a join."""
    found: dict[str, None] = {}
    for split in spec.nodes.values():
        if not _is_split(split):
            continue
        ways = [_until_join(spec, target, split.id) for target in spec.targets(split)]
        for index, way in enumerate(ways):
            for other in ways[index + 1 :]:
                found.update(dict.fromkeys(sorted(way & other)))
    for identity in found:
        node = spec.nodes[identity]
        if node.kind != "endEvent" and not joins(node) and len(node.incoming) > 1:
            yield identity, "implicit-join", ""


def _until_join(spec: Spec, start: str, split: str) -> set[str]:
    """The nodes on the ways from start up to the next joins, not through the split again."""

    def onward(identity: str) -> Iterable[str]:
        node = spec.nodes[identity]
        return () if joins(node) or identity == split else _onward(spec, node)

    return _closure([start], onward)


def _starved(spec: Spec) -> Iterator[Problem]:
    """Parallel joins of which a choice feeds some flows on one way and others on another."""
    choices = [
        node
        for node in spec.nodes.values()
        if node.kind in ("exclusiveGateway", "eventBasedGateway") and len(node.outgoing) > 1
    ]
    for join in spec.nodes.values():
        if join.kind != "parallelGateway" or not joins(join):
            continue
        for choice in choices:
            if choice.scope != join.scope:
                continue
            feeds = {_feeds(spec, flow, join.id) for flow in choice.outgoing} - {frozenset()}
            if len(feeds) > 1:
                yield join.id, "starved-join", choice.id


def _feeds(spec: Spec, flow: str, join: str) -> frozenset[str]:
    target = spec.flows[flow].target
    return frozenset({flow}) if target == join else arrivals(spec, target, join)
