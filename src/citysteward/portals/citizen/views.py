"""Home, one's own cases, and finding a case by its number."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from citysteward.grid import queries as grid
from citysteward.kernel.areas import queries as areas
from citysteward.kernel.cases import queries as cases
from citysteward.kernel.cases.types import CaseStatus
from citysteward.kernel.parties.access import principal_of, public, requires
from citysteward.kernel.parties.types import Role
from citysteward.portals.citizen import figures, rows
from citysteward.portals.citizen.forms import FindForm
from citysteward.ui.types import Tile

SHOWN_AT_HOME = 5
PAGE_SIZE = 20


@public
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What do you want to do today?"""
    city = areas.site_city()
    text = request.GET.get("q", "").strip()[:100]
    principal = principal_of(request)
    own = None
    if principal.has_role(Role.CITIZEN) and principal.account_id is not None:
        found = (
            cases.reported_by(principal.account_id)
            .filter(status=CaseStatus.OPEN)
            .prefetch_related("tasks")
        )
        own = rows.table(
            found[:SHOWN_AT_HOME],
            caption=_("My open cases"),
            empty=_("None of your cases is open."),
        )
    context = {
        "city": city,
        "q": text,
        "found": grid.search(city.code, text) if text else [],
        "own": own,
        "figures": figures.of_city(city.code),
        "tiles": _tiles(signed_in=own is not None),
    }
    return render(request, "citizen/home.html", context)


def _tiles(*, signed_in: bool) -> list[Tile]:
    tiles = [
        Tile(_("Report a problem"), reverse("grid:report"), _("Photo, place, a few words")),
        Tile(_("Map of reports"), reverse("citizen:map"), _("What has been reported near you")),
        Tile(_("Find my case"), reverse("citizen:find"), _("By the number you were given")),
    ]
    if signed_in:
        tiles.insert(
            1, Tile(_("My cases"), reverse("citizen:mine"), _("How far they are, and the results"))
        )
    return tiles


@requires(Role.CITIZEN)
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """All cases that the citizen has reported while signed in, newest first."""
    account = principal_of(request).account_id
    found = cases.reported_by(account) if account is not None else cases.public_cases("").none()
    page = Paginator(found.prefetch_related("tasks"), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "table": rows.table(page.object_list, caption=_("My cases"), empty=""),
    }
    return render(request, "citizen/mine.html", context)


@public
@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """A case by its number."""
    form = FindForm(request.GET if "number" in request.GET else None)
    if not form.is_valid():
        return _find_page(request, form)
    number = form.cleaned_data["number"]
    if cases.case_by_number(number) is None:
        form.add_error("number", _("There is no case with this number. Compare it with your note."))
        return _find_page(request, form)
    return redirect("citizen:case", number=number)


def _find_page(request: HttpRequest, form: FindForm) -> HttpResponse:
    return render(request, "citizen/find.html", {"form": form})
