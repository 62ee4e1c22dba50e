"""Deadlines under suspensions, whatever they are: they move by what stood still, never back."""

import itertools
from datetime import UTC, date, datetime, timedelta
from random import Random
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from citysteward.kernel.calendar import queries as calendar
from citysteward.kernel.calendar.rules import DayEnd, DayRule, Hours, WorkingCalendar
from citysteward.kernel.cases.actions import loop as loops
from citysteward.kernel.cases.actions.loop import Loop
from citysteward.kernel.cases.definition import OutcomeDef, TaskDef
from citysteward.kernel.cases.models import Case
from citysteward.kernel.journal.types import Actor
from citysteward.kernel.parties.types import Principal
from citysteward.lib.words import Words

Span = tuple[datetime, datetime]
OFFICE = (Hours.parse("08:30-17:00"),)
# Two working days fall out, one of them a Saturday's; both changes of the clock lie within.
BOSTON = WorkingCalendar(
    code="test",
    zone=ZoneInfo("America/New_York"),
    hours=(OFFICE,) * 5 + ((),) * 2,
    days={
        date(2026, 5, 25): DayRule(working=False),
        date(2026, 6, 19): DayRule(working=False),
        date(2026, 6, 20): DayRule(working=True),
    },
    business_day_ends=DayEnd.SAME_TIME,
)
BUSINESS = ["P1BD", "P5BD", "P20BD", "PT4BH", "PT40BH"]
ELAPSED = ["PT4H", "PT30M", "P1D", "P30D", "P2W"]
NOBODY = Principal.system(Actor("system:test"))
SECONDS = st.integers(0, 60 * 24 * 3600)
pure = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(autouse=True)
def _no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = SimpleNamespace(declared=SimpleNamespace(calendar="test"))
    monkeypatch.setattr(loops, "definition", lambda _: plan)
    monkeypatch.setattr(calendar, "calendar", lambda _: BOSTON)


@st.composite
def lives(draw: st.DrawFn, durations: list[str]) -> tuple[datetime, str, list[Span]]:
    """When a case was opened, its duration, and the spans during which its clock stood still."""
    opened = datetime(2026, 2, 20, tzinfo=UTC) + timedelta(seconds=draw(SECONDS) * 4)
    edges = sorted(draw(st.sets(SECONDS, max_size=8)))
    moments = [opened + timedelta(seconds=edge) for edge in edges]
    return (
        opened,
        draw(st.sampled_from(durations)),
        list(zip(moments[::2], moments[1::2], strict=False)),
    )


def due(opened: datetime, duration: str, spans: list[Span]) -> datetime:
    """The deadline as an action on the case would set it."""
    loop = _loop(opened, duration, spans)
    loop.set_deadline()
    assert loop.case.due_at is not None
    return loop.case.due_at


def _loop(opened: datetime, duration: str, spans: list[Span]) -> Loop:
    suspensions = [[since.isoformat(), until.isoformat()] for since, until in spans]
    case = Case(opened_at=opened, deadline=duration, suspensions=suspensions)
    return Loop(case=case, actor=NOBODY, now=opened)


def step(duration: str) -> TaskDef:
    done = OutcomeDef(code="done", names=Words(en="Done"))
    return TaskDef(names=Words(en="Step"), deadline=duration, outcomes=(done,))


def working(spans: list[Span]) -> timedelta:
    return sum((BOSTON.working_time(*span) for span in spans), timedelta())


@pure
@given(lives(BUSINESS))
def test_working_days_move_by_the_working_time_that_stood_still(
    life: tuple[datetime, str, list[Span]],
) -> None:
    opened, duration, spans = life
    before, after = due(opened, duration, []), due(opened, duration, spans)
    assert before == BOSTON.add(opened, duration)
    assert after >= before
    assert BOSTON.working_time(before, after) == working(spans)
    assert BOSTON.is_working_time(after)


@pure
@given(lives(ELAPSED))
def test_other_deadlines_move_by_all_the_time_that_stood_still(
    life: tuple[datetime, str, list[Span]],
) -> None:
    opened, duration, spans = life
    stood_still = sum((until - since for since, until in spans), timedelta())
    assert due(opened, duration, spans) - due(opened, duration, []) == stood_still


@pure
@given(lives(BUSINESS + ELAPSED), st.randoms(use_true_random=False))
def test_the_order_of_suspensions_does_not_matter(
    life: tuple[datetime, str, list[Span]], chance: Random
) -> None:
    opened, duration, spans = life
    mixed = list(spans)
    chance.shuffle(mixed)
    assert due(opened, duration, mixed) == due(opened, duration, spans)


@pure
@given(lives(BUSINESS + ELAPSED))
def test_one_more_suspension_never_makes_it_earlier(
    life: tuple[datetime, str, list[Span]],
) -> None:
    opened, duration, spans = life
    deadlines = [due(opened, duration, spans[:count]) for count in range(len(spans) + 1)]
    assert deadlines == sorted(deadlines)


@pure
@given(lives(BUSINESS + ELAPSED), st.floats(0, 1))
def test_resuming_for_an_instant_changes_nothing(
    life: tuple[datetime, str, list[Span]], share: float
) -> None:
    opened, duration, spans = life
    halves: list[Span] = []
    for since, until in spans:
        middle = since + (until - since) * share
        halves += [(since, middle), (middle, until)]
    assert due(opened, duration, halves) == due(opened, duration, spans)


@pure
@given(lives(BUSINESS))
def test_nights_and_weekends_move_no_working_day(life: tuple[datetime, str, list[Span]]) -> None:
    opened, duration, spans = life
    nights = [
        (max(since, closes), min(until, opens))
        for since, until in spans
        for closes, opens in _gaps(since, until)
        if max(since, closes) < min(until, opens)
    ]
    assert working(nights) == timedelta()
    assert due(opened, duration, nights) == due(opened, duration, [])


def _gaps(since: datetime, until: datetime) -> list[Span]:
    """When the office is closed between two moments."""
    days = range((until.date() - since.date()).days + 3)
    hours = [span for day in days for span in BOSTON.spans(since.date() + timedelta(days=day - 1))]
    return [(one[1], other[0]) for one, other in itertools.pairwise(hours)]


@pure
@given(lives(BUSINESS + ELAPSED), SECONDS)
def test_a_step_is_prolonged_by_what_stood_still_since_it_began(
    life: tuple[datetime, str, list[Span]], later: int
) -> None:
    opened, duration, spans = life
    begun = opened + timedelta(seconds=later)
    loop = _loop(opened, "P5BD", spans)
    since_then = [(max(since, begun), until) for since, until in spans if until > begun]
    assert loop.task_due(step(duration), begun) == due(begun, duration, since_then)


@pure
@given(lives(BUSINESS + ELAPSED))
def test_a_step_without_a_deadline_shares_the_case_s(
    life: tuple[datetime, str, list[Span]],
) -> None:
    loop = _loop(*life)
    loop.set_deadline()
    assert loop.task_due(step(""), loop.case.opened_at) == loop.case.due_at


def test_without_a_duration_there_is_no_deadline() -> None:
    now = datetime(2026, 6, 1, 14, tzinfo=UTC)
    loop = _loop(now, "", [(now, now + timedelta(days=3))])
    loop.set_deadline()
    assert loop.case.due_at is None
    assert loop.due_text() == loops.NEVER.isoformat()
