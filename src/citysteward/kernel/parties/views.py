"""Signing in and out, registering, and a person's own page."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, login, logout
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from citysteward.kernel.journal.types import Actor
from citysteward.kernel.parties import queries, sealed
from citysteward.kernel.parties.access import principal_of, public, requires
from citysteward.kernel.parties.actions import register_citizen
from citysteward.kernel.parties.forms import RegistrationForm, SignInForm
from citysteward.kernel.parties.models import Account
from citysteward.kernel.parties.types import ROLE_WORDS, PartyError, Role
from citysteward.ui.types import SummaryItem, Visitor

BACKEND = "django.contrib.auth.backends.ModelBackend"
SIGN_UP = Actor("system:sign-up")
GOVERNING = frozenset({Role.FINANCE, Role.AUDITOR, Role.OPERATOR})


def visitor_of(request: HttpRequest) -> Visitor:
    """Who looks at the page, as the frame needs to know it."""
    if not hasattr(request, "user"):  # an error before the session was read
        return Visitor()
    who = principal_of(request)
    if not who.signed_in:
        return Visitor()
    post = queries.post(who) if who.is_staff else ""
    return Visitor(
        name=who.name,
        signed_in=True,
        roles=frozenset(who.roles),
        post=post,
        url=resolve_url("parties:me"),
    )


@public
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page; in demo mode it lists the personas."""
    if principal_of(request).signed_in and request.method == "GET":
        return HttpResponseRedirect(_safe_next(request) or _home(request))
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        account = authenticate(
            request,
            username=sealed.sign_in_name(form.cleaned_data["username"]),
            password=form.cleaned_data["password"],
        )
        if account is not None:
            return _signed_in(request, account)
        form.add_error(
            None,
            _("The name or the password is wrong. Check both; capitals count in the password."),
        )
    return _sign_in_page(request, form, status=400 if form.errors else 200)


@public
@require_POST
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in as a persona with one click; there is no such page outside demo mode."""
    if not settings.CITYSTEWARD_DEMO:
        raise Http404
    account = get_object_or_404(
        Account, username=request.POST.get("persona", ""), is_persona=True, is_active=True
    )
    return _signed_in(request, account)


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


@public
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Open an account as a citizen."""
    form = RegistrationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            account = register_citizen(**form.cleaned_data, actor=SIGN_UP)
        except PartyError as error:
            shown = error.words.in_language(get_language() or "en")
            form.add_error(error.field_name or None, shown)
        else:
            messages.success(request, _("Your account is open. You can follow your cases now."))
            return _signed_in(request, account)
    context = {"form": form, "next": _safe_next(request)}
    status = 400 if form.errors else 200
    return render(request, "parties/register.html", context, status=status)


@requires()
@never_cache
@require_GET
def me(request: HttpRequest) -> HttpResponse:
    """What the signed-in person is and may do, and what is known about them, masked."""
    who = principal_of(request)
    held = [
        SummaryItem(ROLE_WORDS[one.role], one.organisation_names or _("everywhere"))
        for one in who.memberships
    ]
    contact = queries.contact(who.party_id) if who.party_id else None
    return render(request, "parties/me.html", {"who": who, "held": held, "contact": contact})


def locked_out(request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
    """Called by axes after too many failures: the page says how long to wait."""
    form = SignInForm(request.POST)
    form.is_valid()
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    message = _("Too many failed attempts. Wait %(minutes)d minutes and try again.")
    form.add_error(None, message % {"minutes": minutes})
    return _sign_in_page(request, form, status=429)


def _sign_in_page(request: HttpRequest, form: SignInForm, *, status: int) -> HttpResponse:
    context = {"form": form, "next": _safe_next(request), "personas": queries.personas()}
    return render(request, "parties/sign_in.html", context, status=status)


def _signed_in(request: HttpRequest, account: Any) -> HttpResponse:
    login(request, account, backend=BACKEND)
    if principal_of(request).is_staff:
        request.session.set_expiry(int(settings.STAFF_SESSION.total_seconds()))
    return HttpResponseRedirect(_safe_next(request) or _home(request))


def _home(request: HttpRequest) -> str:
    roles = principal_of(request).roles
    if roles & GOVERNING:
        return "/governance/"
    return "/staff/" if roles - {Role.CITIZEN} else resolve_url(settings.LOGIN_REDIRECT_URL)


def _safe_next(request: HttpRequest) -> str:
    """Where to go afterwards, if it is an address of this site; else ""."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    # The frame's own link to the sign-in page, used on that page, leads home.
    return wanted if ours and not wanted.startswith(resolve_url("parties:sign-in")) else ""
