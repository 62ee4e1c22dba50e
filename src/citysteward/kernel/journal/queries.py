"""Every read of the journal that other contexts need."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from citysteward.kernel.journal import entries
from citysteward.kernel.journal.sealing import last_seal
from citysteward.kernel.journal.types import Cursor, EntryView, Seal

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


def _entries(rest: str, values: Sequence[Any]) -> list[EntryView]:
    with connection.cursor() as cursor:
        cursor.execute(f"{_SELECT} {rest}", values)
        return [entries.from_row(row) for row in cursor.fetchall()]
