"""Our verdict on every deadline of half a year beside the city's own, through the real lake."""

from collections import Counter
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from citysteward.kernel.cases import queries as cases
from citysteward.kernel.journal import queries as journal
from citysteward.kernel.parties import queries as parties
from citysteward.performance import queries as performance
from citysteward.performance.types import Grouping, Scope
from tests import city
from tests.databases import FreshDatabase
from tests.stories import boston as story

HALF_YEAR = Scope("boston", date(2015, 1, 1), date(2015, 7, 1), as_of=city.SNAPSHOT)
EASTERN = ZoneInfo("America/New_York")


@pytest.mark.slow
def test_every_verdict_is_the_citys_own(boston_full: FreshDatabase) -> None:
    compared = performance.compare_verdicts(HALF_YEAR)
    assert (compared.compared, compared.equal, compared.different) == (43_490, 43_490, ())
    assert (compared.no_target, compared.suspended) == (14_527, 102)
    assert compared.without_reference == 0
    assert compared.compared + compared.no_target + compared.suspended == 58_119
    _departments_add_up()
    _weeks_add_up()
    _the_past_is_what_was_known_then()
    _work_of_today_changes_no_old_figure()
    assert journal.verify().ok


def _departments_add_up() -> None:
    """The figures by department are the counts of the city's column, nothing between."""
    rows = pl.read_parquet(city.FILE)
    judged = rows.filter(pl.col("target_dt").is_not_null() & pl.col("on_time_status").is_not_null())
    city_says = Counter(zip(judged["subject"], judged["on_time_status"], strict=True))
    names = ("cases", "on_time", "overdue", "suspended", "no_target")
    table = performance.indicators(HALF_YEAR, Grouping.ORGANISATION, names)
    aliases = _aliases()
    we_say: Counter[tuple[str, str]] = Counter()
    for group in table:
        we_say[aliases[group.key], "ONTIME"] += group["on_time"].numerator
        we_say[aliases[group.key], "OVERDUE"] += group["overdue"].numerator
    assert +we_say == city_says
    totals = [table.total[name].value for name in names]
    on_time = sum(number for (_, verdict), number in city_says.items() if verdict == "ONTIME")
    assert totals == [58_119, on_time, 43_490 - on_time, 102, 14_527]


def _aliases() -> dict[str, str]:
    return {one.code: one.aliases[0] for one in parties.organisations("boston") if one.aliases}


def _weeks_add_up() -> None:
    """Local weeks, over the change of the clock."""
    rows = pl.read_parquet(city.FILE)
    weeks = Counter(f"{opened:%G-W%V}" for opened in rows["open_dt"])
    table = performance.indicators(HALF_YEAR, Grouping.WEEK, ("cases",))
    assert {group.key: group["cases"].numerator for group in table} == dict(weeks)


def _the_past_is_what_was_known_then() -> None:
    """As of a day in between: what had been closed by then, counted from the file."""
    then = datetime(2015, 4, 1, tzinfo=EASTERN)
    rows = pl.read_parquet(city.FILE)
    known = [
        (row["open_dt"], row["closed_dt"])
        for row in rows.iter_rows(named=True)
        if _instant(row["open_dt"]) <= then
    ]
    closed = sum(at is not None and _instant(at) <= then for _, at in known)
    scope = Scope("boston", date(2015, 1, 1), date(2015, 4, 1), as_of=then)
    total = performance.indicators(scope, names=("cases", "open")).total
    in_period = [one for one in known if one[0].date() < date(2015, 4, 1)]
    assert total["cases"].numerator == len(in_period)
    assert total["open"].numerator == len(in_period) - closed


def _work_of_today_changes_no_old_figure() -> None:
    """An imported case is closed now: the half-year as of its snapshot stays, to the case."""
    before = performance.indicators(HALF_YEAR, Grouping.ORGANISATION)
    task = cases.work_list(story.persona("paul"), "boston")[0]
    assert story.handle_and_close(task.case).status == "closed"
    city.seal_and_export()
    after = performance.indicators(HALF_YEAR, Grouping.ORGANISATION)
    assert after.moment.seal != before.moment.seal
    assert (after.groups, after.total) == (before.groups, before.total)
    today = Scope("boston", HALF_YEAR.start, HALF_YEAR.end, as_of=datetime.now(UTC))
    counts = [
        performance.indicators(one, names=("open",)).total["open"].numerator
        for one in (HALF_YEAR, today)
    ]
    assert counts == [8_993, 8_992]


def _instant(local: datetime) -> datetime:
    return local.replace(tzinfo=EASTERN, fold=0).astimezone(UTC)
