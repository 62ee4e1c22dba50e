"""Journeys across rooms, on Boston's pack. The databases come from tests/conftest.py."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from django.utils import timezone


@dataclass
class Clock:
    """What time it is for the product. The journal's own clock is the database's, and true."""

    now: datetime

    def at(self, text: str) -> datetime:
        """It is this moment (ISO, with zone) from now on."""
        self.now = datetime.fromisoformat(text)
        return self.now

    def on(self, **length: float) -> datetime:
        """Time passes, as given to timedelta."""
        self.now += timedelta(**length)
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Time stands still, at the true moment, until the test moves it."""
    clock = Clock(timezone.now())
    monkeypatch.setattr(timezone, "now", lambda: clock.now)
    return clock
