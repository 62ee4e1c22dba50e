import hashlib
import shutil
import subprocess
from pathlib import Path

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.conf import settings
from django.db import connection

from citysteward.kernel.journal import lake, registry
from citysteward.kernel.journal.actions import (
    action,
    append,
    append_batch,
    export_lake,
    seal_segments,
)
from citysteward.kernel.journal.queries import entries_of, lake_files, lake_report
from citysteward.kernel.journal.registry import Dataset
from citysteward.kernel.journal.types import Actor, Draft, JournalError, LakeBehind
from tests.databases import FreshDatabase, OtherProcess
from tests.kernel.journal.verbs import ACTOR, NOTED, Noted

APPEND = "SELECT journal_append('test.noted', 1::smallint, 'a:b', '', %s, '{\"text\":\"late\"}')"


@action
def note(subject: str, *, actor: Actor) -> None:
    append(NOTED, actor=actor, subject=subject, payload=Noted(text="x"))


@action
def note_many(count: int, *, actor: Actor) -> None:
    append_batch((Draft(NOTED, "case:many", Noted(text=str(n))) for n in range(count)), actor=actor)


@pytest.fixture(autouse=True)
def journal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """The datasets of the contexts above are their own tests' business."""
    monkeypatch.setattr(registry, "_datasets", {"journal": registry.dataset("journal")})


def exported_ids() -> list[int]:
    """The entry ids in the lake, as a reader gets them."""
    tables = [pq.read_table(path) for path in lake_files("journal")]
    return [entry_id for table in tables for entry_id in table["entry_id"].to_pylist()]


def journal_ids() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM journal_entry ORDER BY id")
        return [entry_id for (entry_id,) in cursor.fetchall()]


def test_the_lake_holds_what_the_journal_holds(fresh_database: FreshDatabase) -> None:
    note("case:1", actor=ACTOR)
    note_many(11, actor=ACTOR)
    seal_segments(limit=5)
    (file,) = export_lake()
    table = pq.read_table(file.path)
    assert (file.first_segment, file.last_segment, file.rows) == (1, 3, 12)
    assert file.sha256_hex == hashlib.sha256(file.path.read_bytes()).hexdigest()
    assert file.size == file.path.stat().st_size
    assert lake_files("journal") == [file.path]
    entries = [*entries_of("case:1"), *entries_of("case:many")]
    assert table.to_pylist() == [
        {
            "segment": entry.segment,
            "entry_id": entry.id,
            "epoch": entry.epoch,
            "txid": entry.txid,
            "recorded_at": entry.recorded_at,
            "occurred_at": entry.occurred_at,
            "kind": entry.kind,
            "version": entry.version,
            "actor": entry.actor,
            "actor_name": entry.actor_name,
            "subject": entry.subject,
            "payload": entry.payload,
        }
        for entry in entries
    ]


def test_nothing_new_is_nothing_exported(fresh_database: FreshDatabase) -> None:
    assert export_lake() == []
    note("case:1", actor=ACTOR)
    assert export_lake() == []
    seal_segments()
    assert len(export_lake()) == 1
    assert export_lake() == []
    assert exported_ids() == journal_ids()


def test_many_segments_are_several_files_of_whole_row_groups(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lake, "FILE_SEGMENTS", 3)
    monkeypatch.setattr(lake, "BATCH_ENTRIES", 2)
    monkeypatch.setattr(lake, "ROW_GROUP_ROWS", 4)
    note_many(35, actor=ACTOR)
    seal_segments(limit=5)
    seen: list[tuple[str, int, int]] = []
    files = export_lake(lambda *step: seen.append(step))
    assert [(file.first_segment, file.last_segment) for file in files] == [(1, 3), (4, 6), (7, 7)]
    assert seen == [("journal", done, 7) for done in range(1, 8)]
    assert exported_ids() == journal_ids()
    groups = pq.ParquetFile(files[0].path).metadata
    assert [groups.row_group(n).num_rows for n in range(groups.num_row_groups)] == [4, 5, 5, 1]


