"""Pure rules of clocks on screen: how much time is left, in words, and how worried to be."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from citysteward.ui.types import Tone

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
DEFAULT_AMBER = timedelta(days=1)


@dataclass(frozen=True)
class Clock:
    """A deadline as shown: the tone and the words."""

    tone: Tone
    words: str


def due_clock(
    due: datetime | None,
    now: datetime,
    *,
    amber: timedelta = DEFAULT_AMBER,
    closed: datetime | None = None,
    suspended: bool = False,
    working_days: int | None = None,
) -> Clock:
    """The clock of a deadline at `now`: amber when no more than `amber` is left, red after `due`.

    A closed case tells whether it was closed in time (at the very deadline counts as in time),
    a suspended one that its clock stands still. `working_days`, if the caller has counted them
    on the city's calendar, are told instead of elapsed time.
    """
    if due is None:
        return Clock("quiet", _("No deadline"))
    if closed is not None:
        if closed <= due:
            return Clock("good", _("Closed on time"))
        return Clock("late", _("Closed %(time)s late") % {"time": span(closed - due)})
    if suspended:
        return Clock("quiet", _("Clock stopped"))
    left = due - now
    if left < timedelta(0):
        return Clock("late", _overdue(-left, working_days))
    return Clock("warn" if left <= amber else "good", _remaining(left, working_days))


def _remaining(left: timedelta, working_days: int | None) -> str:
    if working_days is None:
        return _("%(time)s left") % {"time": span(left)}
    days = ngettext("%(count)d working day", "%(count)d working days", working_days)
    return _("%(time)s left") % {"time": days % {"count": working_days}}


def _overdue(over: timedelta, working_days: int | None) -> str:
    if working_days is None:
        return _("%(time)s overdue") % {"time": span(over)}
    count = abs(working_days)
    days = ngettext("%(count)d working day", "%(count)d working days", count)
    return _("%(time)s overdue") % {"time": days % {"count": count}}


def span(time: timedelta) -> str:
    """An elapsed time in its largest whole unit, rounded down: days, hours, or minutes."""
    if time >= DAY:
        days = time // DAY
        return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}
    if time >= HOUR:
        hours = time // HOUR
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    minutes = time // MINUTE
    return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
