"""An import that is killed, or whose server is: run again, nothing is lost and nothing double."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl
import psycopg
import pyarrow.parquet as pq
import pytest

from citysteward.config.postgres import cluster, lease, socket_folder
from citysteward.grid.boston_311 import COLUMNS
from citysteward.kernel.cases.models import Case, Finding, Task
from citysteward.kernel.journal import queries as journal
from tests import city
from tests.databases import FreshDatabase, OtherProcess
from tests.environment import SOURCE

pytestmark = pytest.mark.slow
ROWS = 3_000
BATCH = 500
SNAPSHOT = datetime(2016, 1, 13)  # noqa: DTZ001 - the file's times are local, without zone


@dataclass(frozen=True)
class Sample:
    """A part of the city's file, and what it must become."""

    path: Path
    cases: int
    open: int
    suspended: int
    escalated: int
    early: int
    nowhere: int

    @property
    def entries(self) -> Counter[str]:
        return Counter(
            {
                "case.opened": self.cases,
                "case.closed": self.cases - self.open,
                "case.suspended": self.suspended,
                "case.escalated": self.escalated,
                "import.finished": 1,
            }
        )


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """Everything odd of the half-year, filled up with ordinary rows and names that are new."""
    rows = pl.read_parquet(city.FILE).select(COLUMNS)
    odd = (pl.col("closed_dt") < pl.col("open_dt")) | pl.col("on_time_status").is_null()
    rows = pl.concat([rows.filter(odd.fill_null(False)), rows.filter(~odd.fill_null(False))])
    rows = rows.head(ROWS)
    new = pl.col("type") == "Street Light Outages"
    rows = rows.with_columns(
        pl.when(new).then(pl.lit(f"New {name}")).otherwise(pl.col(name)).alias(name)
        for name in ("type", "queue", "subject")
    )
    path = tmp_path_factory.mktemp("killed") / "sample.parquet"
    rows.write_parquet(path)
    still_open = pl.col("closed_dt").is_null()
    judged = pl.col("on_time_status").is_not_null()
    nowhere = (pl.col("latitude") == 42.3594) & (pl.col("longitude") == -71.0587)
    return Sample(
        path=path,
        cases=rows.height,
        open=rows.filter(still_open).height,
        suspended=rows.filter(~judged).height,
        escalated=rows.filter(still_open & judged & (pl.col("target_dt") <= SNAPSHOT)).height,
        early=rows.filter(pl.col("closed_dt") < pl.col("open_dt")).height,
        nowhere=rows.filter(nowhere).height,
    )


