"""Lists of cases and tasks, in the reader's scope."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet

from citysteward.kernel.cases.events import IMPORT_FINISHED
from citysteward.kernel.cases.models import Case, Category, Finding, ProcedureVersion, Task
from citysteward.kernel.cases.queries.scope import visible_to
from citysteward.kernel.cases.types import CaseStatus, Ref, TaskState
from citysteward.kernel.journal import queries as journal
from citysteward.kernel.parties.types import Principal


def work_list(principal: Principal, city: str) -> QuerySet[Task]:
    """The open tasks that the person may work (`may_work`), the most urgent first."""
    mine = Q(pk__in=[])
    for membership in principal.memberships:
        scope = Q(role=membership.role)
        if membership.organisation_code:
            scope &= Q(organisation=None) | Q(organisation__code__in=membership.organisation_codes)
        if membership.area_code:
            scope &= Q(case__area=None) | Q(case__area__code__in=membership.area_codes)
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
    return (
        visible_to(principal)
        .filter(city=city, status=CaseStatus.OPEN, escalated_at__isnull=False)
        .order_by("due_at")
    )


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
    found = Case.objects.filter(pk__in=list(ids)).select_related("category", "organisation", "area")
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


def latest_procedures(city: str) -> list[ProcedureVersion]:
    """The newest version of each procedure of the city."""
    return list(
        ProcedureVersion.objects.filter(city=city).order_by("code", "-version").distinct("code")
    )


def category_refs(city: str) -> dict[tuple[str, str], Ref]:
    """Categories by the texts of another system: of the group and of the category."""
    return {
        (group_alias, alias): Ref(one.pk, one.code)
        for one in Category.objects.filter(city=city)
        for group_alias in one.group_aliases
        for alias in one.aliases
    }


def known_ids(source: str) -> set[str]:
    """A source's own numbers of the cases that have been imported from it."""
    return set(Case.objects.filter(source=source).values_list("source_id", flat=True))


def is_import_noted(city: str, sha256: str) -> bool:
    """Whether the journal tells that the file of this digest has been imported to its end."""
    return any(
        entry.kind == IMPORT_FINISHED.name and entry.data()["sha256"] == sha256
        for entry in journal.entries_of(f"city:{city}")
    )
