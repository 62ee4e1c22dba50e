"""What is settled about every request before a page sees it."""

from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _

LARGEST_BODY = 80 * 1024 * 1024
"""Five photos of 15 MB, the most that any form takes, and some words."""
Next = Callable[[HttpRequest], HttpResponse]
NUL = "\x00"
OWN_ANSWERS = "open311"
"""The API that tells of errors in its own format, this one too."""


class VisitorAddressMiddleware:
    """Makes REMOTE_ADDR the visitor's address where proxies of ours stand before the site.

    Guessing of passwords and floods of reports are counted per address: behind a proxy all
    visitors would share its own. `CITYSTEWARD_PROXIES` says how many there are; each adds the
    address that it saw to the end of X-Forwarded-For, and what stands before is anybody's claim.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        address = _visitor(request, settings.PROXIES)
        if address:
            request.META["REMOTE_ADDR"] = address
        return self.get_response(request)


def _visitor(request: HttpRequest, proxies: int) -> str:
    """The address that the outermost of our proxies saw; "" if it is not told."""
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if not 0 < proxies <= len(hops):
        return ""
    try:
        return str(ip_address(hops[-proxies].strip()))
    except ValueError:
        return ""


class BodySizeMiddleware:
    """Refuses what is larger than any form takes, before it fills the disk.

    A body without Content-Length is no way round: WSGI reads none of it.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) <= LARGEST_BODY:
            return self.get_response(request)
        return HttpResponse(
            _("What you send is too large. Send fewer or smaller photos."),
            status=413,
            content_type="text/plain; charset=utf-8",
        )


class NoNulMiddleware:
    """Refuses NUL characters: no text of anybody's holds one, and the database takes none."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, _view: Any, _args: Any, _kwargs: Any) -> None:
        """Raises SuspiciousOperation, which is answered with 400."""
        match = request.resolver_match
        if match is not None and OWN_ANSWERS in match.namespaces:
            return
        if NUL in request.path or _holds_nul(request.GET) or _holds_nul(request.POST):
            raise SuspiciousOperation("A NUL character in the request")


def _holds_nul(sent: QueryDict) -> bool:
    return any(
        NUL in name or any(NUL in value for value in values if isinstance(value, str))
        for name, values in sent.lists()
    )
