"""The component gallery, and the switch of the reading mode."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from citysteward.ui import gallery as samples
from citysteward.ui.context import ELDER, MODE_COOKIE

View = Callable[[HttpRequest], HttpResponse]

YEAR = 365 * 24 * 3600


def _public(view: View) -> View:
    """Marks a view as open to everybody, as every view must say (ui stands below parties)."""
    view._access = "public"  # type: ignore[attr-defined]
    return view


def _for_developers(view: View) -> View:
    """The gallery is for those who build: there in debug and demo mode, else it does not exist."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if not (settings.DEBUG or getattr(settings, "CITYSTEWARD_DEMO", False)):
            raise Http404
        return view(request)

    return _public(guarded)


@_for_developers
@require_GET
def gallery(request: HttpRequest) -> HttpResponse:
    """Every component once, with sample data."""
    return render(request, "ui/gallery.html", samples.context(request))


@_for_developers
@require_GET
def sample_points(request: HttpRequest) -> HttpResponse:
    """Clusters for the gallery's map, in the form that `ui.maps.Map.clusters_url` asks for."""
    zoom = request.GET.get("zoom", "")
    return JsonResponse({"points": samples.clusters(float(zoom or 0))})


@_public
@require_POST
def mode(request: HttpRequest) -> HttpResponse:
    """Remember the reading mode (elder or standard) and go back to the page."""
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure()):
        back = "/"
    response = HttpResponseRedirect(back)
    if request.POST.get("mode") == ELDER:
        response.set_cookie(
            MODE_COOKIE,
            ELDER,
            max_age=YEAR,
            samesite="Lax",
            httponly=True,
            secure=request.is_secure(),
        )
    else:
        response.delete_cookie(MODE_COOKIE, samesite="Lax")
    return response
