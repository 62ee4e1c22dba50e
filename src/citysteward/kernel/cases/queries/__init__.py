"""Every read of cases that pages, APIs and other contexts need; scope is enforced here."""

from citysteward.kernel.cases.definition import Definition
from citysteward.kernel.cases.models import Attachment as AttachmentRow
from citysteward.kernel.cases.models import Case as CaseRow
from citysteward.kernel.cases.models import Category as CategoryRow
from citysteward.kernel.cases.models import Task as TaskRow
from citysteward.kernel.cases.queries.history import HistoryLine, history_of
from citysteward.kernel.cases.queries.lists import (
    FindingCount,
    case_by_number,
    cases_by_id,
    categories,
    category,
    category_refs,
    escalated,
    finding_counts,
    findings,
    findings_of,
    is_import_noted,
    known_ids,
    latest_procedures,
    public_cases,
    reported_by,
    work_list,
)
from citysteward.kernel.cases.queries.map import (
    Cluster,
    clusters,
)
from citysteward.kernel.cases.queries.one_case import (
    attachment,
    attachments_of,
    clock_of,
    definition_of,
    diagram_of,
    reopen_until,
    stages_of,
    task,
    tasks_of,
)
from citysteward.kernel.cases.queries.scope import (
    may_follow,
    may_steer,
    may_work,
    may_work_on,
    visible_to,
)

__all__ = [
    "AttachmentRow",
    "CaseRow",
    "CategoryRow",
    "Cluster",
    "Definition",
    "FindingCount",
    "HistoryLine",
    "TaskRow",
    "attachment",
    "attachments_of",
    "case_by_number",
    "cases_by_id",
    "categories",
    "category",
    "category_refs",
    "clock_of",
    "clusters",
    "definition_of",
    "diagram_of",
    "escalated",
    "finding_counts",
    "findings",
    "findings_of",
    "history_of",
    "is_import_noted",
    "known_ids",
    "latest_procedures",
    "may_follow",
    "may_steer",
    "may_work",
    "may_work_on",
    "public_cases",
    "reopen_until",
    "reported_by",
    "stages_of",
    "task",
    "tasks_of",
    "visible_to",
    "work_list",
]
