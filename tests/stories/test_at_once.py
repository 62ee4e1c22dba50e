"""Several people at once: one of two wins, nothing is lost, numbers stay dense."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

import pytest
from django.db import connections

from citysteward.kernel.cases import actions
from citysteward.kernel.cases.actions import Completion
from citysteward.kernel.cases.models import Attachment, Case, NumberSeries, Task
from citysteward.kernel.cases.queries import CaseRow
from citysteward.kernel.cases.types import Conflict
from citysteward.kernel.journal import queries as journal
from citysteward.kernel.parties.types import Principal, Role
from tests import city
from tests.stories import boston as story
from tests.stories.boston import HANDLED, fresh, new_case, persona, report

pytestmark = pytest.mark.usefixtures("boston")
T = TypeVar("T")
WRITERS, EACH = 8, 25


def at_once(*steps: Callable[[], T]) -> list[T | Exception]:
    """What each step returns or raises, all of them begun at the same moment."""
    gate = Barrier(len(steps))

    def run(step: Callable[[], T]) -> T | Exception:
        try:
            # A connection of its own, open before the gate does.
            connections["default"].ensure_connection()
            gate.wait()
            return step()
        except Exception as error:  # noqa: BLE001 - the test looks at whatever it is
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(run, steps))


def only(results: Sequence[T | Exception], error: type[Exception]) -> T:
    """The result of the one that won; all others lost with this error."""
    won = [one for one in results if not isinstance(one, Exception)]
    assert [type(one) for one in results if isinstance(one, Exception)] == [error] * (
        len(results) - 1
    ), results
    return won[0]


def journal_is_whole() -> None:
    city.seal_and_export()
    verified = journal.verify()
    assert (verified.ok, verified.unsealed) == (True, 0)


def numbered(case: CaseRow) -> int:
    return int(case.number.rpartition("-")[2])


def test_of_two_who_finish_one_task_one_wins() -> None:
    case = report()
    task = story.waiting(case)
    colleague = story.with_role("ines", Role.HANDLER, "public-works-department")
    people = [persona("paul"), colleague]
    results = at_once(
        *[lambda one=one: actions.complete_task(task.pk, HANDLED, actor=one) for one in people]
    )
    only(results, Conflict)
    assert story.waiting(fresh(case)).node == "check"
    assert story.verbs(case).count("task.done") == 1
    assert Attachment.objects.count() == 1
    facts = story.facts(case)
    assert [fact["seq"] for fact in facts] == list(range(1, len(facts) + 1))


def test_of_two_who_sign_for_one_task_one_wins() -> None:
    task = story.waiting(report())
    colleague = story.with_role("ines", Role.HANDLER, "public-works-department")
    people = [persona("paul"), colleague]
    results = at_once(*[lambda one=one: actions.claim_task(task.pk, actor=one) for one in people])
    won = only(results, Conflict)
    assert Task.objects.get(pk=task.pk).assignee_id == won.assignee_id


def test_the_same_report_sent_at_once_is_one_case() -> None:
    new, grace = new_case(uploads=HANDLED.uploads), persona("grace")
    results = at_once(*[lambda: actions.open_case(new, actor=grace) for _ in range(4)])
    (number,) = {one.number for one in results if isinstance(one, Case)}
    assert len(results) == 4, results
    assert Case.objects.count() == 1
    assert Attachment.objects.count() == 1
    assert numbered(report()) == numbered(fresh(Case.objects.get(number=number))) + 1


def test_what_happens_to_one_case_at_once_is_all_there() -> None:
    """A step saves what it locked, never a stale copy: no change undoes another."""
    case = report()
    dora, sofia, paul = persona("dora"), persona("sofia"), persona("paul")
    task = story.waiting(case)

    def step(act: Callable[[], object]) -> Callable[[], object]:
        return act

    results = at_once(
        step(lambda: actions.suspend(case.pk, grounds="Waits.", actor=dora)),
        step(lambda: actions.complete_task(task.pk, HANDLED, actor=paul)),
        step(lambda: actions.suspend(case.pk, grounds="Waits, too.", actor=sofia)),
        step(lambda: actions.tick(case.pk, actor=story.TICKER, now=case.due_at)),
    )
    assert sorted(type(one).__name__ for one in results if isinstance(one, Exception)) == [
        "Conflict"
    ], results
    after = fresh(case)
    assert after.suspended_at is not None
    assert after.result == "New lamp fitted."
    assert story.waiting(after).node == "check"
    facts = story.facts(case)
    assert [fact["seq"] for fact in facts] == list(range(1, after.seq + 1))
    # Whoever suspended first put the ticker off.
    assert (after.escalated_at is not None) == ("case.escalated" in story.verbs(case))


@pytest.mark.slow
def test_eight_writers_lose_nothing_and_number_without_gaps() -> None:
    grace, paul = persona("grace"), persona("paul")

    def write() -> list[str]:
        return [_opened_and_handled(grace, paul) for _ in range(EACH)]

    results = at_once(*[write for _ in range(WRITERS)])
    numbers = [number for one in results for number in _numbers(one)]
    expected = WRITERS * EACH
    year = numbers[0].split("-")[1]
    assert sorted(numbers) == [f"BOS-{year}-{serial:06d}" for serial in range(1, expected + 1)]
    assert NumberSeries.objects.get().last == expected
    assert Case.objects.count() == expected
    assert set(Case.objects.values_list("seq", flat=True)) == {2}
    nodes = list(Task.objects.order_by("node", "state").values_list("node", "state"))
    assert nodes == [("check", "open")] * expected + [("handle", "done")] * expected
    journal_is_whole()


def _opened_and_handled(grace: Principal, paul: Principal) -> str:
    case = actions.open_case(new_case(), actor=grace)
    actions.complete_task(story.waiting(case).pk, HANDLED, actor=paul)
    return case.number


def _numbers(result: list[str] | Exception) -> list[str]:
    if isinstance(result, Exception):
        raise result
    return result


def test_closing_and_rating_at_once_is_in_order() -> None:
    case = story.finish(report(), HANDLED, "paul")
    task = story.waiting(case)
    cheng, grace = persona("cheng"), persona("grace")

    def close() -> object:
        return actions.complete_task(task.pk, Completion("pass"), actor=cheng)

    def rate() -> object:
        return actions.rate(case.pk, stars=5, actor=grace)

    results = at_once(close, rate)
    after = fresh(case)
    assert after.status == "closed"
    rated = not isinstance(results[1], Exception)
    assert rated or isinstance(results[1], Conflict)
    assert after.rating == (5 if rated else None)
