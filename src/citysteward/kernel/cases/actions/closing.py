"""After closing: the citizen rates the result, or has the case reopened."""

from uuid import UUID

from django.utils import timezone

from citysteward.kernel.cases import events
from citysteward.kernel.cases.actions.loop import Loop, locked
from citysteward.kernel.cases.models import Case
from citysteward.kernel.cases.queries import may_follow, reopen_until
from citysteward.kernel.cases.types import CaseError, CaseStatus, Conflict, NotAllowed
from citysteward.kernel.journal.actions import action
from citysteward.kernel.parties.types import Principal
from citysteward.lib.text import plain
from citysteward.lib.words import Words

BEST_RATING = 5


@action
def rate(case_id: UUID, *, stars: int, comment: str = "", key: str = "", actor: Principal) -> Case:
    """The reporter's rating, 1 to 5, once per closing.

    `key`: the secret of the case's link, for a reporter who is not signed in. Raises NotAllowed.
    """
    if not 1 <= stars <= BEST_RATING:
        raise CaseError(
            Words(en="Choose a rating from 1 to 5.", zh="请选择 1 至 5 分。"), field_name="stars"
        )
    loop = _reporters_own(case_id, key, actor)
    case = loop.case
    if case.is_open:
        raise Conflict(Words(en="The case can be rated once it is closed.", zh="结案后方可评价。"))
    if case.rating is not None:
        raise Conflict(Words(en="You have rated this result already.", zh="您已评价过本次结果。"))
    case.rating = stars
    case.rating_comment = plain(comment)[:2000]
    loop.fact(events.CASE_RATED, events.CaseRated, comment_given=bool(case.rating_comment))
    loop.save()
    return case


@action
def reopen(case_id: UUID, *, grounds: str, key: str = "", actor: Principal) -> Case:
    """Back to the handler, if it is within the procedure's time after closing.

    The citizen's deadline stays what it was: a result that did not hold earns no second clock.
    `key` as for `rate`. Raises NotAllowed, Conflict, CaseError (field_name "grounds").
    """
    grounds = plain(grounds)
    if not grounds:
        raise CaseError(
            Words(en="Say what is still wrong.", zh="请说明仍存在的问题。"), field_name="grounds"
        )
    loop = _reporters_own(case_id, key, actor)
    case = loop.case
    if case.is_open:
        raise Conflict(Words(en="The case is open already.", zh="该办件正在办理中。"))
    until = reopen_until(case)
    if until is None or loop.now > until:
        raise Conflict(
            Words(
                en="The time for reopening has passed. Report the problem anew.",
                zh="已超过申请重办的期限，请重新上报。",
            )
        )
    closed_before, case.closed_at = case.closed_at, None
    case.status = CaseStatus.OPEN
    case.outcome = ""
    case.reopened += 1
    case.reopen_grounds = [*case.reopen_grounds, grounds]
    case.rating = None
    case.rating_comment = ""
    loop.fact(events.CASE_REOPENED, events.CaseReopened, closed_before=closed_before)
    _restart(loop)
    loop.save()
    return case


def _reporters_own(case_id: UUID, key: str, actor: Principal) -> Loop:
    loop = Loop(case=locked(case_id), actor=actor, now=timezone.now())
    if not may_follow(loop.case, actor, key):
        raise NotAllowed(
            Words(
                en="Only the person who reported this case may do that.",
                zh="仅上报人可以进行此操作。",
            )
        )
    return loop


def _restart(loop: Loop) -> None:
    case = loop.case
    code = case.area.code if case.area else ""
    loop.start(
        message="reopened",
        category=case.category.code,
        area=code or None,
        organisation=case.organisation.code if case.organisation else None,
        unit=case.unit.code if case.unit else None,
        outcome=None,
        due=loop.due_text(),
    )