# A server of kills: for each line "when what nth" it forks a process that imports and kills
# itself with SIGKILL just before or after the nth such call, and answers how that process ended.
KILLER = """
import sys, os, signal
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo
from django.db.backends.base.base import BaseDatabaseWrapper
from citysteward.grid import importing
from citysteward.grid.names import Names
from citysteward.kernel.cases import actions as cases
from citysteward.kernel.cases.actions import bulk
from citysteward.kernel.journal import actions as journal
from citysteward.kernel.parties import actions as parties

importing.BATCH_SIZE = int(sys.argv[2])
SNAPSHOT = datetime(2016, 1, 13, tzinfo=ZoneInfo('America/New_York'))
PLACES = {
    'learn': (Names, 'learn'), 'organisation': (parties, 'load_organisations'),
    'import': (cases, 'import_cases'), 'append': (journal, 'append_batch'),
    'copy': (bulk, '_copy'), 'commit': (BaseDatabaseWrapper, 'commit'),
    'note': (cases, 'note_import'),
}

def die_at(when, what, nth):
    owner, name = PLACES[what]
    real, calls = getattr(owner, name), []
    def deadly(*args, **kwargs):
        calls.append(1)
        if when == 'before' and len(calls) == int(nth):
            os.kill(os.getpid(), signal.SIGKILL)
        result = real(*args, **kwargs)
        if len(calls) == int(nth):
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    setattr(owner, name, deadly)

print('ready', flush=True)
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        die_at(*line.split())
        importing.import_file(Path(sys.argv[1]), as_of=SNAPSHOT, step=lambda done, total: None)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
KILLS = [
    ("before learn 1", 0),
    ("after organisation 1", 0),
    ("before import 1", 0),
    ("after append 1", 0),
    ("after copy 1", 0),
    ("after import 1", 1),
    ("after copy 2", 1),
    ("before commit 1", 1),
    ("after commit 1", 2),
    ("before import 3", 4),
    ("after copy 3", 4),
    ("before note 1", 6),
]
"""Where it is killed, and how many batches are in the database then."""


def test_a_killed_import_loses_nothing_and_doubles_nothing(
    boston: FreshDatabase, other_process: OtherProcess, sample: Sample
) -> None:
    killer = other_process.start_python(
        KILLER, str(sample.path), str(BATCH),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=1,
    )  # fmt: skip
    assert killer.stdin is not None
    assert killer.stdout is not None
    try:
        assert killer.stdout.readline() == "ready\n"
        for kill, batches in KILLS:
            killer.stdin.write(f"{kill}\n")
            assert killer.stdout.readline() == "-9\n", kill
            assert Case.objects.count() == batches * BATCH, kill
            _is_in_step()
    finally:
        killer.kill()
        killer.communicate()
    report = city.import_boston(sample.path)
    assert (report.added, report.known) == (0, sample.cases)
    city.seal_and_export()
    _is_whole(sample)
    again = city.import_boston(sample.path)
    assert (again.added, again.new_names) == (0, {})
    assert journal.verify().unsealed == 0, "nothing was journalled"


def _is_in_step() -> None:
    """Whole batches only: the register, its tasks and its journal tell the same."""
    opened = {
        entry.subject.removeprefix("case:")
        for entry in journal.latest(limit=10**6, kinds=["case.opened"])
    }
    assert opened == {str(pk) for pk in Case.objects.values_list("pk", flat=True)}
    assert Task.objects.count() == Case.objects.filter(status="open").count()


def _is_whole(sample: Sample) -> None:
    _is_in_step()
    assert Case.objects.count() == sample.cases
    assert Task.objects.count() == sample.open
    assert len(set(Case.objects.values_list("source_id", flat=True))) == sample.cases
    found = Counter(Finding.objects.values_list("kind", flat=True))
    assert found["closed_before_opened"] == sample.early
    assert found["place_unknown"] == sample.nowhere
    unknown = Case.objects.filter(area=None).count()
    assert found["area_unknown"] + found["outside_areas"] == unknown
    kinds = Counter(entry.kind for entry in journal.latest(limit=10**6))
    assert Counter({kind: kinds[kind] for kind in sample.entries}) == sample.entries
    verified = journal.verify()
    assert (verified.ok, verified.unsealed) == (True, 0)
    _lake_is_whole(journal.lake_files("case_facts"), sample)


def _lake_is_whole(files: list[Path], sample: Sample) -> None:
    rows = pl.concat([pl.from_arrow(pq.read_table(file)) for file in files])  # type: ignore[type-var]
    assert isinstance(rows, pl.DataFrame)
    assert rows["entry_id"].is_unique().all()
    assert rows.select("case_id", "seq").is_unique().all()
    facts = {kind: number for kind, number in sample.entries.items() if kind.startswith("case.")}
    assert dict(rows.group_by("kind").len().iter_rows()) == facts


# -- the server


WORK = """
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo
import os, django
os.environ['DJANGO_SETTINGS_MODULE'] = 'citysteward.config.settings'
django.setup()
from citysteward.config.cli.session import database
from citysteward.grid import importing
from citysteward.kernel.areas import queries as areas
from citysteward.kernel.journal import lake, queries
from citysteward.kernel.journal.actions import export_lake, seal_segments
from citysteward.kernel.journal.types import Actor
from citysteward.lib import packs
from django.conf import settings

