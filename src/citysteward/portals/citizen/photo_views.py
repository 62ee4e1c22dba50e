"""Photos of cases, for those who may see them: the reporter, and staff in whose scope they lie."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from citysteward.kernel.cases import queries as cases
from citysteward.kernel.cases.actions.photos import path_of
from citysteward.kernel.parties.access import principal_of, public


@public
@require_safe
def photo(request: HttpRequest, photo_id: UUID) -> HttpResponse:
    """One photo; the reporter's secret link goes along as `?key=`."""
    found = cases.attachment(photo_id)
    if found is None:
        raise Http404(_("There is no such photo."))
    principal = principal_of(request)
    key = request.GET.get("key", "")
    allowed = (
        cases.may_follow(found.case, principal, key)
        or cases.visible_to(principal).filter(pk=found.case_id).exists()
    )
    if not allowed:
        raise PermissionDenied(
            _("Only the reporter and the staff who work on the case may see its photos.")
        )
    response = HttpResponse(path_of(found.sha256).read_bytes(), content_type=found.media_type)
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Robots-Tag"] = "noindex"
    return response
