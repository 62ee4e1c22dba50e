"""Every read of the journal that other contexts need."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.db import connection

from citysteward.kernel.journal import entries, lake, proofs
from citysteward.kernel.journal.keys import trusted as trusted_keys
from citysteward.kernel.journal.proofs import check_proof
from citysteward.kernel.journal.segments import last_seal
from citysteward.kernel.journal.types import (
    Cursor,
    EntryView,
    InclusionProof,
    LakeState,
    OldestWriter,
    Seal,
)
from citysteward.kernel.journal.verification import verify

__all__ = [
    "check_proof",
    "entries_of",
    "entry",
    "head",
    "lake_files",
    "lake_report",
    "latest",
    "oldest_writer",
    "proof",
    "seal",
    "settled_after",
    "trusted_keys",
    "verify",
]

_SELECT = f"SELECT {entries.COLUMNS}, {entries.SEGMENT} FROM public.journal_entry e"  # noqa: S608


def entries_of(subject: str, *, limit: int = 1_000, before: int | None = None) -> list[EntryView]:
    """The latest `limit` entries about a subject (older than id `before`), oldest first."""
    where, values = "e.subject = %s", [subject, limit]
    if before is not None:
        where, values = f"{where} AND e.id < %s", [subject, before, limit]
    return _entries(f"WHERE {where} ORDER BY e.id DESC LIMIT %s", values)[::-1]


def entry(entry_id: int) -> EntryView | None:
    """The entry of that id, or None."""
    found = _entries("WHERE e.id = %s", [entry_id])
    return found[0] if found else None


def latest(
    *, limit: int = 50, before: int | None = None, kinds: Sequence[str] | None = None
) -> list[EntryView]:
    """The latest entries of all (older than id `before`, of those kinds), newest first."""
    conditions: list[str] = ["true"]
    values: list[Any] = []
    if before is not None:
        conditions.append("e.id < %s")
        values.append(before)
    if kinds is not None:
        conditions.append("e.kind = ANY(%s)")
        values.append(list(kinds))
    where = " AND ".join(conditions)
    return _entries(f"WHERE {where} ORDER BY e.id DESC LIMIT %s", [*values, limit])


def settled_after(
    cursor: Cursor, *, kinds: Sequence[str] | None = None, limit: int = 1_000
) -> list[EntryView]:
    """What a reader with a cursor of its own has not seen yet, in commit order.

    Keep the last entry's `cursor` in the transaction that acts on the entries: then nothing is
    skipped, however late a transaction commits, and nothing is read twice.
    """
    where, values = f"{entries.AFTER} AND {entries.SETTLED}", entries.cursor_values(cursor)
    if kinds is not None:
        where, values = f"{where} AND e.kind = ANY(%s)", [*values, list(kinds)]
    return _entries(f"WHERE {where} ORDER BY {entries.COMMIT_ORDER} LIMIT %s", [*values, limit])


def head() -> Seal | None:
    """The latest seal; None before the first one."""
    return last_seal()


def seal(number: int) -> Seal | None:
    """The seal of that number, or None."""
    return last_seal(number)


def proof(entry_id: int) -> InclusionProof:
    """The inclusion proof of a sealed entry; LookupError if there is none of that id.

    JournalError if the entry is not sealed yet, or is not what was sealed.
    """
    found = entry(entry_id)
    if found is None:
        raise LookupError(f"there is no entry {entry_id}")
    return proofs.prove(found)


def lake_files(dataset: str, upto_segment: int | None = None) -> list[Path]:
    """The dataset's Parquet files with rows of segments up to that one, in their order.

    The last may hold later segments too: filter rows by `segment`. LakeBehind if the lake does
    not reach so far.
    """
    return [file.path for file in lake.files(dataset, upto_segment)]


def lake_report() -> list[LakeState]:
    """How far each dataset is exported."""
    return lake.states()


def oldest_writer() -> OldestWriter | None:
    """The open transaction that holds sealing back, of all databases of the server.

    What it may see of other roles' sessions the server decides; the number is always true.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid, coalesce(application_name, ''), coalesce(state, ''),"
            " extract(epoch FROM clock_timestamp() - xact_start)::float8, backend_xid::text"
            " FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()"
            " ORDER BY age(backend_xid) DESC LIMIT 1"
        )
        row = cursor.fetchone()
    if row is None:
        return None
    pid, application, state, age_seconds, txid = row
    return OldestWriter(pid, application, state, age_seconds or 0.0, int(txid))


def _entries(rest: str, values: Sequence[Any]) -> list[EntryView]:
    with connection.cursor() as cursor:
        cursor.execute(f"{_SELECT} {rest}", values)
        return [entries.from_row(row) for row in cursor.fetchall()]
