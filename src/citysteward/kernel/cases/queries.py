"""Every read of cases that pages, APIs and other contexts need; scope is enforced here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from citysteward.kernel.calendar import queries as calendar
from citysteward.kernel.cases.definition import Definition, definition
from citysteward.kernel.cases.models import (
    Attachment,
    Case,
    Category,
    Finding,
    ProcedureVersion,
    Task,
)
from citysteward.kernel.cases.types import CaseStatus, Clock, Stage, TaskState
from citysteward.kernel.parties import queries as parties
from citysteward.kernel.parties.types import Principal, Role

SEES_ALL = (
    Role.DISPATCHER, Role.CHECKER, Role.SUPERVISOR, Role.FINANCE, Role.AUDITOR,
    Role.ADMINISTRATOR, Role.OPERATOR,
)  # fmt: skip
STEERS = (Role.DISPATCHER, Role.SUPERVISOR)


# -- who sees and does what


def visible_to(principal: Principal) -> QuerySet[Case]:
    """The cases that a person may open as staff: all for those who steer or audit, else those of
    their own organisation's subtree."""
    cases = Case.objects.select_related("category", "organisation", "unit", "area", "procedure")
    if principal.has_role(*SEES_ALL):
        return cases
    codes = _own_organisations(principal)
    return cases.filter(organisation__code__in=codes) if codes else cases.none()


def may_work(task: Task, principal: Principal) -> bool:
    """Whether the task's role, in its organisation, is the person's."""
    return any(
        membership.role == task.role
        and (
            task.organisation is None
            or membership.organisation_code is None
            or task.organisation.code in parties.subtree(membership.organisation_code)
        )
        for membership in principal.memberships
    )


def may_steer(case: Case, principal: Principal) -> bool:
    """Whether the person may suspend and resume the case's clock."""
    return principal.has_role(*STEERS)


def may_follow(case: Case, principal: Principal, key: str = "") -> bool:
    """Whether the person is the reporter: signed in as such, or holding the secret link."""
    mine = (
        case.reporter_account_id is not None and case.reporter_account_id == principal.account_id
    )
    return mine or (bool(case.follow_key) and key == case.follow_key)


def _own_organisations(principal: Principal) -> set[str]:
    codes: set[str] = set()
    for membership in principal.memberships:
        if membership.organisation_code and membership.role != Role.CITIZEN:
            codes |= parties.subtree(membership.organisation_code)
    return codes


# -- lists


def work_list(principal: Principal, city: str) -> QuerySet[Task]:
    """The open tasks that the person may work, the most urgent first."""
    mine = Q(pk__in=[])
    for membership in principal.memberships:
        scope = Q(role=membership.role)
        if membership.organisation_code:
            scope &= Q(organisation__code__in=parties.subtree(membership.organisation_code))
        mine |= scope
    return (
        Task.objects.filter(mine, city=city, state=TaskState.OPEN)
        .select_related("case__category", "case__area", "case__unit", "organisation", "assignee")
        .order_by(F("due_at").asc(nulls_last=True), "id")
    )


def reported_by(account_id: int) -> QuerySet[Case]:
    """A citizen's own cases, newest first."""
    return Case.objects.filter(reporter_account_id=account_id).select_related(
        "category", "area", "procedure"
    )


def escalated(principal: Principal, city: str) -> QuerySet[Case]:
    """Open cases past their deadline that were escalated, oldest deadline first."""
    return visible_to(principal).filter(
        city=city, status=CaseStatus.OPEN, escalated_at__isnull=False
    ).order_by("due_at")


def public_cases(city: str) -> QuerySet[Case]:
    """What Open311 and the public map show: never the reporter."""
    return Case.objects.filter(city=city).select_related(
        "category", "organisation", "area", "procedure"
    )


def case_by_number(number: str) -> Case | None:
    """The case with this number, whatever its city."""
    return (
        Case.objects.select_related("category", "organisation", "unit", "area", "procedure")
        .filter(number=number)
        .first()
    )


def cases_by_id(ids: Iterable[UUID | str]) -> dict[str, Case]:
    """Cases by the id that the lake knows them by."""
    found = Case.objects.filter(pk__in=list(ids)).select_related(
        "category", "organisation", "area"
    )
    return {str(case.pk): case for case in found}


def categories(city: str, *, public_only: bool = False) -> list[Category]:
    """The city's categories in the pack's order."""
    found = Category.objects.filter(city=city)
    return list(found.filter(public=True) if public_only else found)


def category(city: str, code: str) -> Category | None:
    """One category of the city."""
    return Category.objects.filter(city=city, code=code).first()


@dataclass(frozen=True)
class FindingCount:
    """How many cases have a finding of a kind."""

    kind: str
    cases: int


def finding_counts(city: str) -> list[FindingCount]:
    """The city's data findings, the most frequent first."""
    rows = (
        Finding.objects.filter(city=city)
        .values("kind")
        .annotate(cases=Count("id"))
        .order_by("-cases")
    )
    return [FindingCount(row["kind"], row["cases"]) for row in rows]


def findings(city: str, kind: str) -> QuerySet[Finding]:
    """The cases with a finding of a kind."""
    return (
        Finding.objects.filter(city=city, kind=kind)
        .select_related("case__category", "case__area")
        .order_by("case__opened_at", "id")
    )


def findings_of(case: Case) -> list[Finding]:
    """What is odd about one case's data."""
    return list(Finding.objects.filter(case=case))


# -- one case


def tasks_of(case: Case) -> list[Task]:
    """All tasks of the case, in the order in which they were opened."""
    return list(case.tasks.select_related("organisation", "assignee").order_by("opened_at", "id"))


def task(task_id: UUID) -> Task | None:
    """One task with its case."""
    return (
        Task.objects.select_related("case", "organisation", "assignee").filter(pk=task_id).first()
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


def latest_procedures(city: str) -> list[ProcedureVersion]:
    """The newest version of each procedure of the city."""
    return list(
        ProcedureVersion.objects.filter(city=city)
        .order_by("code", "-version")
        .distinct("code")
    )


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
