"""Floods of anonymous reports are kept away; people with an account are not counted."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from django.utils import timezone

from citysteward.grid import throttle
from citysteward.grid.models import Attempt

pytestmark = pytest.mark.django_db


def sender(address: str = "192.0.2.1") -> HttpRequest:
    request = HttpRequest()
    request.META["REMOTE_ADDR"] = address
    request.session = SessionStore()
    request.user = AnonymousUser()
    return request


def test_one_session_may_send_so_many_in_an_hour_and_no_more() -> None:
    request = sender()
    for _ in range(throttle.PER_SESSION[throttle.REPORT]):
        assert not throttle.too_many(request, throttle.REPORT)
        throttle.note(request, throttle.REPORT)
    assert throttle.too_many(request, throttle.REPORT)
    assert not throttle.too_many(request, throttle.PHOTO)


def test_an_hour_later_there_is_room_again() -> None:
    request = sender()
    throttle.note(request, throttle.REPORT, count=throttle.PER_SESSION[throttle.REPORT])
    Attempt.objects.update(at=timezone.now() - throttle.WINDOW - timedelta(seconds=1))
    assert not throttle.too_many(request, throttle.REPORT)
    throttle.note(request, throttle.REPORT)
    assert Attempt.objects.filter(at__lt=timezone.now() - throttle.WINDOW).count() == 0


def test_new_sessions_from_one_address_are_counted_together() -> None:
    for _ in range(throttle.PER_ADDRESS[throttle.REPORT]):
        throttle.note(sender(), throttle.REPORT)
    assert throttle.too_many(sender(), throttle.REPORT)
    assert not throttle.too_many(sender("192.0.2.2"), throttle.REPORT)


def test_the_address_itself_is_not_stored() -> None:
    throttle.note(sender("192.0.2.77"), throttle.REPORT)
    assert not Attempt.objects.filter(sender__contains="192.0.2").exists()
    assert {len(one.sender) for one in Attempt.objects.all()} == {64}
