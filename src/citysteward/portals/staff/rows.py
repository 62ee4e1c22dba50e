"""Cells that several staff pages share."""

from datetime import datetime

from django.utils import timezone
from django.utils.safestring import SafeString

from citysteward.kernel.cases import queries as cases
from citysteward.kernel.cases.queries import CaseRow
from citysteward.ui.templatetags.ui import due_clock


def clock_cell(case: CaseRow, *, due_at: datetime | None, since: datetime) -> SafeString:
    """A deadline with its colour: amber by the procedure's own share of the time."""
    now = timezone.now()
    clock = cases.clock_of(case, due_at=due_at, since=since, now=now)
    amber = due_at - now if clock.state == "amber" and due_at else None
    return due_clock(
        due_at,
        now,
        amber=amber,
        closed=case.closed_at,
        suspended=clock.state == "suspended",
    )
