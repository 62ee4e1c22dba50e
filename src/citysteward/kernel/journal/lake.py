"""The lake: sealed segments as Parquet files, each entry exported exactly once.

A file counts once its row is committed together with the moved cursor; readers go by these rows
only. A crash at any point leaves at most a file without a row, which the next run removes.
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.db import connection, transaction

from citysteward.kernel.journal import entries, segments
from citysteward.kernel.journal.registry import Dataset, datasets
from citysteward.kernel.journal.types import (
    EntryView,
    JournalError,
    LakeBehind,
    LakeFile,
    LakeState,
    Seal,
)

# One transaction and one file take so many segments at most: a long one holds sealing back.
FILE_SEGMENTS = 40
BATCH_ENTRIES = 5_000
ROW_GROUP_ROWS = 50_000
_FILE_COLUMNS = "dataset, path, first_segment, last_segment, rows, size, sha256, written_at"
Progress = Callable[[str, int, int], None]
# Told the number of each segment that has been read.
_Step = Callable[[int], None]


@dataclass(frozen=True)
class _Work:
    """What one transaction exports: the segments after number `after`."""

    dataset: Dataset
    after: int
    seals: Sequence[Seal]


def export_lake(progress: Progress | None = None, *, rebuild: bool = False) -> list[LakeFile]:
    """Export every sealed segment that is not yet in the lake; returns the new files.

    A dataset that another process exports just now is left to it. `progress` gets a dataset's
    name, the segments read and the segments to read. `rebuild` writes all files anew (for when
    the folder was lost).
    """
    written: list[LakeFile] = []
    for dataset in datasets():
        if rebuild:
            _forget(dataset.name)
        step = _stepper(dataset.name, progress)
        more = True
        while more:
            with transaction.atomic():
                more, file = _export_next(dataset, step)
            written.extend([file] if file else [])
    return written


def _stepper(dataset: str, progress: Progress | None) -> _Step:
    if progress is None:
        return lambda _segment: None
    start, head = _exported(dataset), segments.last_seal()
    total = head.number - start if head else 0
    return lambda segment: progress(dataset, segment - start, max(total, segment - start))


def files(dataset: str, upto_segment: int | None = None) -> list[LakeFile]:
    """The recorded files that hold rows of segments up to that one, in their order.

    The last one may hold later segments too: readers filter rows by `segment`. LakeBehind if
    the dataset is not exported so far.
    """
    exported = _exported(dataset)
    if upto_segment is not None and exported < upto_segment:
        raise LakeBehind(f"{dataset} is exported up to segment {exported}, not {upto_segment}")
    return [
        file
        for file in _recorded(dataset)
        if upto_segment is None or file.first_segment <= upto_segment
    ]


def states() -> list[LakeState]:
    """How far each dataset is exported."""
    head = segments.last_seal()
    return [_state(dataset.name, head.number if head else 0) for dataset in datasets()]


def _state(dataset: str, head: int) -> LakeState:
    recorded, exported = _recorded(dataset), _exported(dataset)
    return LakeState(
        dataset=dataset,
        files=len(recorded),
        rows=sum(file.rows for file in recorded),
        size=sum(file.size for file in recorded),
        segment=exported,
        behind=head - exported,
        missing=sum(not file.path.exists() for file in recorded),
    )


def _export_next(dataset: Dataset, step: _Step) -> tuple[bool, LakeFile | None]:
    """Export the next file: whether there may be more, and the file unless it had no row."""
    after = _lock(dataset.name)
    if after is None:
        return False, None
    seals = segments.seals(after, FILE_SEGMENTS)
    if not seals:
        return False, None
    _remove_unrecorded(dataset.name)
    work = _Work(dataset, after, seals)
    file = _write(work, step)
    if file is not None:
        _record(file)
    _move_cursor(work)
    return len(seals) == FILE_SEGMENTS, file


def _lock(dataset: str) -> int | None:
    """The number of the last exported segment; None if another process is at it.

    An advisory lock and not that of a row: locking a row takes a transaction number, which
    would hold sealing back for as long as the export runs.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended('journal_lake:' || %s, 0))",
            [dataset],
        )
        (locked,) = cursor.fetchone()
    return _exported(dataset) if locked else None


