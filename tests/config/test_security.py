"""What every response carries, whatever page it is."""

import logging
from datetime import timedelta
from urllib.parse import urljoin, urlsplit

import psycopg
import pytest
from axes.models import AccessLog
from django.conf import settings
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import path
from django.utils import timezone

from citysteward.config import tasks
from citysteward.config.logs import DiscreetFormatter
from tests import city
from tests.routes import Route, routes

urlpatterns = [path("page/", lambda _: HttpResponse("page"))]


@pytest.fixture
def response(client: Client, db: None) -> HttpResponse:
    with override_settings(ROOT_URLCONF=__name__):
        return HttpResponse(headers=dict(client.get("/page/").headers))


def test_nothing_inline_and_nothing_from_elsewhere_is_allowed(response: HttpResponse) -> None:
    policy = dict(
        directive.strip().split(" ", 1)
        for directive in response["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == "'self'"
    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert not {"script-src", "style-src", "connect-src"} & policy.keys()
    assert "unsafe" not in response["Content-Security-Policy"]


def test_browsers_are_told_to_be_careful(response: HttpResponse) -> None:
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "microphone=()" in response["Permissions-Policy"]


def test_passwords_are_hashed_with_argon2_and_guessing_is_slowed() -> None:
    assert settings.PASSWORD_HASHERS == ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    assert settings.AUTHENTICATION_BACKENDS[0] == "axes.backends.AxesStandaloneBackend"
    assert settings.AXES_FAILURE_LIMIT <= 10


BACKEND = "django.contrib.auth.backends.ModelBackend"
API = "grid:open311:"
ELSEWHERE = (
    "https://evil.example/", "//evil.example/", "/\\evil.example/", "///evil.example",
    "javascript:x", "https:evil.example", "\t//evil.example", "http://testserver@evil.example/",
)  # fmt: skip


def test_only_the_api_goes_without_csrf_tokens() -> None:
    exempt = {str(one) for one in routes() if getattr(one.view, "csrf_exempt", False)}
    assert exempt
    assert {name for name in exempt if not name.startswith(API)} == set()


@pytest.mark.usefixtures("boston_db")
@pytest.mark.parametrize("person", ["", "grace", "sofia", "frank"])
def test_no_form_is_taken_without_its_token(person: str) -> None:
    client = Client(enforce_csrf_checks=True)
    if person:
        client.force_login(city.account(person), backend=BACKEND)
    pages = [one for one in routes() if not str(one).startswith(API)]
    # 302: one has to sign in first. 403: no token, or the wrong role. 405: takes no form.
    assert {client.post(one.path()).status_code for one in pages} <= {302, 403, 405}
    mine = [one for one in pages if one.is_public]
    assert {client.post(one.path()).status_code for one in mine} <= {403, 405}


@pytest.mark.usefixtures("boston_db")
@pytest.mark.parametrize("route", [one for one in routes() if one.is_public], ids=str)
@pytest.mark.parametrize("person", ["", "grace"])
def test_nobody_is_sent_elsewhere(client: Client, route: Route, person: str) -> None:
    for target in ELSEWHERE:
        if person:
            client.force_login(city.account(person), backend=BACKEND)
        answers = [
            client.get(route.path(), {"next": target}),
            client.post(route.path(), {"next": target, "persona": "grace", "mode": "elder"}),
            client.post(f"{route.path()}?next={target}", {"language": "en"}),
        ]
        for answer in answers:
            address = urljoin("http://testserver/a/page/", answer.headers.get("Location", ""))
            assert urlsplit(address.replace("\\", "/")).netloc == "testserver", address


@pytest.mark.usefixtures("boston_db")
def test_nothing_personal_is_kept_by_a_browser_or_a_proxy(client: Client) -> None:
    case = city.report("grace", photos=[city.photo()])
    assert "no-store" not in client.get("/").headers.get("Cache-Control", "")
    client.force_login(city.account("grace"), backend=BACKEND)
    for address in ("/", "/me/", "/my/cases/", f"/cases/{case.number}/", "/map/points/"):
        kept = client.get(address).headers["Cache-Control"]
        assert "private" in kept, address
        assert "no-store" in kept, address
    client.force_login(city.account("frank"), backend=BACKEND)
    for address in ("/staff/", f"/staff/cases/{case.number}/", "/governance/"):
        assert client.get(address).headers["Cache-Control"] == "private, no-store"
    stranger = Client().get(f"/cases/{case.number}/{case.follow_key}/")
    assert "no-store" in stranger.headers["Cache-Control"]


@pytest.mark.usefixtures("boston_db")
def test_staff_are_signed_in_for_a_working_day(client: Client) -> None:
    client.post("/sign-in/demo/", {"persona": "paul"})
    assert client.session.get_expiry_age() == 12 * 3600
    client.post("/sign-in/demo/", {"persona": "grace"})
    assert client.session.get_expiry_age() > 24 * 3600


@pytest.mark.usefixtures("fresh_database")
def test_sign_ins_are_forgotten_in_time() -> None:
    now = timezone.now()
    old, fresh = now - settings.ACCESS_LOG_KEPT - timedelta(days=1), now - timedelta(days=1)
    for at in (old, fresh):
        AccessLog.objects.create(username="rosa", ip_address="192.0.2.1")
        AccessLog.objects.filter(attempt_time__gt=now).update(attempt_time=at)
        Session.objects.create(session_key=at.isoformat()[:30], session_data="", expire_date=at)
    Session.objects.create(session_key="x", session_data="", expire_date=now + timedelta(days=1))
    tasks.forget_sign_ins(0)
    assert [one.attempt_time for one in AccessLog.objects.all()] == [fresh]
    assert [one.session_key for one in Session.objects.all()] == ["x"]


def test_the_log_does_not_quote_rows_of_the_database() -> None:
    error = psycopg.errors.UniqueViolation(
        "duplicate key\nDETAIL:  Key (phone)=(13800138000) already exists."
    )
    record = logging.LogRecord("test", logging.ERROR, "", 0, "It failed", None, None)
    record.exc_info = (type(error), error, None)
    text = DiscreetFormatter().format(record)
    assert "duplicate key" in text
    assert "13800138000" not in text
