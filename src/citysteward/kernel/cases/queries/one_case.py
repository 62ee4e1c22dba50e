"""Everything that the page of one case shows."""

from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from citysteward.kernel.calendar import queries as calendar
from citysteward.kernel.cases.definition import Definition, definition
from citysteward.kernel.cases.flow.diagram import draw
from citysteward.kernel.cases.models import Attachment, Case, Task
from citysteward.kernel.cases.types import Clock, Stage, TaskState


def tasks_of(case: Case) -> list[Task]:
    """All tasks of the case, in the order in which they were opened."""
    related = ("organisation", "assignee", "case__area")
    return list(case.tasks.select_related(*related).order_by("opened_at", "id"))


def task(task_id: UUID) -> Task | None:
    """One task with its case."""
    return (
        Task.objects.select_related("case__area", "organisation", "assignee")
        .filter(pk=task_id)
        .first()
    )


def attachments_of(case: Case) -> list[Attachment]:
    """The photos of the case."""
    return list(case.attachments.all())


def attachment(attachment_id: UUID) -> Attachment | None:
    """One photo with its case."""
    return Attachment.objects.select_related("case").filter(pk=attachment_id).first()


def definition_of(case: Case) -> Definition:
    """The procedure version that the case follows."""
    return definition(case.procedure_id)


def reopen_until(case: Case) -> datetime | None:
    """Until when the citizen may have the case reopened; None when it isn't closed."""
    if case.closed_at is None or case.is_open:
        return None
    declared = definition_of(case).declared
    return calendar.calendar(declared.calendar).add(case.closed_at, declared.reopen_within)


def clock_of(
    case: Case, *, due_at: datetime | None, since: datetime, now: datetime | None = None
) -> Clock:
    """How urgent a deadline is: red once it has passed, amber in the last part of its time."""
    if case.suspended_at is not None and case.is_open:
        return Clock("suspended", due_at)
    if due_at is None:
        return Clock("none")
    reference = case.closed_at or now or timezone.now()
    if reference > due_at:
        return Clock("red", due_at)
    share = definition_of(case).declared.amber_share
    amber_from = since + (due_at - since) * share if due_at > since else due_at
    soon = case.is_open and (reference >= amber_from or due_at - reference < timedelta(hours=1))
    return Clock("amber" if soon else "good", due_at)


def stages_of(case: Case) -> list[Stage]:
    """The case's way in plain steps, with the present one marked."""
    stages = definition_of(case).declared.stages
    open_nodes = {task.node for task in case.tasks.all() if task.state == TaskState.OPEN}
    at = next(
        (i for i, stage in enumerate(stages) if open_nodes & set(stage.nodes)),
        0 if case.is_open else len(stages) - 1,
    )
    return [
        Stage(
            stage.code,
            stage.names,
            "done" if i < at or not case.is_open else "now" if i == at else "later",
        )
        for i, stage in enumerate(stages)
    ]


def nodes_of(case: Case) -> tuple[set[str], set[str]]:
    """The flow nodes where the case stands now, and those whose tasks it has done."""
    tasks = list(case.tasks.all())
    current = {task.node for task in tasks if task.state == TaskState.OPEN}
    done = {task.node for task in tasks if task.state == TaskState.DONE} - current
    return current, done


def diagram_of(case: Case, *, language: str) -> str:
    """The case's flow as SVG, its present steps marked and its past ones told apart."""
    plan = definition_of(case)
    current, done = nodes_of(case)
    if not case.is_open:
        done |= {node.id for node in plan.spec.nodes.values() if node.kind == "endEvent"}
    return draw(plan.spec, plan.document, current=current, done=done, language=language)
