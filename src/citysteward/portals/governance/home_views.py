"""The overview: the state of the city's work at a glance, with its source."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from citysteward.kernel.areas import queries as areas
from citysteward.kernel.areas.types import NoCity
from citysteward.kernel.parties.access import principal_of, requires
from citysteward.kernel.parties.types import Role
from citysteward.lib.dates import Period
from citysteward.portals.governance import overview as content
from citysteward.portals.governance.roles import WATCHERS

_CITY_SIDE = tuple(role for role in WATCHERS if role is not Role.OPERATOR)


@requires(*WATCHERS)
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Key figures and charts of a quarter (`?period=`), the present month, what was frozen."""
    try:
        city = areas.site_city()
    except NoCity:
        raise Http404(_("No city is loaded.")) from None
    timezone.activate(city.zone)
    found = content.overview(city, _period(request), _operators(request))
    context = {
        "city": city,
        "overview": found,
        "result": found.result,
        "findings": content.findings_summary(city.code),
    }
    return render(request, "governance/home.html", context)


def _operators(request: HttpRequest) -> frozenset[str] | None:
    """Whose contracts the visitor may see: an operator only its own (None: everybody's)."""
    who = principal_of(request)
    if who.has_role(*_CITY_SIDE):
        return None
    return frozenset(held.organisation_code or "" for held in who.memberships)


def _period(request: HttpRequest) -> Period | None:
    name = request.GET.get("period")
    if not name:
        return None
    try:
        return Period.parse(name)
    except ValueError as error:
        raise Http404(str(error)) from None
