"""A procedure as data: what `procedure.yaml` may say, and its compiled form.

A version keeps the pack's own files as text, so that a running case stays on what it started
with; compiling is cheap and cached per version.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import yaml
from pydantic import BaseModel, ConfigDict, Field

from citysteward.kernel.cases.flow.model import Spec
from citysteward.kernel.cases.flow.parser import parse
from citysteward.kernel.cases.flow.table_csv import read_csv
from citysteward.kernel.cases.flow.tables import DecisionTable
from citysteward.kernel.cases.models import ProcedureVersion
from citysteward.lib.words import Words, WordsField

PROCEDURE_FILE = "procedure.yaml"


class _Declared(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StageDef(_Declared):
    """A plain step for citizens, and the flow's nodes that it covers."""

    code: str
    names: WordsField
    nodes: tuple[str, ...] = ()


class RoleDef(_Declared):
    """Who works a lane: a role, and the organisation it is looked for in.

    `organisation`: a code of the pack, or `case` for the one that the case was routed to.
    """

    role: str
    organisation: str = "case"


class OutcomeDef(_Declared):
    """A way to finish a task. `needs`: what must be given with it."""

    code: str
    names: WordsField
    needs: tuple[str, ...] = ()
    sends_back: bool = False


class TaskDef(_Declared):
    """What a person does at a node of the flow. `deadline` is of this step alone."""

    names: WordsField
    help: WordsField = Words()
    deadline: str = ""
    outcomes: tuple[OutcomeDef, ...] = Field(min_length=1)
    independent_of: str = ""

    def outcome(self, code: str) -> OutcomeDef | None:
        return next((one for one in self.outcomes if one.code == code), None)


class ProcedureDef(_Declared):
    """`procedure.yaml`. Durations: `PT30M`, `P3D` (calendar days), `P5BD` (business days)."""

    code: str
    names: WordsField
    calendar: str
    flow: str = "flow.bpmn"
    tables: Mapping[str, str] = Field(default_factory=dict)
    number: str
    stages: tuple[StageDef, ...]
    roles: Mapping[str, RoleDef]
    tasks: Mapping[str, TaskDef]
    escalate_to: RoleDef | None = None
    amber_share: float = Field(default=0.75, gt=0, lt=1)
    reopen_within: str = "P15D"
    ratings: bool = True


@dataclass(frozen=True)
class Definition:
    """A procedure version, ready to run."""

    version_id: int
    declared: ProcedureDef
    spec: Spec
    tables: Mapping[str, DecisionTable]
    document: bytes

    def task(self, node: str) -> TaskDef:
        return self.declared.tasks[node]

    def stage_of(self, node: str) -> StageDef | None:
        return next((stage for stage in self.declared.stages if node in stage.nodes), None)


def compile_files(files: Mapping[str, str], version_id: int = 0) -> Definition:
    """A runnable definition from a procedure's files by name.

    Raises pydantic's ValidationError, FlowError or FeelError where a file cannot run.
    """
    declared = ProcedureDef.model_validate(yaml.safe_load(files[PROCEDURE_FILE]))
    document = files[declared.flow].encode()
    return Definition(
        version_id=version_id,
        declared=declared,
        spec=parse(document),
        tables={name: read_csv(name, files[file]) for name, file in declared.tables.items()},
        document=document,
    )


@lru_cache(maxsize=64)
def definition(version_id: int) -> Definition:
    """The compiled definition of a stored version; versions never change, so it is cached."""
    version = ProcedureVersion.objects.get(pk=version_id)
    return compile_files(version.files, version_id)
