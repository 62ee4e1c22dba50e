"""Rows of the governance portal's tables."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from citysteward.contracts.queries import FrozenPeriod
from citysteward.ui.types import Column, Link, Money, Table, Tag


def statements_table(frozen: Sequence[FrozenPeriod]) -> Table:
    """What was frozen lately, the newest first."""
    return Table(
        [
            Column("period", _("Period")),
            Column("contract", _("Contract")),
            Column("due", _("Due"), numeric=True),
            Column("order", _("Rectification")),
        ],
        [
            {
                "period": Link(
                    one.period, reverse("contracts:statement", args=[one.contract, one.period])
                ),
                "contract": one.words,
                "due": Money(one.due, one.currency),
                "order": Tag("late", _("Ordered")) if one.rectification else None,
            }
            for one in frozen
        ],
        empty=_("No appraisal is frozen yet."),
    )
