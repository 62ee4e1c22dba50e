"""How cases stood at a moment: the same by Ibis and by plain Python, for any history of facts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import ibis
from hypothesis import given, settings
from hypothesis import strategies as st

from citysteward.kernel.journal import registry as journal
from citysteward.performance.facts import SCHEMA, standing
from citysteward.performance.types import Moment, Selection
from tests.performance import boston

START = datetime(2015, 1, 1, tzinfo=UTC)
YEAR = Selection("boston", START, START + timedelta(days=365))
DAYS = st.integers(0, 30)


def test_the_lake_holds_every_column_that_indicators_read() -> None:
    held = journal.dataset("case_facts").schema
    for field in SCHEMA:
        assert held.field(field.name).type == field.type


@st.composite
def histories(draw: st.DrawFn) -> list[dict[str, Any]]:
    """The facts of a few cases, in any order of occurrence and of sealing."""
    base = boston.facts().slice(0, 1).to_pylist()[0]
    rows = []
    for case in range(draw(st.integers(1, 3))):
        opened = START + timedelta(days=draw(DAYS))
        due = draw(st.none() | DAYS.map(lambda days: START + timedelta(days=days)))
        for seq in range(1, draw(st.integers(1, 4)) + 1):
            closed = draw(st.none() | DAYS.map(lambda days: START + timedelta(days=days)))
            rows.append(
                {
                    **base,
                    "case_id": f"case-{case}",
                    "seq": seq,
                    "segment": draw(st.integers(1, 4)),
                    "occurred_at": START + timedelta(days=draw(DAYS)),
                    "opened_at": opened,
                    "due_at": due,
                    "closed_at": closed,
                    "suspended": draw(st.booleans()),
                }
            )
    return rows


def plainly(rows: list[dict[str, Any]], moment: Moment) -> dict[str, str]:
    latest: dict[str, dict[str, Any]] = {}
    for row in rows:
        known = row["occurred_at"] <= moment.as_of
        sealed = moment.seal is None or row["segment"] <= moment.seal
        if known and sealed and row["seq"] > latest.get(row["case_id"], {"seq": 0})["seq"]:
            latest[row["case_id"]] = row
    return {case: judged(row, moment.as_of) for case, row in latest.items()}


def judged(row: dict[str, Any], as_of: datetime) -> str:
    if row["suspended"]:
        return "suspended"
    if row["due_at"] is None:
        return "no_target"
    if row["closed_at"] is not None:
        return "on_time" if row["closed_at"] <= row["due_at"] else "overdue"
    return "on_time" if row["due_at"] > as_of else "overdue"


@settings(max_examples=40, deadline=None)
@given(rows=histories(), day=DAYS, seal=st.none() | st.integers(0, 4))
def test_any_history_at_any_moment_and_seal(
    rows: list[dict[str, Any]], day: int, seal: int | None
) -> None:
    moment = Moment(START + timedelta(days=day), seal)
    cases = standing(ibis.memtable(boston.table(rows)), YEAR, moment).to_pyarrow().to_pylist()
    assert {case["case_id"]: case["verdict"] for case in cases} == plainly(rows, moment)
