"""What goes wrong, in GeoReport's format and in the reader's language.

The status is 404 for what isn't there, 403 for a missing or wrong key, and 400 for everything
else that a client can put right; the code in the body is the same but where it says more.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import ValidationError

from citysteward.grid.open311 import schemas
from citysteward.grid.open311.keys import QuotaExceeded
from citysteward.grid.open311.render import Format, Payload, respond
from citysteward.kernel.areas.types import NoCity
from citysteward.kernel.cases.types import CaseError
from citysteward.kernel.parties.types import PartyError

logger = logging.getLogger(__name__)

REMEDIES: Mapping[str, Any] = {
    "page": gettext_lazy("Give a whole number from 1 to %(last)s."),
    "page_size": gettext_lazy("Give a whole number from 1 to %(largest)s."),
    "lat": gettext_lazy("Give degrees from -90 to 90."),
    "long": gettext_lazy("Give degrees from -180 to 180."),
    "service_request_id": gettext_lazy("Give at most %(items)s numbers."),
    "service_code": gettext_lazy("Give at most %(items)s codes."),
    "status": gettext_lazy("Give open, closed or both."),
}
LIMITS: Mapping[str, int] = {
    "last": schemas.LAST_PAGE,
    "largest": schemas.LARGEST_PAGE,
    "items": schemas.LONGEST_LIST,
}


class Refusal(Exception):
    """A request that is not fulfilled. `descriptions` are meant to be read by a person.

    `code` is told in the body instead of the status where it says more.
    """

    def __init__(self, status: int, *descriptions: str, code: int | None = None) -> None:
        super().__init__(*descriptions)
        self.status = status
        self.code = code or status
        self.descriptions = descriptions


def format_of(path: str) -> Format:
    """The format that an address asks for: JSON unless it ends in .xml."""
    return Format.XML if path.endswith(".xml") else Format.JSON


def answer(
    request: HttpRequest, status: int, descriptions: Sequence[str], *, code: int | None = None
) -> HttpResponse:
    """The error answer for a request."""
    errors: list[Payload] = [
        {"code": code or status, "description": str(text)} for text in descriptions
    ]
    return respond(format_of(request.path), "errors", errors, status=status)


def not_found(request: HttpRequest) -> HttpResponse:
    """There is nothing at this address."""
    return answer(
        request, 404, [_("There is nothing at this address. Addresses end in .json or .xml.")]
    )


def not_allowed(request: HttpRequest) -> HttpResponse:
    """This address takes other methods."""
    return answer(request, 405, [_("This address does not take %s.") % request.method])


def register(api: NinjaAPI) -> None:
    """Let the API answer every error in GeoReport's format."""
    for kind, handler in HANDLERS.items():
        api.add_exception_handler(kind, handler)


def _refused(request: HttpRequest, exc: Refusal) -> HttpResponse:
    return answer(request, exc.status, exc.descriptions, code=exc.code)


def _invalid(request: HttpRequest, exc: ValidationError) -> HttpResponse:
    if any(error["loc"][0] == "path" for error in exc.errors):
        return not_found(request)
    # The same field may be wrong in several ways; one sentence says them all.
    return answer(request, 400, list(dict.fromkeys(_sentence(error) for error in exc.errors)))


def _sentence(error: Mapping[str, Any]) -> str:
    names = [part for part in error["loc"] if isinstance(part, str)]
    field = names[-1]
    if error["type"] == "string_too_long":
        return _("%(field)s: Shorten it to %(most)s characters.") % {
            "field": field,
            "most": error["ctx"]["max_length"],
        }
    remedy = REMEDIES.get(field)
    if remedy is None:
        return _("%(field)s: This value cannot be read.") % {"field": field}
    return f"{field}: {remedy % LIMITS}"


def _refused_below(request: HttpRequest, exc: CaseError | PartyError) -> HttpResponse:
    return answer(request, 400, [exc.words.in_language(get_language() or "en")])


def _too_many(request: HttpRequest, exc: QuotaExceeded) -> HttpResponse:
    text = _("This API key may open %s cases a day, and has today. Try again tomorrow.")
    # GeoReport knows no 429; the body can still say it.
    return answer(request, 400, [text % exc.quota], code=429)


def _no_city(request: HttpRequest, _exc: NoCity) -> HttpResponse:
    return answer(request, 400, [_("This service is not set up yet: no city is loaded.")])


def _unreadable(request: HttpRequest, exc: Exception) -> HttpResponse:
    if isinstance(exc, RequestDataTooBig):
        return answer(request, 400, [_("The request is too large.")])
    return answer(request, 400, [_("The request cannot be read.")])


def _failed(request: HttpRequest, exc: Exception) -> HttpResponse:
    logger.error("Open311 failed at %s", request.path, exc_info=exc)
    return answer(request, 500, [_("The service failed. The fault has been noted.")])


HANDLERS: Mapping[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
    Refusal: _refused,
    ValidationError: _invalid,
    CaseError: _refused_below,
    PartyError: _refused_below,
    QuotaExceeded: _too_many,
    NoCity: _no_city,
    Http404: lambda request, _exc: not_found(request),
    BadRequest: _unreadable,
    SuspiciousOperation: _unreadable,
    Exception: _failed,
}
