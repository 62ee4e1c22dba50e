"""The lake's `case_facts`: what the sealed journal says of each case, one row per change."""

from collections.abc import Sequence

import pyarrow as pa

from citysteward.kernel.cases.events import FACT_VERBS
from citysteward.kernel.cases.models import Case
from citysteward.kernel.cases.types import Fact
from citysteward.kernel.journal.registry import Dataset
from citysteward.kernel.journal.types import EntryView

_INSTANT = pa.timestamp("us", tz="UTC")

SCHEMA = pa.schema(
    [
        ("case_id", pa.string()),
        ("seq", pa.int32()),
        ("segment", pa.int64()),
        ("entry_id", pa.int64()),
        ("occurred_at", _INSTANT),
        ("kind", pa.string()),
        ("number", pa.string()),
        ("city", pa.string()),
        ("procedure", pa.string()),
        ("category", pa.string()),
        ("channel", pa.string()),
        ("organisation", pa.string()),
        ("unit", pa.string()),
        ("area", pa.string()),
        ("opened_at", _INSTANT),
        ("due_at", _INSTANT),
        ("closed_at", _INSTANT),
        ("suspended", pa.bool_()),
        ("reopened", pa.int32()),
        ("rework", pa.int32()),
        ("escalated", pa.bool_()),
        ("rating", pa.int8()),
        ("reference_verdict", pa.string()),
        ("longitude", pa.float64()),
        ("latitude", pa.float64()),
    ]
)


def fact_of(case: Case) -> Fact:
    """The next fact of a case, from its columns as they are now; `seq` must already be raised."""
    return Fact(
        case_id=case.id,
        seq=case.seq,
        number=case.number,
        city=case.city,
        procedure=case.procedure.code,
        category=case.category.code,
        channel=case.channel,
        organisation=case.organisation.code if case.organisation else "",
        unit=case.unit.code if case.unit else "",
        area=case.area.code if case.area else "",
        opened_at=case.opened_at,
        due_at=case.due_at,
        closed_at=case.closed_at,
        suspended=case.suspended_at is not None,
        reopened=case.reopened,
        rework=case.rework,
        escalated=case.escalated_at is not None,
        rating=case.rating,
        reference_verdict=case.reference_verdict,
        longitude=case.longitude,
        latitude=case.latitude,
    )


def _row(entry: EntryView) -> dict[str, object]:
    fact = Fact.model_validate(entry.data()["fact"])
    row = fact.model_dump()
    row["case_id"] = str(fact.case_id)
    return row | {
        "segment": entry.segment,
        "entry_id": entry.id,
        "occurred_at": entry.occurred_at,
        "kind": entry.kind,
    }


def project(entries: Sequence[EntryView]) -> pa.Table:
    """The facts that a stretch of sealed entries states, in the lake's columns."""
    return pa.Table.from_pylist([_row(entry) for entry in entries], schema=SCHEMA)


CASE_FACTS = Dataset(
    name="case_facts",
    verbs=frozenset(verb.name for verb in FACT_VERBS),
    schema=SCHEMA,
    project=project,
)
