"""Who sees and who may do what to a case."""

from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare

from citysteward.kernel.cases.models import Case, Task
from citysteward.kernel.cases.types import TaskState
from citysteward.kernel.parties.types import Principal, Role

SEES_ALL = (
    Role.DISPATCHER, Role.CHECKER, Role.SUPERVISOR, Role.FINANCE, Role.AUDITOR,
    Role.ADMINISTRATOR, Role.OPERATOR,
)  # fmt: skip
STEERS = (Role.DISPATCHER, Role.SUPERVISOR)


def visible_to(principal: Principal) -> QuerySet[Case]:
    """The cases that a person may open as staff: all for those who steer or audit, else those of
    their own organisation's subtree."""
    cases = Case.objects.select_related("category", "organisation", "unit", "area", "procedure")
    if principal.has_role(*SEES_ALL):
        return cases
    codes = _own_organisations(principal)
    return cases.filter(organisation__code__in=codes) if codes else cases.none()


def may_work(task: Task, principal: Principal) -> bool:
    """Whether the task's role, in its organisation and the case's area, is the person's.

    `work_list` holds to the same rule. What is of no known organisation or area is anybody's
    who has the role.
    """
    organisation = task.organisation.code if task.organisation else None
    area = task.case.area.code if task.case.area else None
    return any(
        membership.role == task.role and membership.covers(organisation, area)
        for membership in principal.memberships
    )


def may_steer(case: Case, principal: Principal) -> bool:
    """Whether the person may suspend and resume the case's clock."""
    return principal.has_role(*STEERS) and visible_to(principal).filter(pk=case.pk).exists()


def may_work_on(case: Case, principal: Principal) -> bool:
    """Whether one of the case's open tasks is the person's."""
    open_tasks = Task.objects.filter(case=case, state=TaskState.OPEN).select_related(
        "organisation", "case__area"
    )
    return any(may_work(task, principal) for task in open_tasks)


def may_follow(case: Case, principal: Principal, key: str = "") -> bool:
    """Whether the person is the reporter: signed in as such, or holding the secret link."""
    mine = case.reporter_account_id is not None and case.reporter_account_id == principal.account_id
    return mine or (bool(case.follow_key) and constant_time_compare(key, case.follow_key))


def _own_organisations(principal: Principal) -> set[str]:
    codes: set[str] = set()
    for membership in principal.memberships:
        if membership.organisation_code and membership.role != Role.CITIZEN:
            codes |= membership.organisation_codes
    return codes