def test_a_reader_asks_for_a_seal_and_gets_no_later_file(fresh_database: FreshDatabase) -> None:
    for _ in range(3):
        note("case:1", actor=ACTOR)
        seal_segments()
        export_lake()
    note("case:1", actor=ACTOR)
    seal_segments()
    assert len(lake_files("journal", upto_segment=2)) == 2
    assert len(lake_files("journal", upto_segment=0)) == 0
    with pytest.raises(LakeBehind, match="up to segment 3, not 4"):
        lake_files("journal", upto_segment=4)
    (state,) = [state for state in lake_report() if state.dataset == "journal"]
    assert (state.files, state.rows, state.segment, state.behind) == (3, 3, 3, 1)
    assert state.missing == 0


@pytest.fixture
def noted_only(monkeypatch: pytest.MonkeyPatch) -> Dataset:
    """A dataset of two rows for each entry of the tests' verb."""
    schema = pa.schema([("segment", pa.int64()), ("entry_id", pa.int64()), ("text", pa.string())])
    dataset = Dataset(
        "noted",
        frozenset({"test.noted"}),
        schema,
        lambda entries: pa.table(
            [
                [entry.segment for entry in entries for _ in range(2)],
                [entry.id for entry in entries for _ in range(2)],
                [entry.read(NOTED).text for entry in entries for _ in range(2)],
            ],
            schema=schema,
        ),
    )
    monkeypatch.setitem(registry._datasets, "noted", dataset)
    return dataset


def test_a_dataset_takes_its_own_verbs_and_projects_them(
    fresh_database: FreshDatabase, noted_only: Dataset
) -> None:
    with psycopg.connect(fresh_database.urls.app) as other:
        other.execute(APPEND.replace("test.noted", "test.other"), ["case:other"])
    seal_segments()
    assert [file.dataset for file in export_lake()] == ["journal"]
    assert lake_files("noted", upto_segment=1) == []
    note_many(3, actor=ACTOR)
    seal_segments()
    export_lake()
    (path,) = lake_files("noted", upto_segment=2)
    assert pq.read_table(path)["text"].to_pylist() == ["0", "0", "1", "1", "2", "2"]


def test_a_dataset_that_comes_later_starts_at_the_beginning(
    fresh_database: FreshDatabase, request: pytest.FixtureRequest
) -> None:
    note_many(3, actor=ACTOR)
    seal_segments()
    export_lake()
    request.getfixturevalue("noted_only")
    (file,) = export_lake()
    assert (file.dataset, file.rows) == ("noted", 6)


