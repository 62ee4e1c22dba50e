"""Local dates as instants, and the buckets of local time."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citysteward.lib.dates import midnight
from citysteward.performance.rules import buckets, instant
from citysteward.performance.types import Grouping

ZONES = [ZoneInfo(name) for name in ("America/New_York", "Asia/Shanghai", "UTC")]
TIMES = [Grouping.DAY, Grouping.WEEK, Grouping.MONTH, Grouping.QUARTER]
DAYS = st.dates(date(2010, 1, 1), date(2030, 12, 31))


def test_a_local_time_is_read_in_the_citys_zone_unless_it_names_its_own() -> None:
    expected = datetime(2016, 1, 13, 5, tzinfo=UTC)
    assert instant(datetime(2016, 1, 13), ZONES[0]) == expected  # noqa: DTZ001 - a local time
    assert instant(expected, ZONES[1]) == expected


@pytest.mark.parametrize(
    ("by", "keys"),
    [
        (Grouping.WEEK, ["2014-W52", "2015-W01"]),
        (Grouping.MONTH, ["2014-12", "2015-01"]),
        (Grouping.QUARTER, ["2014Q4", "2015Q1"]),
        (Grouping.DAY, ["2014-12-28", "2014-12-29"]),
    ],
)
def test_buckets_carry_the_usual_names(by: Grouping, keys: list[str]) -> None:
    end = {Grouping.DAY: date(2014, 12, 30), Grouping.WEEK: date(2015, 1, 5)}
    found = buckets(date(2014, 12, 28), end.get(by, date(2015, 1, 15)), by, ZONES[0])
    assert [bucket.key for bucket in found] == keys


@given(start=DAYS, days=st.integers(1, 500), by=st.sampled_from(TIMES), zone=st.sampled_from(ZONES))
def test_buckets_cover_the_period_without_gap_or_overlap(
    start: date, days: int, by: Grouping, zone: ZoneInfo
) -> None:
    end = start + timedelta(days=days)
    found = buckets(start, end, by, zone)
    assert found[0].start == midnight(start, zone)
    assert found[-1].end == midnight(end, zone)
    assert all(left.end == right.start for left, right in pairwise(found))
    assert len({bucket.key for bucket in found}) == len(found)


def test_a_grouping_that_is_no_time_has_no_buckets() -> None:
    with pytest.raises(ValueError, match="no stretch of time"):
        buckets(date(2015, 1, 1), date(2015, 2, 1), Grouping.AREA, ZONES[0])
