"""The case's clock: suspended on stated grounds, resumed, and looked at when timers are due."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from citysteward.kernel.cases import events
from citysteward.kernel.cases.actions.loop import (
    Loop,
    finish_if_ended,
    locked,
)
from citysteward.kernel.cases.models import Case
from citysteward.kernel.cases.queries import may_steer
from citysteward.kernel.cases.types import CaseError, Conflict, NotAllowed
from citysteward.kernel.journal.actions import action, unchanged
from citysteward.kernel.parties.types import Principal
from citysteward.lib.text import plain
from citysteward.lib.words import Words

TICKED_AT_ONCE = 200


@action
def suspend(case_id: UUID, *, grounds: str, legal_basis: str = "", actor: Principal) -> Case:
    """Stop the case's clock. Its timers sleep until it is resumed."""
    loop = _steered(case_id, actor)
    case = loop.case
    grounds = _required(grounds)
    if not case.is_open or case.suspended_at is not None:
        raise Conflict(
            Words(
                en="Only the running clock of an open case can be suspended.",
                zh="仅可暂停在办且正在计时的办件。",
            )
        )
    case.suspended_at = loop.now
    loop.fact(
        events.CASE_SUSPENDED,
        events.CaseSuspended,
        grounds=grounds,
        legal_basis=plain(legal_basis),
    )
    loop.save()
    return case


@action
def resume(case_id: UUID, *, grounds: str, actor: Principal) -> Case:
    """Start the clock again; the deadline moves by exactly the time that it stood still.

    A deadline in working days moves by the working time among it.
    """
    loop = _steered(case_id, actor)
    case = loop.case
    grounds = _required(grounds)
    if not case.is_open:
        raise Conflict(
            Words(
                en="The case is closed. Its deadline cannot move any more.",
                zh="该办件已结案，时限不再变动。",
            )
        )
    loop.resume_clock(grounds=grounds)
    loop.save()
    return case


@action
def tick(case_id: UUID, *, actor: Principal, now: datetime | None = None) -> Case:
    """Fire the timers of one case that are due; does nothing when there are none."""
    loop = Loop(case=locked(case_id), actor=actor, now=now or timezone.now())
    case = loop.case
    due = case.next_timer_at
    if case.suspended_at is not None or due is None or due > loop.now or case.state is None:
        return unchanged(case)
    loop.tick()
    finish_if_ended(loop, outcome="expired")
    loop.save()
    return case if loop.entries else unchanged(case)


def due_cases(now: datetime, *, without: Collection[UUID] = ()) -> list[UUID]:
    """The next cases whose timers are due, oldest first, a bounded number of them."""
    return list(
        Case.objects.filter(next_timer_at__lte=now, suspended_at__isnull=True)
        .exclude(pk__in=without)
        .order_by("next_timer_at")
        .values_list("pk", flat=True)[:TICKED_AT_ONCE]
    )


def _steered(case_id: UUID, actor: Principal) -> Loop:
    loop = Loop(case=locked(case_id), actor=actor, now=timezone.now())
    if not may_steer(loop.case, actor):
        raise NotAllowed(
            Words(
                en="Only a dispatcher or supervisor may suspend or resume the clock.",
                zh="仅派遣员或督办人员可以暂停或恢复计时。",
            )
        )
    return loop


def _required(grounds: str) -> str:
    given = plain(grounds)
    if not given:
        raise CaseError(Words(en="Give the grounds.", zh="请填写理由。"), field_name="grounds")
    return given