importing.BATCH_SIZE = int(sys.argv[2])
lake.BATCH_ENTRIES = int(sys.argv[2])
SNAPSHOT = datetime(2016, 1, 13, tzinfo=ZoneInfo('America/New_York'))

def told(*args):
    print('step', flush=True)

with database():
    if areas.city('boston') is None:
        packs.load_pack(packs.PackReader(settings.PACKS_ROOT / 'boston'), actor=Actor('system:t'))
    importing.import_file(Path(sys.argv[1]), as_of=SNAPSHOT, step=told)
    print('imported', flush=True)
    while seal_segments(limit=2000):
        pass
    print('sealed', flush=True)
    export_lake(told)
    print('whole' if queries.verify().ok else 'not whole', flush=True)
"""


@dataclass(frozen=True)
class OwnServer:
    """A home with a server of its own, which may be killed."""

    home: Path

    def start(self, *command: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, *command],
            env={
                **os.environ,
                "CITYSTEWARD_HOME": str(self.home),
                "CITYSTEWARD_DEMO": "1",
                "PYTHONPATH": str(SOURCE),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *command: str) -> str:
        process = self.start(*command)
        out, err = process.communicate(timeout=240)
        assert process.returncode == 0, err
        return out

    def kill_server(self) -> None:
        pid = (cluster.Cluster(self.home).data / "postmaster.pid").read_text().split("\n")[0]
        os.kill(int(pid), signal.SIGKILL)


@pytest.fixture
def own_server() -> Iterator[OwnServer]:
    # Not pytest's tmp_path, which the server's user cannot reach when root runs the tests.
    folder = Path(tempfile.mkdtemp(prefix="citysteward-killed-", dir="/tmp"))
    folder.chmod(0o755)
    home = folder / "home"
    yield OwnServer(home)
    place = cluster.Cluster(home).place
    for path in (place, folder, socket_folder(home)):
        shutil.rmtree(path, ignore_errors=True)


def test_an_import_and_an_export_outlive_the_death_of_their_server(
    own_server: OwnServer, sample: Sample
) -> None:
    work = ("-c", WORK, str(sample.path), str(BATCH))
    # Steps are told after each batch, and once before the first.
    for moment in (["step"] * 3, ["imported", "sealed", "step"]):
        process = own_server.start(*work)
        _wait_for(process, moment)
        own_server.kill_server()
        _, err = process.communicate(timeout=120)
        assert process.returncode not in (0, None), err
    assert own_server.run(*work).splitlines()[-1] == "whole"
    _stored_is_whole(own_server, sample)
    files = sorted((own_server.home / "lake" / "case_facts").iterdir())
    _lake_is_whole(files, sample)


def _wait_for(process: subprocess.Popen[str], lines: list[str]) -> None:
    assert process.stdout is not None
    left = list(lines)
    for line in process.stdout:
        if line.strip() == left[0]:
            left.pop(0)
        if not left:
            return
    raise AssertionError(f"it ended before {left}: {process.stderr and process.stderr.read()}")


def _stored_is_whole(own_server: OwnServer, sample: Sample) -> None:
    with (
        lease(own_server.home) as held,
        psycopg.connect(held.url("postgres", "citysteward")) as connection,
    ):

        def count(what: str) -> int:
            (number,) = connection.execute(f"SELECT count(*) FROM {what}").fetchone() or (None,)
            assert isinstance(number, int)
            return number

        assert count("cases_case") == sample.cases
        assert count("cases_task") == sample.open
        assert count("cases_finding WHERE kind = 'closed_before_opened'") == sample.early
        assert count("cases_finding WHERE kind = 'place_unknown'") == sample.nowhere
        for kind, number in sample.entries.items():
            assert count(f"journal_entry WHERE kind = '{kind}'") == number, kind