def _exported(dataset: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT segment FROM journal_lake_cursor WHERE dataset = %s", [dataset])
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _folder(dataset: str) -> Path:
    return Path(settings.LAKE_ROOT) / dataset


def _remove_unrecorded(dataset: str) -> None:
    """What a crash left behind. The lock is held: nobody is writing here."""
    folder = _folder(dataset)
    folder.mkdir(parents=True, exist_ok=True)
    recorded = {file.path for file in _recorded(dataset)}
    for path in folder.iterdir():
        if path not in recorded:
            path.unlink()


def _write(work: _Work, step: _Step) -> LakeFile | None:
    """Write the file under its final name, durably; None, and no file, if it has no row."""
    name = f"{work.seals[0].number:08}-{work.seals[-1].number:08}.parquet"
    path = _folder(work.dataset.name) / name
    draft = path.with_name(f".{name}.draft")
    rows = 0
    with draft.open("wb") as file:
        with pq.ParquetWriter(file, work.dataset.schema, compression="zstd") as writer:
            for table in _row_groups(_tables(work, step)):
                writer.write_table(table)
                rows += table.num_rows
        file.flush()
        os.fsync(file.fileno())
    if rows == 0:
        draft.unlink()
        return None
    draft.replace(path)
    _sync_folder(path.parent)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return LakeFile(
        dataset=work.dataset.name,
        path=path,
        first_segment=work.seals[0].number,
        last_segment=work.seals[-1].number,
        rows=rows,
        size=path.stat().st_size,
        sha256_hex=digest,
        written_at=datetime.now(UTC),
    )


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _tables(work: _Work, step: _Step) -> Iterator[pa.Table]:
    dataset = work.dataset
    kinds = None if dataset.verbs is None else sorted(dataset.verbs)
    start = segments.end_of(work.after)
    for seal in work.seals:
        stream = entries.stream_between(start, seal.last_cursor, seal.number, kinds)
        while batch := list(islice(stream, BATCH_ENTRIES)):
            yield _project(dataset, batch)
        start = seal.last_cursor
        step(seal.number)


def _project(dataset: Dataset, batch: list[EntryView]) -> pa.Table:
    table = dataset.project(batch)
    if not table.schema.equals(dataset.schema):
        raise JournalError(
            f"dataset {dataset.name} projects {table.schema} and declares {dataset.schema}"
        )
    return table


def _row_groups(tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Tables joined until they make a row group: many small ones read slowly."""
    waiting: list[pa.Table] = []
    rows = 0
    for table in tables:
        waiting.append(table)
        rows += table.num_rows
        if rows >= ROW_GROUP_ROWS:
            yield pa.concat_tables(waiting)
            waiting, rows = [], 0
    if rows:
        yield pa.concat_tables(waiting)


def _record(file: LakeFile) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO journal_lake_cursor (dataset) VALUES (%s) ON CONFLICT DO NOTHING",
            [file.dataset],
        )
        cursor.execute(
            f"INSERT INTO journal_lake_file ({_FILE_COLUMNS})"  # noqa: S608 (constant)
            " VALUES (%s, %s, %s, %s, %s, %s, decode(%s, 'hex'), %s)",
            [
                file.dataset,
                str(file.path.relative_to(settings.LAKE_ROOT)),
                file.first_segment,
                file.last_segment,
                file.rows,
                file.size,
                file.sha256_hex,
                file.written_at,
            ],
        )


def _move_cursor(work: _Work) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO journal_lake_cursor (dataset, segment) VALUES (%s, %s)"
            " ON CONFLICT (dataset) DO UPDATE SET segment = excluded.segment"
            " WHERE journal_lake_cursor.segment = %s",
            [work.dataset.name, work.seals[-1].number, work.after],
        )
        if cursor.rowcount != 1:
            raise JournalError(f"the cursor of {work.dataset.name} was moved by somebody else")


def _forget(dataset: str) -> None:
    """Start the dataset anew: its files become unrecorded, and the next export removes them."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('journal_lake:' || %s, 0))", [dataset]
        )
        cursor.execute("DELETE FROM journal_lake_file WHERE dataset = %s", [dataset])
        cursor.execute("DELETE FROM journal_lake_cursor WHERE dataset = %s", [dataset])


def _recorded(dataset: str) -> list[LakeFile]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_FILE_COLUMNS} FROM journal_lake_file"  # noqa: S608 (constant)
            " WHERE dataset = %s ORDER BY first_segment",
            [dataset],
        )
        return [_file(row) for row in cursor.fetchall()]


def _file(row: tuple[Any, ...]) -> LakeFile:
    dataset, path, first, last, rows, size, digest, written_at = row
    return LakeFile(
        dataset=dataset,
        path=Path(settings.LAKE_ROOT) / path,
        first_segment=first,
        last_segment=last,
        rows=rows,
        size=size,
        sha256_hex=bytes(digest).hex(),
        written_at=written_at,
    )
