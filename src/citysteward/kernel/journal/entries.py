"""Reading stored entries in commit order, streamed."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection

from citysteward.kernel.journal.types import Cursor, EntryView

COLUMNS = (
    "e.id, e.epoch, e.txid::text::bigint, e.recorded_at, e.occurred_at, e.kind, e.version,"
    " e.actor, e.actor_name, e.subject, e.payload"
)
# What no transaction that still runs can come before. Entries of an earlier cluster are all
# settled: their numbers say nothing here.
SETTLED = (
    "(e.epoch < public.journal_current_epoch() OR e.txid < pg_snapshot_xmin(pg_current_snapshot()))"
)
# The names are qualified: a bare txid would be the text alias of the select list.
COMMIT_ORDER = "e.epoch, e.txid, e.id"
# The segment that covers an entry, if any.
SEGMENT = (
    "(SELECT s.number FROM public.journal_segment s"
    " WHERE (s.last_epoch, s.last_txid, s.last_id) >= (e.epoch, e.txid, e.id)"
    " ORDER BY s.last_epoch, s.last_txid, s.last_id LIMIT 1)"
)
AFTER = "(e.epoch, e.txid, e.id) > (%s::smallint, %s::text::xid8, %s::bigint)"
UP_TO = "(e.epoch, e.txid, e.id) <= (%s::smallint, %s::text::xid8, %s::bigint)"
_FETCH_ROWS = 5_000


def cursor_values(cursor: Cursor) -> list[Any]:
    """A cursor as the three parameters of AFTER or UP_TO."""
    return [cursor.epoch, str(cursor.txid), cursor.id]


def stream_settled(after: Cursor, limit: int) -> Iterator[EntryView]:
    """At most `limit` entries after a cursor that no running transaction can precede."""
    sql = f"SELECT {COLUMNS} FROM public.journal_entry e WHERE {AFTER} AND {SETTLED}"  # noqa: S608 (constants)
    order = f" ORDER BY {COMMIT_ORDER} LIMIT %s"
    yield from _stream(sql + order, [*cursor_values(after), limit], None)


def stream_between(
    after: Cursor, last: Cursor, segment: int, kinds: Sequence[str] | None = None
) -> Iterator[EntryView]:
    """The entries after one cursor and up to another, marked as of `segment`."""
    sql = f"SELECT {COLUMNS} FROM public.journal_entry e WHERE {AFTER} AND {UP_TO}"  # noqa: S608
    values = [*cursor_values(after), *cursor_values(last)]
    if kinds is not None:
        sql += " AND e.kind = ANY(%s)"
        values.append(list(kinds))
    yield from _stream(f"{sql} ORDER BY {COMMIT_ORDER}", values, segment)


def _stream(sql: str, values: list[Any], segment: int | None) -> Iterator[EntryView]:
    """Rows through a cursor of the server, so that memory stays flat; in a transaction."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, values)
        while rows := cursor.fetchmany(_FETCH_ROWS):
            for row in rows:
                yield EntryView(*(*row, segment))


def from_row(row: Sequence[Any]) -> EntryView:
    """An entry from a row of COLUMNS, with or without its segment."""
    return EntryView(*row)
