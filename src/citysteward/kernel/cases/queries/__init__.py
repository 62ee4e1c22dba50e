"""Every read of cases that pages, APIs and other contexts need; scope is enforced here."""

from citysteward.kernel.cases.queries.history import HistoryLine, history_of
from citysteward.kernel.cases.queries.lists import (
    FindingCount,
    case_by_number,
    cases_by_id,
    categories,
    category,
    escalated,
    finding_counts,
    findings,
    findings_of,
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
    nodes_of,
    reopen_until,
    stages_of,
    task,
    tasks_of,
)
from citysteward.kernel.cases.queries.scope import (
    may_follow,
    may_steer,
    may_work,
    visible_to,
)

__all__ = [
    "Cluster",
    "FindingCount",
    "HistoryLine",
    "attachment",
    "attachments_of",
    "case_by_number",
    "cases_by_id",
    "categories",
    "category",
    "clock_of",
    "clusters",
    "definition_of",
    "escalated",
    "finding_counts",
    "findings",
    "findings_of",
    "history_of",
    "latest_procedures",
    "may_follow",
    "may_steer",
    "may_work",
    "nodes_of",
    "public_cases",
    "reopen_until",
    "reported_by",
    "stages_of",
    "task",
    "tasks_of",
    "visible_to",
    "work_list",
]
