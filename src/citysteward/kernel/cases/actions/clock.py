"""The case's clock: suspended on stated grounds, resumed, and looked at when timers are due."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone

from citysteward.kernel.cases import events
from citysteward.kernel.cases.actions.loop import (
    Loop,
    finish_if_ended,
    locked,
)
from citysteward.kernel.cases.models import Case, Task
from citysteward.kernel.cases.queries import may_steer
from citysteward.kernel.cases.types import CaseError, Conflict, NotAllowed, TaskState
from citysteward.kernel.journal.actions import action, unchanged
from citysteward.kernel.parties.types import Principal
from citysteward.lib.words import Words

TICKED_AT_ONCE = 200


@action
def suspend(case_id: UUID, *, grounds: str, legal_basis: str = "", actor: Principal) -> Case:
    """Stop the case's clock. Its timers sleep until it is resumed."""
    loop = _steered(case_id, actor)
    case = loop.case
    _require_grounds(grounds)
    if not case.is_open or case.suspended_at is not None:
        raise Conflict(
            Words(
                en="Only the running clock of an open case can be suspended.",
                zh="仅可暂停在办且正在计时的办件。",
            )
        )
    case.suspended_at = loop.now
    loop.fact(events.CASE_SUSPENDED, events.CaseSuspended, grounds=grounds, legal_basis=legal_basis)
    loop.save()
    return case


@action
def resume(case_id: UUID, *, grounds: str, actor: Principal) -> Case:
    """Start the clock again; the deadline moves by exactly the time that it stood still."""
    loop = _steered(case_id, actor)
    case = loop.case
    _require_grounds(grounds)
    if case.suspended_at is None:
        raise Conflict(Words(en="The clock is running already.", zh="该办件正在计时中。"))
    before = case.due_at
    stood_still = int((loop.now - case.suspended_at).total_seconds())
    case.suspensions = [
        *case.suspensions,
        [case.suspended_at.isoformat(), loop.now.isoformat()],
    ]
    case.suspended_at = None
    _move_deadline(loop, stood_still)
    if case.is_open and case.state is not None:
        loop.reschedule()
    loop.fact(
        events.CASE_RESUMED,
        events.CaseResumed,
        grounds=grounds,
        suspended_seconds=stood_still,
        due_before=before,
    )
    loop.save()
    return case


def _move_deadline(loop: Loop, stood_still: int) -> None:
    """Move the case's deadline, and those of its open tasks that share it."""
    case = loop.case
    before = case.due_at
    if before is None:
        return
    if case.deadline:
        loop.set_deadline()
    else:
        # An imported case has a deadline but no duration that it came from.
        case.due_at = loop.clock.shifted(before, stood_still)
    Task.objects.filter(case=case, state=TaskState.OPEN, due_at=before).update(due_at=case.due_at)


@action
def tick(case_id: UUID, *, actor: Principal, now: datetime | None = None) -> Case:
    """Fire the timers of one case that are due; does nothing when there are none."""
    loop = Loop(case=locked(case_id), actor=actor, now=now or timezone.now())
    case = loop.case
    due = case.next_timer_at
    if case.suspended_at is not None or due is None or due > loop.now or case.state is None:
        return unchanged(case)
    seen = case.seq
    loop.tick()
    finish_if_ended(loop, outcome="expired")
    loop.save()
    return case if case.seq != seen else unchanged(case)


def due_cases(now: datetime) -> list[UUID]:
    """The next cases whose timers are due, oldest first, a bounded number of them."""
    return list(
        Case.objects.filter(next_timer_at__lte=now, suspended_at__isnull=True)
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


def _require_grounds(grounds: str) -> None:
    if not grounds.strip():
        raise CaseError(Words(en="Give the grounds.", zh="请填写理由。"), field_name="grounds")
