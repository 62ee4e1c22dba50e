"""The journal itself as a dataset of the lake."""

from collections.abc import Sequence

import pyarrow as pa

from citysteward.kernel.journal.registry import Dataset, declare_dataset
from citysteward.kernel.journal.types import EntryView

_MOMENT = pa.timestamp("us", tz="UTC")
SCHEMA = pa.schema(
    [
        pa.field("segment", pa.int64(), nullable=False),
        pa.field("entry_id", pa.int64(), nullable=False),
        pa.field("epoch", pa.int16(), nullable=False),
        pa.field("txid", pa.int64(), nullable=False),
        pa.field("recorded_at", _MOMENT, nullable=False),
        pa.field("occurred_at", _MOMENT, nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("version", pa.int16(), nullable=False),
        pa.field("actor", pa.string(), nullable=False),
        pa.field("actor_name", pa.string(), nullable=False),
        pa.field("subject", pa.string(), nullable=False),
        pa.field("payload", pa.string(), nullable=False),
    ]
)


def project(entries: Sequence[EntryView]) -> pa.Table:
    """One row for each entry, its payload as the stored text."""
    names = ["id" if name == "entry_id" else name for name in SCHEMA.names]
    columns = [
        pa.array([getattr(entry, name) for entry in entries], type=field.type)
        for name, field in zip(names, SCHEMA, strict=True)
    ]
    return pa.Table.from_arrays(columns, schema=SCHEMA)


JOURNAL = declare_dataset(Dataset("journal", None, SCHEMA, project))
