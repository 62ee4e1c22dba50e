"""Working a task: signing for it and finishing it with an outcome."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.utils import timezone

from citysteward.kernel.cases import events
from citysteward.kernel.cases.actions.intake import add_uploads
from citysteward.kernel.cases.actions.loop import (
    Loop,
    finish_if_ended,
    locked,
)
from citysteward.kernel.cases.definition import OutcomeDef, TaskDef
from citysteward.kernel.cases.models import Case, Task
from citysteward.kernel.cases.queries import may_work
from citysteward.kernel.cases.types import (
    AttachmentKind,
    CaseError,
    Conflict,
    NotAllowed,
    TaskState,
    Upload,
)
from citysteward.kernel.journal.actions import action, unchanged
from citysteward.kernel.parties import queries as parties
from citysteward.kernel.parties.types import Principal
from citysteward.lib.text import plain
from citysteward.lib.words import Words


@dataclass(frozen=True)
class Completion:
    """How a task is finished: the outcome and what its procedure asks for with it."""

    outcome: str
    note: str = ""
    organisation: str = ""
    uploads: Sequence[Upload] = ()


@action
def claim_task(task_id: UUID, *, actor: Principal) -> Task:
    """Sign for a task. Raises Conflict if another person has it, NotAllowed if it isn't theirs."""
    task, loop = _open_task(task_id, actor)
    if task.assignee_id == actor.account_id:
        return unchanged(task)
    if task.assignee_id is not None:
        raise Conflict(
            Words(
                en="Somebody else has signed for this task. Reload the page.",
                zh="该环节已由他人签收，请刷新页面。",
            )
        )
    task.assignee_id = actor.account_id
    task.assignee_name = actor.actor.name
    task.save(update_fields=["assignee", "assignee_name"])
    loop.append(events.TASK_CLAIMED, task=task.id, node=task.node)
    return task


@action
def complete_task(task_id: UUID, how: Completion, *, actor: Principal) -> Case:
    """Finish a task; the flow moves on in the same transaction.

    Raises Conflict when it is already finished, NotAllowed when the person may not, CaseError
    with the field's name when something that the outcome needs is missing.
    """
    task, loop = _open_task(task_id, actor)
    declared = loop.plan.task(task.node)
    how = replace(how, note=plain(how.note))
    outcome = _checked(declared, how)
    _require_independence(declared, task, actor)
    case = loop.case
    if how.uploads:
        add_uploads(loop, list(how.uploads), AttachmentKind.RESULT)
    _finish(task, outcome, how, loop)
    _apply(outcome, how, loop)
    loop.complete(task, outcome=outcome.code, organisation=_organisation_code(case))
    finish_if_ended(loop, outcome=outcome.code)
    loop.save()
    return case


def _open_task(task_id: UUID, actor: Principal) -> tuple[Task, Loop]:
    found = Task.objects.filter(pk=task_id).values("case_id").first()
    if found is None:
        raise CaseError(Words(en="This task does not exist.", zh="该环节不存在。"))
    loop = Loop(case=locked(found["case_id"]), actor=actor, now=timezone.now())
    task = Task.objects.select_related("organisation", "assignee").get(pk=task_id)
    task.case = loop.case
    if task.state != TaskState.OPEN:
        raise Conflict(
            Words(
                en="This task has already been finished. Reload the page to see how.",
                zh="该环节已办结，请刷新页面查看结果。",
            )
        )
    if not may_work(task, actor):
        raise NotAllowed(
            Words(
                en="This task belongs to another role or organisation.",
                zh="该环节属于其他岗位或单位，您无权办理。",
            )
        )
    return task, loop


def _checked(declared: TaskDef, how: Completion) -> OutcomeDef:
    outcome = declared.outcome(how.outcome)
    if outcome is None:
        raise CaseError(
            Words(en="Choose how the task ends.", zh="请选择办理结果。"), field_name="outcome"
        )
    asked = {
        "finding": (how.note, "note", "Say what was found and done.", "请填写处置情况。"),
        "grounds": (how.note, "note", "Give the grounds.", "请填写理由。"),
        "photo": (how.uploads, "photo", "Add a photo of the result.", "请上传处置后照片。"),
        "organisation": (
            how.organisation, "organisation", "Choose an organisation.", "请选择责任单位。"
        ),
    }  # fmt: skip
    for need in outcome.needs:
        given, field_name, en, zh = asked[need]
        if not given:
            raise CaseError(Words(en=en, zh=zh), field_name=field_name)
    return outcome


def _require_independence(declared: TaskDef, task: Task, actor: Principal) -> None:
    if not declared.independent_of:
        return
    earlier = Task.objects.filter(
        case_id=task.case_id, node=declared.independent_of, state=TaskState.DONE
    )
    if earlier.filter(done_by=actor.actor.id).exists():
        raise NotAllowed(
            Words(
                en="You handled this case yourself. Somebody else has to check it.",
                zh="您是本办件的处置人，须由他人核查。",
            )
        )


def _finish(task: Task, outcome: OutcomeDef, how: Completion, loop: Loop) -> None:
    task.state = TaskState.DONE
    task.done_at = loop.now
    task.outcome = outcome.code
    task.done_by = loop.actor.actor.id
    task.assignee_id = loop.actor.account_id
    task.assignee_name = loop.actor.actor.name
    task.save()
    loop.append(
        events.TASK_DONE,
        task=task.id,
        node=task.node,
        outcome=outcome.code,
        note=how.note,
    )


def _apply(outcome: OutcomeDef, how: Completion, loop: Loop) -> None:
    case = loop.case
    if "finding" in outcome.needs:
        case.result = how.note
    if "organisation" in outcome.needs:
        chosen = parties.organisation(how.organisation)
        if chosen is None:
            raise CaseError(
                Words(en="Choose an organisation from the list.", zh="请从列表中选择责任单位。"),
                field_name="organisation",
            )
        case.organisation = chosen
        case.unit = None
        loop.fact(events.CASE_DISPATCHED, events.CaseDispatched, grounds=how.note)
    if outcome.sends_back:
        case.rework += 1
        loop.fact(events.CASE_SENT_BACK, events.CaseSentBack, grounds=how.note)


def _organisation_code(case: Case) -> str | None:
    return case.organisation.code if case.organisation else None