def test_a_projection_that_departs_from_its_schema_is_refused(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    schema = pa.schema([("segment", pa.int64()), ("entry_id", pa.int64())])
    wrong = Dataset("wrong", None, schema, lambda _entries: pa.table({"segment": [1]}))
    monkeypatch.setitem(registry._datasets, "wrong", wrong)
    note("case:1", actor=ACTOR)
    seal_segments()
    with pytest.raises(JournalError, match="wrong"):
        export_lake()
    assert lake_files("wrong") == []


def test_a_lost_folder_is_written_anew(fresh_database: FreshDatabase) -> None:
    note_many(4, actor=ACTOR)
    seal_segments()
    (before,) = export_lake()
    shutil.rmtree(settings.LAKE_ROOT)
    assert [state.missing for state in lake_report() if state.dataset == "journal"] == [1]
    (after,) = [file for file in export_lake(rebuild=True) if file.dataset == "journal"]
    assert after.sha256_hex == before.sha256_hex
    assert exported_ids() == journal_ids()


def test_late_commits_are_exported_once(fresh_database: FreshDatabase) -> None:
    with psycopg.connect(fresh_database.urls.app) as slow:
        slow.execute(APPEND, ["case:slow"])
        for _ in range(3):
            note("case:quick", actor=ACTOR)
            seal_segments()
            export_lake()
            assert exported_ids() == []
        slow.commit()
    note("case:quick", actor=ACTOR)
    seal_segments()
    export_lake()
    assert sorted(exported_ids()) == journal_ids()
    assert len(journal_ids()) == 5


# A server of kills: for each line "when what" it forks a process that exports and kills itself
# with SIGKILL just before or after that call, and answers how that process ended.
KILLER = """
import sys, os, signal
from pathlib import Path
import pyarrow.parquet
from django.db.backends.base.base import BaseDatabaseWrapper
from citysteward.kernel.journal import lake
from citysteward.kernel.journal.actions import export_lake

PLACES = {
    'lock': (lake, '_lock'), 'clean': (lake, '_remove_unrecorded'),
    'write': (pyarrow.parquet.ParquetWriter, 'write_table'),
    'close': (pyarrow.parquet.ParquetWriter, 'close'), 'fsync': (os, 'fsync'),
    'rename': (Path, 'replace'), 'sync': (lake, '_sync_folder'), 'record': (lake, '_record'),
    'move': (lake, '_move_cursor'), 'commit': (BaseDatabaseWrapper, 'commit'),
}

def die_at(when, what):
    owner, name = PLACES[what]
    real = getattr(owner, name)
    def deadly(*args, **kwargs):
        if when == 'before':
            os.kill(os.getpid(), signal.SIGKILL)
        real(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)
    setattr(owner, name, deadly)

print('ready', flush=True)
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        die_at(*line.split())
        export_lake()
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
CALLS = ["lock", "clean", "write", "close", "fsync", "rename", "sync", "record", "move", "commit"]


def test_an_exporter_killed_anywhere_loses_nothing_and_doubles_nothing(
    fresh_database: FreshDatabase, other_process: OtherProcess
) -> None:
    killer = other_process.start_python(
        KILLER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=1
    )
    assert killer.stdin is not None
    assert killer.stdout is not None
    try:
        assert killer.stdout.readline() == "ready\n"
        for call in CALLS:
            for when in ("before", "after"):
                note_many(3, actor=ACTOR)
                seal_segments(limit=2)
                killer.stdin.write(f"{when} {call}\n")
                assert killer.stdout.readline() == "-9\n", f"{when} {call}"
                seen = exported_ids()
                assert len(seen) == len(set(seen)), f"{when} {call}"
                assert seen == journal_ids()[: len(seen)], f"{when} {call}"
    finally:
        killer.kill()
        killer.communicate()
    # The one that was killed after its commit has exported all; one more for the rest.
    note("case:1", actor=ACTOR)
    seal_segments()
    export_lake()
    assert exported_ids() == journal_ids()
    folder = Path(settings.LAKE_ROOT) / "journal"
    assert sorted(folder.iterdir()) == sorted(lake_files("journal"))


EXPORTER = """
import sys, time
from pathlib import Path
from citysteward.kernel.journal.actions import export_lake
print('ready', flush=True)
while not Path(sys.argv[1]).exists():
    export_lake()
export_lake()
"""


def test_three_exporters_at_once_lose_nothing_and_double_nothing(
    fresh_database: FreshDatabase, other_process: OtherProcess, tmp_path: Path
) -> None:
    stop = tmp_path / "stop"
    exporters = [
        other_process.start_python(EXPORTER, str(stop), stdout=subprocess.PIPE) for _ in range(3)
    ]
    try:
        for exporter in exporters:
            assert exporter.stdout is not None
            assert exporter.stdout.readline() == "ready\n"
        for _ in range(25):
            note_many(20, actor=ACTOR)
            seal_segments(limit=7)
    finally:
        stop.touch()
    for exporter in exporters:
        exporter.communicate(timeout=60)
    assert [exporter.returncode for exporter in exporters] == [0, 0, 0]
    export_lake()
    assert exported_ids() == journal_ids()
    assert len(journal_ids()) == 500
