"""Reading stored segments: their seals, and the rows that a verification or a proof needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from citysteward.kernel.journal.types import START, Cursor, Seal

_SEAL_COLUMNS = (
    "number, root, signed_at, last_epoch, last_txid::text::bigint, last_id, entries, total,"
    " header_hash"
)
_ROW_COLUMNS = (
    f"{_SEAL_COLUMNS}, first_epoch, first_txid::text::bigint, first_id, header, signature,"
    " public_key, hashes, ids"
)


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """A segment as the database has it, which a verification does not believe."""

    seal: Seal
    first: Cursor
    header: bytes
    signature: bytes
    public_key: bytes
    hashes: bytes
    ids: bytes


def last_seal(number: int | None = None) -> Seal | None:
    """The latest seal, or the one of that number."""
    where, values = ("", []) if number is None else ("WHERE number = %s", [number])
    rows = _rows(_SEAL_COLUMNS, f"{where} ORDER BY number DESC LIMIT 1", values)
    return _seal(rows[0]) if rows else None


def seals(after: int, limit: int | None = None) -> list[Seal]:
    """The seals that come after that number, in their order."""
    rows = _rows(_SEAL_COLUMNS, "WHERE number > %s ORDER BY number LIMIT %s", [after, limit])
    return [_seal(row) for row in rows]


def row(number: int) -> SegmentRow | None:
    """The whole row of a segment, or None."""
    rows = _rows(_ROW_COLUMNS, "WHERE number = %s", [number])
    if not rows:
        return None
    epoch, txid, entry_id, *blobs = rows[0][9:]
    header, signature, public_key, hashes, ids = map(bytes, blobs)
    return SegmentRow(
        seal=_seal(rows[0]),
        first=Cursor(epoch, txid, entry_id),
        header=header,
        signature=signature,
        public_key=public_key,
        hashes=hashes,
        ids=ids,
    )


def end_of(number: int) -> Cursor:
    """The cursor where that segment ends; START for segment 0, before the first one."""
    seal = last_seal(number) if number else None
    return seal.last_cursor if seal else START


def _rows(columns: str, rest: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM public.journal_segment {rest}", values)  # noqa: S608
        return list(cursor.fetchall())


def _seal(values: Sequence[Any]) -> Seal:
    number, root, signed_at, epoch, txid, entry_id, count, total, header_hash = values[:9]
    return Seal(
        number=number,
        root_hex=bytes(root).hex(),
        signed_at=signed_at,
        last_cursor=Cursor(epoch, txid, entry_id),
        entries=count,
        total=total,
        header_hash_hex=bytes(header_hash).hex(),
    )
