"""The clock of a case: escalated once when overdue, standing still on stated grounds.

Boston's offices work from 8:30 to 17:00 on weekdays; a street light is due after ten of them.
"""

from datetime import datetime

import pytest

from citysteward.kernel.cases import actions
from citysteward.kernel.cases import queries as cases
from citysteward.kernel.cases import tasks as jobs
from citysteward.kernel.cases.actions import Completion
from citysteward.kernel.cases.types import CaseError, Conflict, NotAllowed
from citysteward.kernel.parties.types import Principal
from tests.stories import boston as story
from tests.stories.boston import HANDLED, finish, fresh, handle_and_close, persona, report
from tests.stories.conftest import Clock

MONDAY = "2026-06-01T10:00-04:00"
DUE = "2026-06-15T10:00-04:00"
pytestmark = pytest.mark.usefixtures("boston_db")


@pytest.fixture(autouse=True)
def _one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """The job begins with closing the connection, which here holds the test's transaction."""
    monkeypatch.setattr(jobs, "close_old_connections", lambda: None)


def suspended(case: cases.CaseRow, clock: Clock, since: str, until: str) -> cases.CaseRow:
    """Dora stops the case's clock and starts it again."""
    clock.at(since)
    actions.suspend(case.pk, grounds="Waits for the utility.", actor=persona("dora"))
    clock.at(until)
    actions.resume(case.pk, grounds="The utility has been.", actor=persona("dora"))
    return fresh(case)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


# -- overdue


def test_an_overdue_case_is_escalated_once(clock: Clock) -> None:
    clock.at(MONDAY)
    case = report()
    assert case.due_at == case.next_timer_at == moment(DUE)
    assert actions.due_cases(moment(DUE).replace(hour=9)) == []

    actions.tick(case.pk, actor=story.TICKER, now=moment(DUE).replace(hour=9))
    assert fresh(case).escalated_at is None
    late = clock.at(DUE)
    assert actions.due_cases(late) == [case.pk]
    actions.tick(case.pk, actor=story.TICKER, now=late)
    case = fresh(case)
    assert (case.escalated_at, case.next_timer_at) == (late, None)
    assert story.facts(case)[-1]["escalated"] is True
    assert [one.pk for one in cases.escalated(persona("sofia"), "boston")] == [case.pk]
    assert story.on_list("paul", case) == ["handle"], "it goes on all the same"

    for _ in range(2):
        clock.on(days=30)
        actions.tick(case.pk, actor=story.TICKER, now=clock.now)
    case = handle_and_close(case)
    actions.reopen(case.pk, grounds="Dark again.", actor=persona("grace"))
    assert jobs.fire_timers(0) == 1, "the timer of the new round"
    assert story.verbs(case).count("case.escalated") == 1
    assert jobs.fire_timers(0) == 0


def test_the_ticker_fires_what_is_due_and_nothing_else(clock: Clock) -> None:
    clock.at(MONDAY)
    due = [report(), report()]
    handle_and_close(report())
    clock.at("2026-06-08T10:00-04:00")
    later = report()
    clock.at(DUE)
    assert jobs.fire_timers(0) == 2
    assert [bool(fresh(case).escalated_at) for case in (*due, later)] == [True, True, False]


