"""How cases stood at a moment: the latest known fact of each, and our verdict on its deadline.

Everything here is an Ibis expression over `case_facts`, one row per change of a case. It holds
to what DuckDB and Spark compute alike: integers, comparisons, window ranks; no floats.
"""

from collections.abc import Iterable, Mapping
from typing import cast

import ibis
import pyarrow as pa
from ibis.expr.types import StringValue, Table

from citysteward.performance.types import (
    Bucket,
    Grouping,
    Moment,
    Selection,
    UnknownGroupingError,
)

_INSTANT = pa.timestamp("us", tz="UTC")

SCHEMA = pa.schema(
    [
        pa.field("case_id", pa.string(), nullable=False),
        pa.field("seq", pa.int32(), nullable=False),
        pa.field("segment", pa.int64(), nullable=False),
        pa.field("entry_id", pa.int64(), nullable=False),
        pa.field("occurred_at", _INSTANT, nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("number", pa.string(), nullable=False),
        pa.field("city", pa.string(), nullable=False),
        pa.field("procedure", pa.string(), nullable=False),
        pa.field("category", pa.string(), nullable=False),
        pa.field("channel", pa.string(), nullable=False),
        pa.field("organisation", pa.string(), nullable=False),
        pa.field("unit", pa.string(), nullable=False),
        pa.field("area", pa.string(), nullable=False),
        pa.field("opened_at", _INSTANT, nullable=False),
        pa.field("due_at", _INSTANT),
        pa.field("closed_at", _INSTANT),
        pa.field("suspended", pa.bool_(), nullable=False),
        pa.field("reopened", pa.int32(), nullable=False),
        pa.field("rework", pa.int32(), nullable=False),
        pa.field("escalated", pa.bool_(), nullable=False),
        pa.field("rating", pa.int8()),
        pa.field("reference_verdict", pa.string()),
        pa.field("longitude", pa.float64()),
        pa.field("latitude", pa.float64()),
    ]
)
"""The columns of the dataset `case_facts` that indicators may read."""

ON_TIME, OVERDUE, SUSPENDED, NO_TARGET = "on_time", "overdue", "suspended", "no_target"

FILTERS = frozenset({"organisation", "unit", "area", "category", "procedure", "channel"})
"""Columns that a selection may filter by."""


def standing(facts: Table, selection: Selection, moment: Moment) -> Table:
    """One row per case of `selection` as it stood at `moment`, with `verdict` and `elapsed_us`.

    A case exists once any of its facts does; the fact with the highest `seq` tells how it stood.
    City and time of opening never change within a case, so they narrow the facts before the
    latest is sought; what may change (organisation, area…) is matched on the latest only.
    """
    known = facts.filter(
        facts.city == selection.city,
        facts.opened_at >= ibis.literal(selection.start),
        facts.opened_at < ibis.literal(selection.end),
        facts.occurred_at <= ibis.literal(moment.as_of),
    )
    if moment.seal is not None:
        known = known.filter(known.segment <= moment.seal)
    newest_first = ibis.window(
        group_by=known.case_id, order_by=[known.seq.desc(), known.entry_id.desc()]
    )
    latest = known.mutate(age=ibis.row_number().over(newest_first))
    latest = latest.filter(latest.age == 0).drop("age")
    return _matching(_judged(latest, moment), selection.filters)


def _judged(cases: Table, moment: Moment) -> Table:
    """Add the verdict (each case has exactly one) and the elapsed microseconds to closing.

    A case that closed before it opened keeps its negative time: the figures show the register
    as it is, and the case is listed as a finding elsewhere.
    """
    closed_in_time = cases.closed_at.notnull() & (cases.closed_at <= cases.due_at)
    still_in_time = cases.closed_at.isnull() & (cases.due_at > ibis.literal(moment.as_of))
    return cases.mutate(
        verdict=ibis.cases(
            (cases.suspended, SUSPENDED),
            (cases.due_at.isnull(), NO_TARGET),
            (closed_in_time | still_in_time, ON_TIME),
            else_=OVERDUE,
        ),
        elapsed_us=cases.closed_at.delta(cases.opened_at, unit="microsecond"),
    )


def _matching(cases: Table, filters: Mapping[str, frozenset[str]]) -> Table:
    for column, accepted in sorted(filters.items()):
        if column not in FILTERS:
            raise UnknownGroupingError(
                f"Cannot filter by {column!r}; filter by one of {', '.join(sorted(FILTERS))}."
            )
        cases = cases.filter(cast(StringValue, cases[column]).isin(sorted(accepted)))
    return cases


def grouped(
    cases: Table,
    by: Grouping,
    buckets: Iterable[Bucket] = (),
    rollup: Mapping[str, str] | None = None,
) -> Table:
    """Add the column `group_key`.

    Time groupings take the `buckets` (local weeks, months… as instants, so that no engine has to
    know time zones); a grouping by area may take `rollup`, from each area's code to that of the
    area to count it under (areas it does not name count as unknown).
    """
    if by is Grouping.NONE:
        return cases.mutate(group_key=ibis.literal(""))
    if by.is_time:
        return _in_buckets(cases, buckets)
    if by is Grouping.AREA and rollup is not None:
        return _rolled_up(cases, rollup)
    return cases.mutate(group_key=cases[by.value])


def _in_buckets(cases: Table, buckets: Iterable[Bucket]) -> Table:
    rows = list(buckets)
    stretches = ibis.memtable(
        pa.table(
            {
                "group_key": pa.array([bucket.key for bucket in rows], pa.string()),
                "bucket_start": pa.array([bucket.start for bucket in rows], _INSTANT),
                "bucket_end": pa.array([bucket.end for bucket in rows], _INSTANT),
            }
        )
    )
    return cases.join(
        stretches,
        [cases.opened_at >= stretches.bucket_start, cases.opened_at < stretches.bucket_end],
    ).drop("bucket_start", "bucket_end")


def _rolled_up(cases: Table, rollup: Mapping[str, str]) -> Table:
    pairs = sorted(rollup.items())
    under = ibis.memtable(
        pa.table(
            {
                "area_below": pa.array([below for below, _ in pairs], pa.string()),
                "group_above": pa.array([above for _, above in pairs], pa.string()),
            }
        )
    )
    joined = cases.left_join(under, cases.area == under.area_below)
    return joined.mutate(group_key=ibis.coalesce(joined.group_above, ibis.literal(""))).drop(
        "area_below", "group_above"
    )
