"""The exact bytes that are hashed and signed. Never change a version: add the next one."""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from citysteward.kernel.journal.types import Cursor, EntryView

ENTRY_VERSION = b"citysteward.journal.entry.v1"
SEGMENT_VERSION = "citysteward.journal.segment.v1"
ENTRY_FIELDS = (
    "id", "epoch", "txid", "recorded_at", "occurred_at", "kind", "version",
    "actor", "actor_name", "subject", "payload",
)  # fmt: skip

_UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LENGTHS = struct.Struct(f">{len(ENTRY_FIELDS)}I")


def microseconds(moment: datetime) -> int:
    """Whole microseconds since 1970-01-01 UTC, exact (a float would round)."""
    return (moment - _UNIX_EPOCH) // _MICROSECOND


def entry_fields(entry: EntryView) -> dict[str, str]:
    """An entry's columns as the texts that are hashed; times in microseconds."""
    return {
        "id": str(entry.id),
        "epoch": str(entry.epoch),
        "txid": str(entry.txid),
        "recorded_at": str(microseconds(entry.recorded_at)),
        "occurred_at": str(microseconds(entry.occurred_at)),
        "kind": entry.kind,
        "version": str(entry.version),
        "actor": entry.actor,
        "actor_name": entry.actor_name,
        "subject": entry.subject,
        "payload": entry.payload,
    }


def leaf_of_fields(fields: Mapping[str, str]) -> bytes:
    """Version, the length of each field in bytes, the fields in UTF-8: no two entries alike."""
    parts = [fields[name].encode() for name in ENTRY_FIELDS]
    return b"".join((ENTRY_VERSION, _LENGTHS.pack(*map(len, parts)), *parts))


def entry_leaf(entry: EntryView) -> bytes:
    """The bytes of an entry's leaf."""
    return leaf_of_fields(entry_fields(entry))


@dataclass(frozen=True, slots=True)
class Header:
    """What is signed about a segment. `previous` chains it to the header before it."""

    number: int
    first: Cursor
    last: Cursor
    entries: int
    total: int
    root: bytes
    ids_hash: bytes
    previous: bytes
    signed_at: datetime

    def encode(self) -> bytes:
        """Compact JSON with a fixed order of keys; hashes in hex, times in microseconds."""
        values: dict[str, Any] = {
            "format": SEGMENT_VERSION,
            "number": self.number,
            "first": list(self.first),
            "last": list(self.last),
            "entries": self.entries,
            "total": self.total,
            "root": self.root.hex(),
            "ids": self.ids_hash.hex(),
            "previous": self.previous.hex(),
            "signed_at": microseconds(self.signed_at),
        }
        return json.dumps(values, separators=(",", ":"), ensure_ascii=True).encode()

    def hash(self) -> bytes:
        """What the next segment's `previous` and the witness hold."""
        return sha256(self.encode()).digest()


def decode_header(encoded: bytes) -> Header:
    """The header back from its bytes; ValueError if these are not exactly such a header."""
    try:
        values = json.loads(encoded)
        header = Header(
            number=int(values["number"]),
            first=Cursor(*map(int, values["first"])),
            last=Cursor(*map(int, values["last"])),
            entries=int(values["entries"]),
            total=int(values["total"]),
            root=bytes.fromhex(values["root"]),
            ids_hash=bytes.fromhex(values["ids"]),
            previous=bytes.fromhex(values["previous"]),
            signed_at=_UNIX_EPOCH + int(values["signed_at"]) * _MICROSECOND,
        )
    except (KeyError, TypeError, OverflowError) as error:
        raise ValueError(f"not a segment header: {error}") from error
    if header.encode() != encoded:
        raise ValueError("not a segment header in its canonical form")
    return header


def pack_ids(ids: list[int]) -> bytes:
    """Entry ids as 8 bytes each, big-endian."""
    return struct.pack(f">{len(ids)}q", *ids)


def unpack_ids(packed: bytes) -> list[int]:
    """Entry ids from their bytes; ValueError if they are not whole."""
    if len(packed) % 8:
        raise ValueError(f"{len(packed)} bytes are no whole number of ids")
    return list(struct.unpack(f">{len(packed) // 8}q", packed))
