"""One report through the whole loop: from the citizen's street to a figure, and back again."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from citysteward.kernel.cases import actions
from citysteward.kernel.cases import queries as cases
from citysteward.kernel.cases.actions import Completion
from citysteward.kernel.cases.types import CaseError, Conflict, NotAllowed, Place
from citysteward.kernel.journal import queries as journal
from citysteward.kernel.parties.types import Role
from citysteward.performance import queries as performance
from citysteward.performance.types import Grouping, Scope
from tests import city
from tests.databases import FreshDatabase
from tests.environment import ROOT
from tests.stories import boston as story
from tests.stories.boston import HANDLED, finish, handle_and_close, on_list, persona, report
from tests.stories.conftest import Clock

PASS = Completion("pass")
REWORK = Completion("rework", note="Still dark at night.")
EVERYBODY = (
    "grace", "henry", "dora", "paul", "ines", "cheng", "sofia", "frank", "alma", "adam", "olga",
)  # fmt: skip


def lists(case: cases.CaseRow) -> dict[str, list[str]]:
    """Who has the case on their work list, with what to do."""
    return {who: nodes for who in EVERYBODY if (nodes := on_list(who, case))}


@pytest.mark.slow
def test_a_report_becomes_a_figure_and_each_step_is_told(boston: FreshDatabase) -> None:
    case = report()
    assert lists(case) == {"paul": ["handle"]}

    case = finish(case, HANDLED, "paul")
    assert case.result == "New lamp fitted."
    assert lists(case) == {"cheng": ["check"]}

    case = finish(case, REWORK, "cheng")
    assert (case.rework, case.status) == (1, "open")
    assert lists(case) == {"paul": ["handle"]}

    case = handle_and_close(case)
    assert (case.status, case.outcome, case.state) == ("closed", "pass", None)
    assert lists(case) == {}

    actions.rate(case.pk, stars=4, comment="Quick.", actor=persona("grace"))
    actions.reopen(case.pk, grounds="Dark again.", actor=persona("grace"))
    case = story.fresh(case)
    assert (case.status, case.closed_at, case.reopened, case.rating) == ("open", None, 1, None)
    assert lists(case) == {"paul": ["handle"]}

    case = handle_and_close(case)
    actions.rate(case.pk, stars=5, actor=persona("grace"))
    case = story.fresh(case)
    _history_is_told(case)
    _facts_count_up(case)
    _figures_follow(case)


def _history_is_told(case: cases.CaseRow) -> None:
    steps = ["task.done", "task.opened"]
    handled = ["attachment.added", *steps]
    closed = ["task.done", "case.closed", "case.rated"]
    # Within one action the engine settles before the case says what became of it.
    expected = {
        "case.opened": 1, "case.routed": 1, "case.sent_back": 1, "case.closed": 2,
        "case.rated": 2, "case.reopened": 1, "attachment.added": 3, "task.opened": 6,
        "task.done": 6,
    }  # fmt: skip
    told = story.verbs(case)
    assert {verb: told.count(verb) for verb in told} == expected
    assert told[:3] == ["case.opened", "case.routed", "task.opened"]
    assert told[3:6] == handled
    assert told[-3:] == closed

    lines = cases.history_of(case)
    assert all(line.words.en and line.words.zh for line in lines)
    said = {(line.words.en, line.note.en) for line in lines}
    assert ("Routed by the decision table", "to Public Works Department") in said
    assert ("Task done", "Handle: Handled. New lamp fitted.") in said
    assert ("Sent back for rework", "Still dark at night.") in said
    assert ("Reopened by the citizen", "Dark again.") in said
    assert ("Rated", "5 of 5") in said
    assert "处置：处置完成。New lamp fitted." in {line.note.zh for line in lines}
    assert [line.at for line in lines] == sorted(line.at for line in lines)
    by = {line.verb: line.actor_name for line in lines}
    assert by["task.done"] == "Cheng Wei"
    assert by["case.opened"] == by["case.rated"] == "", "the journal names no citizen"

    public = cases.history_of(case, public=True)
    assert {line.verb for line in public} == {verb for verb in told if verb.startswith("case.")}


def _facts_count_up(case: cases.CaseRow) -> None:
    facts = story.facts(case)
    assert [fact["seq"] for fact in facts] == list(range(1, len(facts) + 1))
    assert len(facts) == case.seq
    last = facts[-1]
    assert (last["rework"], last["reopened"], last["rating"]) == (1, 1, 5)
    assert last["organisation"] == "public-works-department"
    assert last["area"] == "boston-downtown"
    for secret in ("lamp before number 12", "City Hall Square", "Quick."):
        assert all(secret not in entry.payload for entry in journal.entries_of(case.subject))


def _figures_follow(case: cases.CaseRow) -> None:
    city.seal_and_export()
    verified = journal.verify()
    assert (verified.ok, verified.unsealed) == (True, 0)
    assert all(line.segment for line in cases.history_of(case))

    day = case.opened_at.astimezone(ZoneInfo("America/New_York")).date()
    names = ("cases", "on_time", "rework_rate", "reopened_rate", "mean_rating")
    scope = Scope("boston", day, day + timedelta(days=1))
    table = performance.indicators(scope, Grouping.ORGANISATION, names)
    own = table.group("public-works-department")
    assert [own[name].value for name in names] == [1, 1, 1, 1, 5]
    assert [table.total[name].value for name in names] == [1, 1, 1, 1, 5]
    page = performance.cases_behind(scope, "on_time")
    assert [row.number for row in page.rows] == [case.number]
    before = Scope("boston", date(2015, 1, 1), day)
    assert performance.indicators(before).total["cases"].value == 0


# -- routed and refused


def test_the_category_says_whose_it_is_and_the_area_which_unit(boston_db: None) -> None:
    light = report()
    assert story.whose(light) == ("public-works-department", "pwdx-street-light-outages")
    assert light.deadline == "P10BD"
    dora = persona("dora")
    brighton, beacon = (
        report(dora, category="ce-collection", place=Place(address="x", area=area))
        for area in ("boston-brighton", "boston-beacon-hill")
    )
    assert story.whose(brighton)[1] == "pwdx-district-04-allston-brighton"
    assert story.whose(beacon)[1] == "pwdx-district-1c-downtown"
    routed = next(e for e in journal.entries_of(beacon.subject) if e.kind == "case.routed").data()
    assert routed["inputs"] == {"category": "ce-collection", "area": "boston-beacon-hill"}
    line = ROOT / "packs/boston/procedures/service-request/routing.csv"
    (number,) = routed["rules"]
    assert line.read_text().splitlines()[number - 1].startswith("ce-collection,boston-beacon-hill,")


@pytest.mark.parametrize("who", [one for one in EVERYBODY if one != "paul"])
def test_nobody_else_may_handle(boston_db: None, who: str) -> None:
    case = report()
    before = story.verbs(case)
    with pytest.raises(NotAllowed):
        finish(case, HANDLED, who)
    with pytest.raises(NotAllowed):
        actions.claim_task(story.waiting(case).pk, actor=persona(who))
    assert story.verbs(case) == before
    assert not cases.attachments_of(case)


@pytest.mark.parametrize(
    ("how", "field"),
    [
        (Completion("done", uploads=HANDLED.uploads), "note"),
        (Completion("done", note="  ", uploads=HANDLED.uploads), "note"),
        (Completion("done", note="New lamp fitted."), "photo"),
        (Completion("return"), "note"),
        (Completion("pass"), "outcome"),
        (Completion(""), "outcome"),
    ],
)
def test_what_is_missing_is_named_by_its_field(
    boston_db: None, how: Completion, field: str
) -> None:
    case = report()
    with pytest.raises(CaseError) as refused:
        finish(case, how, "paul")
    assert refused.value.field_name == field
    assert refused.value.words.en
    assert refused.value.words.zh
    assert story.waiting(case).node == "handle"


def test_whoever_handled_cannot_check_it_even_with_both_roles(boston_db: None) -> None:
    both = story.with_role("paul", Role.CHECKER, "office-of-performance")
    case = finish(report(), HANDLED, both)
    assert cases.may_work(story.waiting(case), both)
    with pytest.raises(NotAllowed, match="yourself"):
        finish(case, PASS, both)
    assert finish(case, PASS, "cheng").status == "closed"


def test_independence_lasts_over_rework_by_somebody_else(boston_db: None) -> None:
    case = finish(finish(report(), HANDLED, "paul"), REWORK, "cheng")
    other = story.with_role("ines", Role.HANDLER, "public-works-department")
    case = finish(case, HANDLED, other)
    both = story.with_role("paul", Role.CHECKER, "office-of-performance")
    with pytest.raises(NotAllowed, match="yourself"):
        finish(case, PASS, both)


def test_a_task_is_finished_once(boston_db: None) -> None:
    case = report()
    task = story.waiting(case)
    finish(case, HANDLED, "paul")
    with pytest.raises(Conflict):
        actions.complete_task(task.pk, HANDLED, actor=persona("paul"))


def test_a_task_is_signed_for_by_one(boston_db: None) -> None:
    task = story.waiting(report())
    colleague = story.with_role("ines", Role.HANDLER, "public-works-department")
    actions.claim_task(task.pk, actor=persona("paul"))
    before = story.verbs(task.case)
    actions.claim_task(task.pk, actor=persona("paul"))
    assert story.verbs(task.case) == before
    with pytest.raises(Conflict, match="signed for"):
        actions.claim_task(task.pk, actor=colleague)


def test_a_role_in_one_area_ends_at_its_border(boston_db: None) -> None:
    parks = Place(address="x", area="boston-beacon-hill")
    here, there = (
        report(place=parks),
        report(place=Place(address="x", area="boston-brighton")),
    )
    keeper = story.with_role("henry", Role.HANDLER, "public-works-department", "boston-beacon-hill")
    waiting = cases.work_list(keeper, "boston").filter(case__in=[here, there])
    assert [task.case for task in waiting] == [here]
    assert finish(here, HANDLED, keeper).status == "open"
    with pytest.raises(NotAllowed):
        finish(there, HANDLED, keeper)


# -- not ours: back to the dispatcher and on to another


def test_a_wrong_department_sends_it_back_and_another_gets_it(boston_db: None) -> None:
    case = finish(report(), Completion("return", note="A private lamp."), "paul")
    assert lists(case) == {"dora": ["dispatch"]}
    with pytest.raises(CaseError) as refused:
        finish(case, Completion("send"), "dora")
    assert refused.value.field_name == "organisation"
    with pytest.raises(CaseError) as refused:
        finish(case, Completion("send", organisation="no-such-bureau"), "dora")
    assert refused.value.field_name == "organisation"

    due = case.due_at
    case = finish(case, Completion("send", organisation="inspectional-services"), "dora")
    assert lists(case) == {"ines": ["handle"]}
    assert (story.whose(case), case.due_at) == (("inspectional-services", None), due)
    assert story.facts(case)[-1]["organisation"] == "inspectional-services"
    with pytest.raises(NotAllowed):
        finish(case, HANDLED, "paul")
    case = finish(finish(case, HANDLED, "ines"), PASS, "cheng")
    assert case.status == "closed"


def test_a_category_without_a_rule_goes_to_the_dispatcher(boston_db: None) -> None:
    case = report(category=_category_without_rule())
    assert (case.organisation, case.due_at) == (None, None)
    assert lists(case) == {"dora": ["dispatch"]}
    case = finish(case, Completion("send", organisation="public-works-department"), "dora")
    assert lists(case) == {"paul": ["handle"]}


def _category_without_rule() -> str:
    light = cases.category("boston", city.LIGHT)
    assert light is not None
    light.pk, light.code = None, "brand-new"
    light.save()
    return light.code


# -- after closing


def test_a_rating_is_given_once_per_closing_from_one_to_five(boston_db: None) -> None:
    case = report()
    with pytest.raises(Conflict):
        actions.rate(case.pk, stars=5, actor=persona("grace"))
    case = handle_and_close(case)
    for stars in (0, 6):
        with pytest.raises(CaseError) as refused:
            actions.rate(case.pk, stars=stars, actor=persona("grace"))
        assert refused.value.field_name == "stars"
    actions.rate(case.pk, stars=1, actor=persona("grace"))
    with pytest.raises(Conflict):
        actions.rate(case.pk, stars=5, actor=persona("grace"))
    assert story.fresh(case).rating == 1


def test_reopening_ends_when_its_time_is_over(boston_db: None, clock: Clock) -> None:
    clock.at("2026-06-01T10:00-04:00")
    first, second = handle_and_close(report()), handle_and_close(report())
    clock.at("2026-06-16T10:00-04:00")
    actions.reopen(first.pk, grounds="Dark again.", actor=persona("grace"))
    clock.on(seconds=1)
    with pytest.raises(Conflict, match="time for reopening"):
        actions.reopen(second.pk, grounds="Dark again.", actor=persona("grace"))
    assert story.fresh(second).status == "closed"
    assert story.fresh(first).due_at == first.due_at, "a result that did not hold earns no time"


def test_reopening_wants_grounds_and_a_closed_case(boston_db: None) -> None:
    case = report()
    with pytest.raises(Conflict):
        actions.reopen(case.pk, grounds="Dark again.", actor=persona("grace"))
    with pytest.raises(CaseError) as refused:
        actions.reopen(handle_and_close(case).pk, grounds=" ", actor=persona("grace"))
    assert refused.value.field_name == "grounds"


@pytest.mark.parametrize("who", ["henry", "paul"])
def test_only_the_reporter_rates_and_reopens(boston_db: None, who: str) -> None:
    case = handle_and_close(report())
    with pytest.raises(NotAllowed):
        actions.rate(case.pk, stars=5, actor=persona(who))
    with pytest.raises(NotAllowed):
        actions.reopen(case.pk, grounds="Dark again.", actor=persona(who))
    actions.rate(case.pk, stars=5, key=case.follow_key, actor=persona(who))
