"""Cases as the citizens' pages show them: in rows, with their clock and stage."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from citysteward.kernel.cases import queries as cases
from citysteward.kernel.cases.queries import CaseRow
from citysteward.lib.words import Words
from citysteward.ui.templatetags.ui import due_clock
from citysteward.ui.types import Column, Link, Noted, Table


def clock(case: CaseRow) -> SafeString:
    """The deadline of a case with its colour: amber by the procedure's own share of the time."""
    now = timezone.now()
    state = cases.clock_of(case, due_at=case.due_at, since=case.opened_at, now=now).state
    amber = case.due_at - now if state == "amber" and case.due_at else None
    return due_clock(
        case.due_at,
        now,
        amber=amber,
        closed=case.closed_at,
        suspended=state == "suspended",
    )


def stage_words(case: CaseRow) -> Words:
    """The stage that the case is in."""
    stages = cases.stages_of(case)
    return next((stage.words for stage in stages if stage.state == "now"), stages[-1].words)


def table(found: Iterable[CaseRow], *, caption: str, empty: str) -> Table:
    """Somebody's own cases."""
    return Table(
        columns=[
            Column("case", _("Case")),
            Column("stage", _("Stage")),
            Column("clock", _("Deadline")),
            Column("opened", _("Reported"), minor=True),
        ],
        rows=[
            {
                "case": Noted(
                    Link(one.category.names, reverse("citizen:case", args=[one.number])),
                    one.number,
                ),
                "stage": stage_words(one),
                "clock": clock(one),
                "opened": one.opened_at,
            }
            for one in found
        ],
        caption=caption,
        caption_hidden=True,
        empty=empty,
    )


def public_table(found: Iterable[CaseRow], *, caption: str) -> Table:
    """What everybody may see of cases."""
    return Table(
        columns=[
            Column("case", _("Case")),
            Column("stage", _("Stage")),
            Column("opened", _("Reported")),
        ],
        rows=[
            {
                "case": Noted(
                    Link(one.category.names, reverse("citizen:case", args=[one.number])),
                    one.area.names if one.area else _("Area unknown"),
                ),
                "stage": stage_words(one),
                "opened": one.opened_at,
            }
            for one in found
        ],
        caption=caption,
        empty=_("Nothing has been reported yet."),
    )
