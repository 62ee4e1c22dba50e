"""The same generated procedures through this engine and through SpiffWorkflow.

SpiffWorkflow is an oracle for tests only. Its known faults are kept out of the way: what forks
inside a loop stands in a sub-process of its own (its parallel join fires early after a loop
back), and inclusive gateways are compared without loops around them. It gets conditions from
the test, never from Python in the diagram.
"""

from collections.abc import Mapping
from random import Random
from typing import Any

import pytest
from lxml import etree
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.util.task import TaskState

from citysteward.kernel.cases.flow.engine import Run
from citysteward.kernel.cases.flow.feel_values import Value
from citysteward.kernel.cases.flow.parser import parse
from tests.kernel.cases.flow.blocks import Generated, Generator
from tests.kernel.cases.flow.support import T0, Services

MODELS = 150
STEPS = 120


class Conditions(PythonScriptEngine):  # type: ignore[misc]
    """Answers each condition from a mapping; no text is evaluated."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: Mapping[str, Value] = {}

    def evaluate(self, task: object, expression: str, external_context: object = None) -> Value:
        return self.answers[expression]


class Oracle:
    """A procedure in SpiffWorkflow."""

    def __init__(self, document: bytes, answers: Mapping[str, Value]) -> None:
        parser = BpmnParser()
        parser.add_bpmn_xml(etree.fromstring(document))
        self.conditions = Conditions()
        self.conditions.answers = answers
        self.workflow: Any = BpmnWorkflow(
            parser.get_spec("P"),
            parser.get_subprocess_specs("P"),
            script_engine=self.conditions,
        )
        self.workflow.do_engine_steps()

    def _ready(self) -> list[Any]:
        return list(self.workflow.get_tasks(state=TaskState.READY, manual=True))

    def open(self) -> list[str]:
        return sorted(task.task_spec.bpmn_id for task in self._ready())

    def complete(self, node: str, answers: Mapping[str, Value]) -> None:
        self.conditions.answers = answers
        next(task for task in self._ready() if task.task_spec.bpmn_id == node).run()
        self.workflow.do_engine_steps()


def answers(chance: Random, made: Generated, step: int) -> dict[str, Value]:
    found: dict[str, Value] = {name: chance.random() < 0.5 for name in made.choices}
    found.update({name: step < 40 and chance.random() < 0.35 for name in made.loops})
    return found


def compare(seed: int, kinds: list[str]) -> int:
    """Run one generated procedure through both, step by step; how many steps it took."""
    chance = Random(seed)  # noqa: S311
    made = Generator(chance, kinds, isolate=True).procedure(4)
    now = answers(chance, made, 0)
    oracle = Oracle(made.document, now)
    run = Run.start(parse(made.document), Services(), now=T0, variables=now)
    for step in range(STEPS):
        ours = sorted(task.node_id for task in run.tasks)
        assert ours == oracle.open(), f"seed {seed}, step {step}"
        assert run.finished == bool(oracle.workflow.completed) == (not ours), f"seed {seed}"
        if run.finished:
            return step
        chosen = chance.choice(run.tasks)
        now = answers(chance, made, step)
        oracle.complete(chosen.node_id, now)
        run.complete(chosen.token, now=T0, variables=now)
    return STEPS


@pytest.mark.parametrize(
    "kinds",
    [
        ["u", "seq", "xor", "and", "sub", "loop"],
        ["u", "seq", "xor", "and", "or", "sub"],
    ],
    ids=["loops", "inclusive"],
)
def test_generated_procedures_agree_with_the_oracle(kinds: list[str]) -> None:
    steps = sum(compare(seed, kinds) for seed in range(MODELS))
    assert steps > 2 * MODELS
