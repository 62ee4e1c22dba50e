"""Headers of every response that Django does not set by itself."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# The report form may ask for the citizen's place; nothing else of the device is needed.
PERMISSIONS = "camera=(), geolocation=(self), microphone=(), payment=(), usb=()"


PERSONAL = "private, no-store"


class SecurityHeadersMiddleware:
    """Tells the browser which of its powers our pages never use, and what it must not keep.

    Every page shows a signed-in person's name at least: none of theirs is kept, by the browser
    of a shared computer as little as by a proxy, unless its view says otherwise.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if "Cache-Control" not in response and _is_personal(request):
            response["Cache-Control"] = PERSONAL
        return response


def _is_personal(request: HttpRequest) -> bool:
    # A static file is answered before the session is read.
    return hasattr(request, "user") and request.user.is_authenticated
