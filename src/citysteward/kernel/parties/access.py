"""Who may open a page or call an endpoint. Every view says so; a test walks the addresses.

@requires(Role.HANDLER, Role.SUPERVISOR)
def work_list(request: HttpRequest) -> HttpResponse: ...

path("report/", public(ReportView.as_view()))
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render, resolve_url
from django.utils.translation import gettext as _

from citysteward.kernel.parties import queries
from citysteward.kernel.parties.types import ROLE_WORDS, Principal, Role

View = TypeVar("View", bound=Callable[..., Any])
_CACHED = "_principal"


@dataclass(frozen=True)
class Access:
    """What a view says about itself: open to all, to the signed-in (no roles), or to roles."""

    public: bool
    roles: frozenset[Role] = frozenset()


def principal_of(request: HttpRequest) -> Principal:
    """Who makes the request; looked up once per request and user."""
    user = request.user
    known: tuple[object, Principal] | None = getattr(request, _CACHED, None)
    # Signing in or out changes the user in the middle of a request.
    if known is None or known[0] != user.pk:
        known = (user.pk, queries.principal(user))
        setattr(request, _CACHED, known)
    return known[1]


def public(view: View) -> View:
    """Anybody may open this view."""
    return _marked(view, Access(public=True))


def requires(*roles: Role) -> Callable[[View], View]:
    """Only holders of one of the roles (none given: any signed-in person) may open this page.

    A visitor is sent to sign in and comes back; others see a page that names who may.
    """
    return _guarded(Access(public=False, roles=frozenset(roles)), _send_to_sign_in, _forbidden)


def requires_api(*roles: Role) -> Callable[[View], View]:
    """`requires` for endpoints of the HTTP API: answers 401 and 403 in JSON."""
    return _guarded(Access(public=False, roles=frozenset(roles)), _unauthenticated, _forbidden_json)


Refusal = Callable[[HttpRequest, Access], HttpResponse]


def _guarded(access: Access, unknown: Refusal, wrong: Refusal) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            who = principal_of(request)
            if not who.signed_in:
                return unknown(request, access)
            if access.roles and not who.roles & access.roles:
                return wrong(request, access)
            return view(request, *args, **kwargs)

        return _marked(cast(View, guarded), access)

    return decorate


def _marked(view: View, access: Access) -> View:
    view._access = access  # type: ignore[attr-defined]  # the mark that the test looks for
    return view


def _send_to_sign_in(request: HttpRequest, access: Access) -> HttpResponse:
    del access
    # Only what can be opened again is a place to come back to.
    back = request.get_full_path() if request.method in {"GET", "HEAD"} else ""
    query = f"?{urlencode({'next': back})}" if back else ""
    address = f"{resolve_url('parties:sign-in')}{query}"
    if request.headers.get("HX-Request"):
        # A fragment must not swallow the sign-in page: the whole page goes there.
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def _forbidden(request: HttpRequest, access: Access) -> HttpResponse:
    roles = [ROLE_WORDS[role] for role in Role if role in access.roles]
    return render(request, "parties/forbidden.html", {"roles": roles}, status=403)


def _unauthenticated(request: HttpRequest, access: Access) -> HttpResponse:
    del request, access
    return JsonResponse({"error": _("Sign in first.")}, status=401)


def _forbidden_json(request: HttpRequest, access: Access) -> HttpResponse:
    del request
    allowed = sorted(access.roles)
    return JsonResponse(
        {"error": _("Your role does not allow this."), "roles": allowed}, status=403
    )
