"""Clustered maps of cases, as the portals' pages ask for them."""

from collections.abc import Iterable, Mapping

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from citysteward.kernel.areas import queries as areas
from citysteward.kernel.cases import queries as cases
from citysteward.kernel.cases.queries import CaseRow
from citysteward.ui.maps import Outline

Window = tuple[tuple[float, float, float, float], int]


def outlines_of(city: str) -> list[Outline]:
    """The city's areas as the map draws them."""
    return [Outline(one.code, one.names, one.geometry) for one in areas.outlined(city)]


def clusters_answer(
    request: HttpRequest, shown: QuerySet[CaseRow], *, case_url: str, tell_overdue: bool
) -> HttpResponse:
    """The JSON for the map's window `?bbox=west,south,east,north&zoom=n`; 400 without one."""
    window = _window(request)
    if window is None:
        return HttpResponseBadRequest(_("bbox takes four degrees, zoom a number."))
    bounds, zoom = window
    found = cases.clusters(shown, bounds=bounds, zoom=zoom)
    return JsonResponse({"points": list(_points(found, case_url, tell_overdue))})


def _window(request: HttpRequest) -> Window | None:
    try:
        west, south, east, north = map(float, request.GET.get("bbox", "").split(","))
        # The map zooms in half steps.
        zoom = int(float(request.GET.get("zoom", "")))
    except (ValueError, OverflowError):
        return None
    return (west, south, east, north), zoom


def _points(
    found: Iterable[cases.Cluster], case_url: str, tell_overdue: bool
) -> Iterable[Mapping[str, object]]:
    for cluster in found:
        overdue = cluster.overdue if tell_overdue else 0
        yield {
            "longitude": cluster.longitude,
            "latitude": cluster.latitude,
            "count": cluster.count,
            "text": cluster.number or _words(cluster.count, overdue),
            "url": reverse(case_url, args=[cluster.number]) if cluster.number else "",
            "tone": "late" if overdue else "brand",
        }


def _words(count: int, overdue: int) -> str:
    words = ngettext("%(count)d case", "%(count)d cases", count) % {"count": count}
    if not overdue:
        return words
    late = ngettext("%(count)d overdue", "%(count)d overdue", overdue) % {"count": overdue}
    return _("%(cases)s, %(overdue)s") % {"cases": words, "overdue": late}
