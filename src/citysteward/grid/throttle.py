"""Keeps floods of anonymous reports away: so many per session and per address in an hour.

Counted in the database, because several server processes answer the same sender. An address is
kept only as a digest under the installation's secret key and the day, so it cannot be looked up
and means nothing the day after.
"""

import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from types import MappingProxyType

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from citysteward.grid.models import Attempt

WINDOW = timedelta(hours=1)
REPORT, PHOTO = "report", "photo"
PER_SESSION: Mapping[str, int] = MappingProxyType({REPORT: 6, PHOTO: 30})
PER_ADDRESS: Mapping[str, int] = MappingProxyType({REPORT: 30, PHOTO: 150})
"""Higher than per session: a library or a mobile network is one address for many people."""


def too_many(request: HttpRequest, kind: str, *, more: int = 1) -> bool:
    """Whether `more` of a kind would be too much for a sender without an account."""
    if request.user.is_authenticated:
        return False
    now = timezone.now()
    limits = (PER_SESSION, PER_ADDRESS)
    recent = Attempt.objects.filter(kind=kind, at__gt=now - WINDOW)
    return any(
        recent.filter(sender=sender).count() + more > limit[kind]
        for sender, limit in zip(_senders(request, now), limits, strict=True)
    )


def note(request: HttpRequest, kind: str, *, count: int = 1) -> None:
    """Remember that a sender without an account has sent `count` of a kind."""
    if request.user.is_authenticated:
        return
    now = timezone.now()
    Attempt.objects.filter(at__lt=now - WINDOW).delete()
    Attempt.objects.bulk_create(
        Attempt(kind=kind, sender=sender, at=now)
        for sender in _senders(request, now)
        for _ in range(count)
    )


def _senders(request: HttpRequest, now: datetime) -> tuple[str, str]:
    session = request.session.session_key or _new_session(request)
    return _digest(f"session:{session}"), _digest(f"{now:%Y-%m-%d}:{_address(request)}")


def _new_session(request: HttpRequest) -> str:
    request.session.save()
    return request.session.session_key or ""


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


def _digest(text: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), text.encode(), sha256).hexdigest()