def test_a_case_that_cannot_go_on_holds_up_no_other(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    clock.at(MONDAY)
    broken, sound = report(), report()
    broken.state = {"no": "state"}
    broken.next_timer_at = moment(MONDAY)
    broken.save()
    clock.at(DUE)
    assert jobs.fire_timers(0) == 1
    assert fresh(sound).escalated_at == moment(DUE)
    assert str(broken.pk) in caplog.text
    assert fresh(broken).escalated_at is None


# -- standing still


def test_a_deadline_moves_by_the_working_time_that_it_stood_still(clock: Clock) -> None:
    clock.at(MONDAY)
    case = report()
    # Tuesday 9:30 to Wednesday 11:00: 7.5 + 2.5 hours of work.
    case = suspended(case, clock, "2026-06-02T09:30-04:00", "2026-06-03T11:00-04:00")
    assert case.due_at == moment("2026-06-16T11:30-04:00")
    assert story.waiting(case).due_at == case.due_at
    assert case.next_timer_at == case.due_at

    # Friday 16:00 to Monday 9:00: 1 + 0.5 hours more.
    case = suspended(case, clock, "2026-06-05T16:00-04:00", "2026-06-08T09:00-04:00")
    assert case.due_at == moment("2026-06-16T13:00-04:00")
    assert case.next_timer_at == case.due_at
    entry = story.entries(case, "case.resumed")[-1]
    assert entry["suspended_seconds"] == 65 * 3600
    assert moment(entry["due_before"]) == moment("2026-06-16T11:30-04:00")
    assert [fact["suspended"] for fact in story.facts(case)[-4:]] == [True, False, True, False]

    clock.at(DUE)
    assert jobs.fire_timers(0) == 0
    clock.at("2026-06-16T13:00-04:00")
    assert jobs.fire_timers(0) == 1


def test_standing_still_over_a_weekend_moves_nothing(clock: Clock) -> None:
    clock.at(MONDAY)
    case = suspended(report(), clock, "2026-06-06T09:00-04:00", "2026-06-07T18:00-04:00")
    assert case.due_at == moment(DUE)


def test_a_deadline_in_calendar_days_moves_by_all_the_time(clock: Clock) -> None:
    clock.at(MONDAY)
    case = report(persona("dora"), category="bed-bugs")
    assert (case.deadline, case.due_at) == ("P120D", moment("2026-09-29T10:00-04:00"))
    case = suspended(case, clock, "2026-06-06T09:00-04:00", "2026-06-07T18:00-04:00")
    assert case.due_at == moment("2026-09-30T19:00-04:00")


def test_no_timer_fires_while_the_clock_stands_still(clock: Clock) -> None:
    clock.at(MONDAY)
    case = report()
    clock.at("2026-06-12T10:00-04:00")
    actions.suspend(case.pk, grounds="Waits.", actor=persona("sofia"))
    clock.at("2026-07-01T10:00-04:00")
    assert jobs.fire_timers(0) == 0
    actions.tick(case.pk, actor=story.TICKER, now=clock.now)
    assert fresh(case).escalated_at is None
    assert (
        cases.clock_of(fresh(case), due_at=case.due_at, since=case.opened_at).state == "suspended"
    )


def test_a_step_of_its_own_deadline_stands_still_too(clock: Clock) -> None:
    clock.at(MONDAY)
    case = finish(report(), HANDLED, "paul")
    assert story.waiting(case).due_at == moment("2026-06-03T10:00-04:00")
    case = suspended(case, clock, "2026-06-02T10:00-04:00", "2026-06-09T10:00-04:00")
    assert story.waiting(case).due_at == moment("2026-06-10T10:00-04:00")
    # Five working days on, and 19 June is a holiday.
    assert case.due_at == moment("2026-06-23T10:00-04:00")


def test_a_suspension_before_a_step_does_not_prolong_it(clock: Clock) -> None:
    clock.at(MONDAY)
    case = suspended(report(), clock, "2026-06-02T10:00-04:00", "2026-06-03T10:00-04:00")
    case = finish(case, HANDLED, "paul")
    assert story.waiting(case).due_at == moment("2026-06-05T10:00-04:00")


def test_closing_ends_the_suspension_so_that_it_counts(clock: Clock) -> None:
    """Else whoever suspends a late case and closes it then has it out of the figures."""
    clock.at(MONDAY)
    case = finish(report(), HANDLED, "paul")
    clock.at("2026-06-02T10:00-04:00")
    actions.suspend(case.pk, grounds="Waits.", actor=persona("dora"))
    clock.at("2026-06-03T10:00-04:00")
    case = finish(case, Completion("pass"), "cheng")
    assert (case.status, case.suspended_at) == ("closed", None)
    assert case.due_at == moment("2026-06-16T10:00-04:00")
    assert story.verbs(case)[-3:] == ["task.done", "case.resumed", "case.closed"]
    assert [fact["suspended"] for fact in story.facts(case)[-3:]] == [True, False, False]


def test_the_clock_of_a_closed_case_is_touched_by_nobody(clock: Clock) -> None:
    case = handle_and_close(report())
    case.suspended_at = clock.now  # as the import leaves cases that their city closed so
    case.save()
    for act in (actions.suspend, actions.resume):
        with pytest.raises(Conflict):
            act(case.pk, grounds="To be on time.", actor=persona("sofia"))
    assert fresh(case).due_at == case.due_at


@pytest.mark.parametrize("who", ["grace", "paul", "cheng", "adam", "frank"])
def test_only_who_steers_stops_the_clock(who: str) -> None:
    case = report()
    with pytest.raises(NotAllowed):
        actions.suspend(case.pk, grounds="Waits.", actor=persona(who))
    with pytest.raises(NotAllowed):
        actions.suspend(case.pk, grounds="Waits.", actor=Principal.anonymous())


def test_suspending_wants_grounds_and_a_running_clock() -> None:
    case, dora = report(), persona("dora")
    with pytest.raises(CaseError) as refused:
        actions.suspend(case.pk, grounds=" \x00", actor=dora)
    assert refused.value.field_name == "grounds"
    with pytest.raises(Conflict):
        actions.resume(case.pk, grounds="Go on.", actor=dora)
    actions.suspend(case.pk, grounds="Waits.", actor=dora)
    with pytest.raises(Conflict):
        actions.suspend(case.pk, grounds="Waits.", actor=dora)


def test_a_case_without_deadline_is_never_late(clock: Clock) -> None:
    clock.at(MONDAY)
    case = report(persona("dora"), category="animal-found")
    assert (case.due_at, case.next_timer_at) == (None, None)
    case = suspended(case, clock, "2026-06-02T09:30-04:00", "2026-06-03T11:00-04:00")
    assert (case.due_at, case.next_timer_at) == (None, None)
    clock.at("2036-06-01T10:00-04:00")
    assert jobs.fire_timers(0) == 0
