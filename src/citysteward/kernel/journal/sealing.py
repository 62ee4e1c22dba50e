"""Sealing: what is settled in commit order becomes a signed segment with a Merkle root."""

from datetime import UTC, datetime
from hashlib import sha256

from django.db import connection, transaction

from citysteward.kernel.journal import entries, keys, merkle, witness
from citysteward.kernel.journal.encoding import Header, entry_leaf, pack_ids
from citysteward.kernel.journal.segments import last_seal
from citysteward.kernel.journal.types import START, Seal
from citysteward.lib.signing import SigningKey

SEGMENT_ENTRIES = 50_000
# The "previous" of the first segment.
NO_HEADER = bytes(32)


def seal_segments(limit: int = SEGMENT_ENTRIES) -> list[Seal]:
    """Seal every settled entry, `limit` to a segment at most, and return the new seals.

    Settled is what no running transaction can come before any more; an entry of a transaction
    that runs long waits, with all that follow it. Each segment is committed on its own; calls
    from several processes wait for one another. The end is also noted in the witness file.
    """
    key = keys.present()
    seals: list[Seal] = []
    while True:
        with transaction.atomic():
            seal = _seal_next(key, limit)
        if seal is not None:
            seals.append(seal)
        if seal is None or seal.entries < limit:
            break
    witness.catch_up()
    return seals


def ensure_months() -> None:
    """Make this month's partition and the next one's, so that no append has to."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT public.journal_ensure_partition(moment) FROM unnest(ARRAY["
            "clock_timestamp(), date_trunc('month', clock_timestamp(), 'UTC')"
            " + interval '1 month']) AS moment"
        )


def _seal_next(key: SigningKey, limit: int) -> Seal | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('journal_seal', 0))")
    before = last_seal()
    hashes: list[bytes] = []
    ids: list[int] = []
    first = last = START
    for entry in entries.stream_settled(before.last_cursor if before else START, limit):
        first = entry.cursor if not ids else first
        last = entry.cursor
        hashes.append(merkle.leaf_hash(entry_leaf(entry)))
        ids.append(entry.id)
    if not ids:
        return None
    header = Header(
        number=before.number + 1 if before else 1,
        first=first,
        last=last,
        entries=len(ids),
        total=len(ids) + (before.total if before else 0),
        root=merkle.root(hashes),
        ids_hash=sha256(pack_ids(ids)).digest(),
        previous=bytes.fromhex(before.header_hash_hex) if before else NO_HEADER,
        signed_at=_database_time(),
    )
    _store(header, key, hashes, ids)
    return last_seal()


def _database_time() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
    moment: datetime = now
    return moment.astimezone(UTC)


def _store(header: Header, key: SigningKey, hashes: list[bytes], ids: list[int]) -> None:
    encoded = header.encode()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT public.journal_seal(%s, %s::smallint, %s::text::xid8, %s,"
            " %s::smallint, %s::text::xid8, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                header.number,
                *entries.cursor_values(header.first),
                *entries.cursor_values(header.last),
                header.entries,
                header.total,
                header.root,
                header.signed_at,
                encoded,
                key.sign(encoded),
                key.public,
                b"".join(hashes),
                pack_ids(ids),
            ],
        )
