"""The case facts of Boston's register of January to June 2015, built here row by row.

Independent of the importer on purpose: the tests compare two roads to the same figures.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pyarrow as pa

from citysteward.performance.facts import SCHEMA

ZONE = ZoneInfo("America/New_York")
FILE = Path(__file__).parents[2] / "packs/boston/data/boston_311_2015_h1.parquet"


def instant(local: datetime) -> datetime:
    """A local time of Boston as an instant: the first of two ambiguous ones."""
    return local.replace(tzinfo=ZONE, fold=0).astimezone(UTC)


OBSERVED = datetime(2016, 1, 13, 5, tzinfo=UTC)
"""Midnight of 13 January 2016 in Boston: when the register was copied."""


@cache
def register() -> tuple[dict[str, Any], ...]:
    """The rows of the city's file with their times as instants."""
    times = ("open_dt", "target_dt", "closed_dt")
    return tuple(
        {**row, **{name: row[name] and instant(row[name]) for name in times}}
        for row in pl.read_parquet(FILE).iter_rows(named=True)
    )


def _facts_of(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    opened = {
        "case_id": f"case-{row['case_enquiry_id']}",
        "seq": 1,
        "segment": 1,
        "occurred_at": row["open_dt"],
        "kind": "opened",
        "number": str(row["case_enquiry_id"]),
        "city": "boston",
        "procedure": "grid",
        "category": row["type"],
        "channel": row["source"],
        "organisation": row["subject"],
        "unit": row["queue"],
        "area": row["neighborhood"] or "",
        "opened_at": row["open_dt"],
        "due_at": row["target_dt"],
        "closed_at": None,
        "suspended": False,
        "reopened": 0,
        "rework": 0,
        "escalated": False,
        "rating": None,
        "reference_verdict": row["on_time_status"],
        "longitude": row["longitude"],
        "latitude": row["latitude"],
    }
    yield opened
    latest = opened
    if row["closed_dt"]:
        latest = {
            **latest,
            "seq": 2,
            "kind": "closed",
            "occurred_at": row["closed_dt"],
            "closed_at": row["closed_dt"],
        }
        yield latest
    if row["on_time_status"] is None:
        yield {
            **latest,
            "seq": latest["seq"] + 1,
            "kind": "suspended",
            "occurred_at": OBSERVED,
            "suspended": True,
        }


def table(rows: list[dict[str, Any]]) -> pa.Table:
    """Fact rows as the lake keeps them, numbered as journal entries."""
    numbered = [{**row, "entry_id": number} for number, row in enumerate(rows, start=1)]
    return pa.Table.from_pylist(numbered, schema=SCHEMA)


@cache
def facts() -> pa.Table:
    """Every fact of the register."""
    return table([fact for row in register() for fact in _facts_of(row)])
