"""What every response carries, whatever page it is."""

import logging

import psycopg
import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import path

from citysteward.config.logs import DiscreetFormatter

urlpatterns = [path("page/", lambda _: HttpResponse("page"))]


@pytest.fixture
def response(client: Client) -> HttpResponse:
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


def test_the_log_does_not_quote_rows_of_the_database() -> None:
    error = psycopg.errors.UniqueViolation(
        "duplicate key\nDETAIL:  Key (phone)=(13800138000) already exists."
    )
    record = logging.LogRecord("test", logging.ERROR, "", 0, "It failed", None, None)
    record.exc_info = (type(error), error, None)
    text = DiscreetFormatter().format(record)
    assert "duplicate key" in text
    assert "13800138000" not in text
