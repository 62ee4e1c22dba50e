"""The public map: what has been reported lately, never by whom."""

from datetime import datetime

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from citysteward.kernel.areas import queries as areas
from citysteward.kernel.cases import queries as cases
from citysteward.kernel.cases.queries import CaseRow
from citysteward.kernel.parties.access import public
from citysteward.portals.citizen import rows
from citysteward.portals.maps import clusters_answer, outlines_of
from citysteward.ui.maps import Map

LATEST = 1000
"""How many of the newest cases are "lately": a count, because a quiet town has few in a month."""
LISTED = 12


@public
@require_safe
def city_map(request: HttpRequest) -> HttpResponse:
    """The newest cases on the city's outlines, and the very newest in a list beside them."""
    city = areas.site_city()
    latest = _latest(city.code)
    listed = latest.prefetch_related("tasks")[:LISTED]
    picture = Map(
        title=_("Reports on the map"),
        outlines=outlines_of(city.code),
        clusters_url=reverse("citizen:map-points"),
        table=rows.public_table(listed, caption=_("The newest of them")),
    )
    return render(request, "citizen/map.html", {"picture": picture, "shown": latest.count()})


@public
@require_safe
def points(request: HttpRequest) -> HttpResponse:
    """Clusters in the map's window; never how late the city is with one of them."""
    latest = _latest(areas.site_city().code)
    return clusters_answer(request, latest, case_url="citizen:case", tell_overdue=False)


def _latest(city: str) -> QuerySet[CaseRow]:
    since = _since(city)
    found = cases.public_cases(city).order_by("-opened_at")
    return found.filter(opened_at__gte=since) if since else found


def _since(city: str) -> datetime | None:
    """When the oldest of the newest cases was opened; None if there are fewer."""
    opened = cases.public_cases(city).order_by("-opened_at").values_list("opened_at", flat=True)
    return next(iter(opened[LATEST - 1 : LATEST]), None)
