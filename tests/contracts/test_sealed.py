"""The whole way on real input: the city's file, its journal, seals, the lake, the payment."""

import json

import pytest

from citysteward.contracts import actions, queries
from citysteward.kernel.journal import queries as journal
from citysteward.lib.dates import Period
from citysteward.performance import queries as performance
from citysteward.performance.types import Scope
from tests import city
from tests.contracts import boston
from tests.databases import FreshDatabase, OtherProcess

Q1, Q2 = Period.parse("2015Q1"), Period.parse("2015Q2")
HALF_YEAR = Period.parse("2015-H1")

pytestmark = pytest.mark.slow


def test_frozen_on_the_real_seal_and_the_same_after_more_has_happened(
    boston_full: FreshDatabase,
) -> None:
    first = actions.appraise("boston-311", Q1, actor=boston.TESTER)
    second = actions.appraise("boston-311", Q2, actor=boston.TESTER)
    assert (str(first.due), str(second.due)) == ("9840000.00", "11425662.28")
    sealed = journal.seal(first.seal_number)
    assert sealed is not None
    assert sealed.root_hex == first.seal_root
    assert queries.recompute(first).holds

    city.close(city.report("grace"))
    city.seal_and_export()
    head = journal.head()
    assert head is not None
    assert head.number > first.seal_number
    for frozen in (first, second):
        outcome = queries.recompute(frozen)
        assert outcome.holds
        assert outcome.sha256 == frozen.sha256
    # What happened today is counted today, and in no old quarter.
    assert queries.preview("boston-311", Q1).scored.payment.due == first.due
    month = performance.present_month("boston")
    today = performance.indicators(Scope("boston", month.start, month.end))
    assert (today.total["cases"].cases, today.total["on_time"].cases) == (1, 1)


def test_all_verdicts_of_the_imported_cases_equal_the_citys_own(
    boston_full: FreshDatabase,
) -> None:
    found = performance.compare_verdicts(Scope("boston", HALF_YEAR.start, HALF_YEAR.end))
    assert found.compared == found.equal == 43_490
    assert (found.no_target, found.suspended, found.without_reference) == (14_527, 102, 0)
    assert found.different == ()


def test_the_command_gives_the_contracts_numbers(
    boston_full: FreshDatabase, other_process: OtherProcess
) -> None:
    done = other_process("appraise", "boston-311", "--period", "2015Q2", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["cases"], report["on_time"], report["overdue"]) == (31_331, 17_502, 7_903)
    assert report["due"] == 11_425_662.28
    done = other_process(
        "indicators", "--pack", "boston", "--from", "2015-01-01", "--to", "2015-07-01",
        "--by", "organisation", "--json",
    )  # fmt: skip
    groups = json.loads(done.stdout)["groups"]
    assert len(groups) == 16
    assert sum(group["cases"] for group in groups) == 58_119
