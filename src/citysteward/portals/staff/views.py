"""The work list and the map of the staff portal."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from citysteward.kernel.areas import queries as areas
from citysteward.kernel.cases import queries as cases
from citysteward.kernel.cases.queries import CaseRow, TaskRow
from citysteward.kernel.cases.types import CaseStatus
from citysteward.kernel.parties.access import principal_of, requires
from citysteward.kernel.parties.types import STAFF_ROLES, Principal, Role
from citysteward.portals.maps import clusters_answer, outlines_of
from citysteward.portals.staff.forms import MapFilter, WorkFilter
from citysteward.portals.staff.rows import clock_cell
from citysteward.ui.maps import LegendEntry, Map
from citysteward.ui.types import Column, Link, Noted, Table

PAGE_SIZE = 25
FRESH = timedelta(days=2)
FRESH_SHOWN = 5
LISTED_BESIDE_MAP = 15


@requires(*STAFF_ROLES)
@require_safe
def work(request: HttpRequest) -> HttpResponse:
    """What waits for the person, the most urgent first."""
    principal = principal_of(request)
    city = areas.site_city()
    form = WorkFilter(request.GET, city=city.code)
    tasks = cases.work_list(principal, city.code)
    page = Paginator(_filtered(tasks, form, principal), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "staff/work.html",
        {
            "form": form,
            "page": page,
            "table": _work_table(page.object_list),
            "total": tasks.count(),
            "overdue": tasks.filter(due_at__lt=timezone.now()).count(),
            "fresh": _fresh_table(tasks),
        },
    )


def _filtered(
    tasks: QuerySet[TaskRow], form: WorkFilter, principal: Principal
) -> QuerySet[TaskRow]:
    if not form.is_valid():
        return tasks
    chosen = form.cleaned_data
    if chosen["number"]:
        tasks = tasks.filter(case__number__icontains=chosen["number"].strip())
    if chosen["area"]:
        tasks = tasks.filter(case__area__code__in=areas.subtree(chosen["area"]))
    now = timezone.now()
    clocks = {
        "overdue": Q(due_at__lt=now),
        "running": Q(due_at__gte=now),
        "none": Q(due_at__isnull=True),
        "mine": Q(assignee_id=principal.account_id),
    }
    if chosen["state"]:
        tasks = tasks.filter(clocks[chosen["state"]])
    return tasks.order_by("-opened_at", "-id") if chosen["order"] == "new" else tasks


def _work_table(tasks: Iterable[TaskRow]) -> Table:
    return Table(
        columns=[
            Column("case", _("Case")),
            Column("task", _("To do")),
            Column("clock", _("Clock")),
            Column("area", _("Area"), minor=True),
            Column("who", _("Signed for by")),
        ],
        rows=[_work_row(task) for task in tasks],
        caption=_("Your work list"),
        caption_hidden=True,
        empty=_("Nothing waits for you here."),
    )


def _fresh_table(tasks: QuerySet[TaskRow]) -> Table | None:
    """What came in lately: an old backlog must not hide it."""
    since = timezone.now() - FRESH
    found = list(tasks.filter(opened_at__gte=since).order_by("-opened_at", "-id")[:FRESH_SHOWN])
    if not found:
        return None
    return replace(_work_table(found), caption=_("Came in lately"), caption_hidden=False)


def _work_row(task: TaskRow) -> Mapping[str, object]:
    case = task.case
    return {
        "case": Noted(
            Link(case.category.names, reverse("staff:case", args=[case.number])),
            f"{case.number} {case.title}".strip(),
        ),
        "task": Noted(task.names, task.organisation.names if task.organisation else ""),
        "clock": clock_cell(case, due_at=task.due_at, since=task.opened_at),
        "area": case.area.names if case.area else _("Unknown"),
        "who": task.assignee_name or "–",
    }


@requires(Role.SUPERVISOR, Role.DISPATCHER, Role.ADMINISTRATOR)
@require_safe
def escalated(request: HttpRequest) -> HttpResponse:
    """Open cases past their deadline, for those who see to it that they are done."""
    principal = principal_of(request)
    found = cases.escalated(principal, areas.site_city().code)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    table = Table(
        columns=[
            Column("case", _("Case")),
            Column("clock", _("Clock")),
            Column("who", _("Organisation")),
            Column("area", _("Area"), minor=True),
        ],
        rows=[
            {
                "case": Noted(
                    Link(case.category.names, reverse("staff:case", args=[case.number])),
                    case.number,
                ),
                "clock": clock_cell(case, due_at=case.due_at, since=case.opened_at),
                "who": case.organisation.names if case.organisation else "–",
                "area": case.area.names if case.area else _("Unknown"),
            }
            for case in page.object_list
        ],
        caption=_("Escalated cases"),
        caption_hidden=True,
        empty=_("No open case is past its deadline."),
    )
    return render(request, "staff/escalated.html", {"page": page, "table": table})


@requires(*STAFF_ROLES)
@require_safe
def city_map(request: HttpRequest) -> HttpResponse:
    """The open cases that the person may see, clustered on the city's outlines."""
    city = areas.site_city()
    form = MapFilter(request.GET, city=city.code)
    shown = _map_cases(request, form)
    nearest = shown.order_by("due_at")[:LISTED_BESIDE_MAP]
    picture = Map(
        title=_("Cases on the map"),
        outlines=outlines_of(city.code),
        clusters_url=f"{reverse('staff:map-points')}?{request.GET.urlencode()}",
        legend=[
            LegendEntry("map-late", _("With overdue cases")),
            LegendEntry("map-brand", _("In time, or without a deadline")),
        ],
        table=_map_table(nearest),
    )
    return render(
        request,
        "staff/map.html",
        {"form": form, "picture": picture, "shown": shown.count()},
    )


@requires(*STAFF_ROLES)
@require_safe
def map_points(request: HttpRequest) -> HttpResponse:
    """Clusters for the map's window."""
    form = MapFilter(request.GET, city=areas.site_city().code)
    return clusters_answer(
        request, _map_cases(request, form), case_url="staff:case", tell_overdue=True
    )


def _map_cases(request: HttpRequest, form: MapFilter) -> QuerySet[CaseRow]:
    principal = principal_of(request)
    found = cases.visible_to(principal).filter(city=areas.site_city().code)
    chosen = form.cleaned_data if form.is_valid() else {}
    if chosen.get("state") != "all":
        found = found.filter(status=CaseStatus.OPEN)
    if chosen.get("state") == "overdue":
        found = found.filter(due_at__lt=timezone.now())
    if chosen.get("group"):
        found = found.filter(category__group_code=chosen["group"])
    return found


def _map_table(found: Iterable[CaseRow]) -> Table:
    return Table(
        columns=[Column("case", _("Case")), Column("clock", _("Clock"))],
        rows=[
            {
                "case": Noted(
                    Link(case.category.names, reverse("staff:case", args=[case.number])),
                    case.area.names if case.area else case.number,
                ),
                "clock": clock_cell(case, due_at=case.due_at, since=case.opened_at),
            }
            for case in found
        ],
        caption=_("The most urgent of them"),
        empty=_("No cases here."),
    )
