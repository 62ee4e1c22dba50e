"""Generated procedures: blocks within blocks, every one of them sound."""

from dataclasses import dataclass, field
from random import Random

from tests.kernel.cases.flow.support import (
    boundary,
    call,
    catch,
    document,
    end,
    flow,
    gateway,
    message,
    process,
    start,
    sub,
    task,
    timer,
)

GATEWAYS = {"xor": "exclusive", "and": "parallel", "or": "inclusive"}


@dataclass(frozen=True)
class Block:
    """A piece of a procedure with one way in and one way out. splits: whether it forks."""

    body: str
    flows: str
    entry: str
    exit: str
    splits: bool = False


@dataclass
class Generated:
    """A procedure and the names of the variables that its conditions read."""

    document: bytes = b""
    choices: list[str] = field(default_factory=list)
    loops: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    many: list[str] = field(default_factory=list)


class Generator:
    """Makes procedures of the given kinds of blocks, from the given source of chance.

    kinds: u (a task), seq, sub, xor, and, or, loop; timed and edge (a task that a timer or a
    message on its edge interrupts; both ways lead on), aside (a message on the edge starts
    another task beside it), race (the first of two messages), call (a process of its own), many
    (two instances of a task). isolate: put what forks inside a loop into a sub-process of its own.
    """

    def __init__(self, chance: Random, kinds: list[str], *, isolate: bool = False) -> None:
        self.chance = chance
        self.kinds = kinds
        self.isolate = isolate
        self.made = Generated()
        self.count = 0
        self.called = ""
        self.small = {
            "u": self.task,
            "timed": self.timed,
            "edge": self.edge,
            "aside": self.aside,
            "race": self.race,
            "many": self.many,
        }
        self.leaves = [kind for kind in kinds if kind in self.small] or ["u"]

    def procedure(self, depth: int) -> Generated:
        """A whole procedure, its blocks nested that deep."""
        return self.around(self.block(depth))

    def around(self, block: Block) -> Generated:
        """A start, the block, an end."""
        self.made.document = document(
            process(
                start(),
                block.body,
                end(),
                block.flows,
                flow("start", block.entry),
                flow(block.exit, "end"),
            ),
            self.called,
            names=" ".join(self.made.messages),
        )
        return self.made

    def block(self, depth: int) -> Block:
        self.count += 1
        number = self.count
        kind = self.chance.choice(self.kinds if depth else self.leaves)
        if kind in self.small:
            return self.small[kind](number)
        if kind == "seq":
            return self.sequence(depth)
        if kind == "sub":
            return self.sub_process(number, self.block(depth - 1))
        if kind == "call":
            return self.call(number, self.block(depth - 1))
        if kind == "loop":
            return self.loop(number, self.block(depth - 1))
        return self.fork(number, kind, depth)

    def task(self, number: int) -> Block:
        identity = f"u{number}"
        return Block(task(identity), "", identity, identity)

    def timed(self, number: int) -> Block:
        return self.interrupted(number, timer(f"PT{self.chance.randint(1, 9)}H"))

    def edge(self, number: int) -> Block:
        return self.interrupted(number, self.message(f"w{number}"))

    def message(self, name: str) -> str:
        self.made.messages.append(name)
        return message(name)

    def interrupted(self, number: int, event: str) -> Block:
        """A task; an event on its edge interrupts it, and both ways lead to a merge."""
        plain = self.task(number)
        edge, merge = f"b{number}", f"m{number}"
        body = plain.body + boundary(edge, plain.entry, event) + gateway("exclusive", merge)
        return Block(body, flow(plain.exit, merge) + flow(edge, merge), plain.entry, merge)

    def aside(self, number: int) -> Block:
        """A task; a message starts another one beside it. A sub-process waits for both."""
        plain = self.task(number)
        edge, beside, over = f"b{number}", f"v{number}", f"ve{number}"
        self.made.many.append(beside)
        body = plain.body + task(beside) + end(over)
        body += boundary(edge, plain.entry, self.message(f"w{number}"), interrupting=False)
        flows = flow(edge, beside) + flow(beside, over)
        return self.sub_process(number, Block(body, flows, plain.entry, plain.exit))

    def race(self, number: int) -> Block:
        """The first of two messages decides which task follows."""
        split, merge = f"g{number}", f"m{number}"
        body, flows = gateway("eventBased", split) + gateway("exclusive", merge), ""
        for name in (f"w{number}a", f"w{number}b"):
            caught, following = f"c{name}", f"u{name}"
            body += catch(caught, self.message(name)) + task(following)
            flows += flow(split, caught) + flow(caught, following) + flow(following, merge)
        return Block(body, flows, split, merge)

    def many(self, number: int) -> Block:
        """A task for two at once."""
        identity = f"u{number}"
        times = "<loopCardinality>2</loopCardinality>"
        self.made.many.append(identity)
        loop = f"<multiInstanceLoopCharacteristics>{times}</multiInstanceLoopCharacteristics>"
        return Block(task(identity, loop), "", identity, identity)

    def call(self, number: int, inner: Block) -> Block:
        identity, first, last = f"ca{number}", f"ss{number}", f"se{number}"
        self.called += process(
            start(first),
            inner.body,
            end(last),
            inner.flows,
            flow(first, inner.entry),
            flow(inner.exit, last),
            identity=f"P{number}",
        )
        return Block(call(identity, f"P{number}"), "", identity, identity)

    def sequence(self, depth: int) -> Block:
        one, two = self.block(depth - 1), self.block(depth - 1)
        flows = one.flows + two.flows + flow(one.exit, two.entry)
        return Block(one.body + two.body, flows, one.entry, two.exit, one.splits or two.splits)

    def sub_process(self, number: int, inner: Block) -> Block:
        first, last = f"ss{number}", f"se{number}"
        inside = start(first) + inner.body + end(last) + inner.flows
        inside += flow(first, inner.entry) + flow(inner.exit, last)
        identity = f"sp{number}"
        return Block(sub(identity, inside), "", identity, identity)

    def loop(self, number: int, inner: Block) -> Block:
        if inner.splits and self.isolate:
            self.count += 1
            inner = self.sub_process(self.count, inner)
        name, merge, choice, out = f"l{number}", f"m{number}", f"x{number}", f"o{number}"
        self.made.loops.append(name)
        body = gateway("exclusive", merge) + inner.body
        body += gateway("exclusive", choice, default=f"{choice}-{out}")
        body += gateway("exclusive", out)
        flows = inner.flows + flow(merge, inner.entry) + flow(inner.exit, choice)
        flows += flow(choice, merge, name) + flow(choice, out)
        return Block(body, flows, merge, out, inner.splits)

    def fork(self, number: int, kind: str, depth: int) -> Block:
        split, join = f"g{number}", f"j{number}"
        branches = [self.block(depth - 1) for _ in range(self.chance.randint(2, 3))]
        last = branches[-1]
        body = gateway(
            GATEWAYS[kind], split, default="" if kind == "and" else f"{split}-{last.entry}"
        )
        body += "".join(branch.body for branch in branches) + gateway(GATEWAYS[kind], join)
        flows = ""
        for index, branch in enumerate(branches):
            condition = ""
            if kind != "and" and branch is not last:
                condition = f"c{number}_{index}"
                self.made.choices.append(condition)
            flows += branch.flows + flow(split, branch.entry, condition) + flow(branch.exit, join)
        splits = kind != "xor" or any(branch.splits for branch in branches)
        return Block(body, flows, split, join, splits)
