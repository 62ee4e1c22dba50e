"""What the case loop writes to the journal.

Nothing here names or describes a citizen: the journal can never be corrected, so free text and
contacts stay with the case. What staff write as grounds or findings is part of the record.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from citysteward.kernel.cases.types import Fact
from citysteward.kernel.journal.types import PayloadT, Verb
from citysteward.lib.words import Words


class _Payload(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WithFact(_Payload):
    """An entry that changes what the indicators see."""

    fact: Fact


class CaseOpened(WithFact):
    source: str = ""
    source_id: str = ""
    procedure_version: int


class CaseRouted(WithFact):
    decision: str
    inputs: dict[str, str | None]
    outputs: dict[str, str | None]
    rules: list[int]


class CaseDispatched(WithFact):
    grounds: str = ""


class CaseEscalated(WithFact):
    code: str


class CaseSuspended(WithFact):
    grounds: str
    legal_basis: str = ""


class CaseResumed(WithFact):
    grounds: str
    suspended_seconds: int
    due_before: datetime | None


class CaseSentBack(WithFact):
    grounds: str


class CaseClosed(WithFact):
    outcome: str
    result: str = ""


class CaseReopened(WithFact):
    """What the citizen says is still wrong stays with the case, in `reopen_grounds`."""

    closed_before: datetime | None


class CaseRated(WithFact):
    comment_given: bool


class TaskOpened(_Payload):
    task: UUID
    node: str
    role: str
    organisation: str
    due_at: datetime | None


class TaskClaimed(_Payload):
    task: UUID
    node: str


class TaskDone(_Payload):
    task: UUID
    node: str
    outcome: str
    note: str = ""


class TaskTakenBack(_Payload):
    task: UUID
    node: str


class AttachmentAdded(_Payload):
    kind: str
    media_type: str
    sha256: str
    size: int


class ProcedureLoaded(_Payload):
    procedure: str
    version: int
    digest: str
    cases_stay_on_older_versions: int


class CategoriesLoaded(_Payload):
    created: int
    changed: int
    withdrawn: int


class ImportFinished(_Payload):
    source: str
    file: str
    sha256: str
    as_of: datetime
    added: int
    known: int
    refused: int


def _verb(name: str, payload: type[PayloadT], en: str, zh: str) -> Verb[PayloadT]:
    return Verb(name=name, version=1, payload=payload, words=Words(en=en, zh=zh))


# fmt: off
CASE_OPENED = _verb("case.opened", CaseOpened, "Case opened", "受理立案")
CASE_ROUTED = _verb("case.routed", CaseRouted, "Routed by the decision table", "按决策表分派")
CASE_DISPATCHED = _verb("case.dispatched", CaseDispatched, "Dispatched", "派遣")
CASE_ESCALATED = _verb("case.escalated", CaseEscalated, "Escalated: overdue", "超时升级")
CASE_SUSPENDED = _verb("case.suspended", CaseSuspended, "Clock suspended", "暂停计时")
CASE_RESUMED = _verb("case.resumed", CaseResumed, "Clock resumed", "恢复计时")
CASE_SENT_BACK = _verb(
    "case.sent_back", CaseSentBack, "Sent back for rework", "核查退回返工"
)
CASE_CLOSED = _verb("case.closed", CaseClosed, "Closed", "结案")
CASE_REOPENED = _verb("case.reopened", CaseReopened, "Reopened by the citizen", "市民要求重办")
CASE_RATED = _verb("case.rated", CaseRated, "Rated", "好差评")
TASK_OPENED = _verb("task.opened", TaskOpened, "Task opened", "环节开始")
TASK_CLAIMED = _verb("task.claimed", TaskClaimed, "Task signed for", "签收")
TASK_DONE = _verb("task.done", TaskDone, "Task done", "环节完成")
TASK_TAKEN_BACK = _verb("task.taken_back", TaskTakenBack, "Task taken back", "环节撤回")
ATTACHMENT_ADDED = _verb("attachment.added", AttachmentAdded, "Photo added", "添加照片")
PROCEDURE_LOADED = _verb("procedure.loaded", ProcedureLoaded, "Procedure loaded", "载入办理流程")
CATEGORIES_LOADED = _verb(
    "categories.loaded", CategoriesLoaded, "Categories loaded", "载入诉求类别"
)
IMPORT_FINISHED = _verb("import.finished", ImportFinished, "Cases imported", "导入办件")

# fmt: on

FACT_VERBS: tuple[Verb[Any], ...] = (
    CASE_OPENED, CASE_ROUTED, CASE_DISPATCHED, CASE_ESCALATED, CASE_SUSPENDED, CASE_RESUMED,
    CASE_SENT_BACK, CASE_CLOSED, CASE_REOPENED, CASE_RATED,
)  # fmt: skip
OTHER_VERBS: tuple[Verb[Any], ...] = (
    TASK_OPENED, TASK_CLAIMED, TASK_DONE, TASK_TAKEN_BACK, ATTACHMENT_ADDED,
    PROCEDURE_LOADED, CATEGORIES_LOADED, IMPORT_FINISHED,
)  # fmt: skip
