"""The import of Boston's half-year against a bare COPY of the very rows that it wrote.

    python benchmarks/import_ratio.py [--write]

Works in a temporary home with a database of its own. The bare COPY gets the rows of cases, tasks,
findings and journal entries as ready-made text and writes them to tables with the same columns,
checks and indexes, but no foreign keys, partitions or triggers. `--write` puts the result into
RESULTS.md.
"""

import os
import platform
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

HERE = Path(__file__).resolve().parent
FILE = HERE.parent / "packs/boston/data/boston_311_2015_h1.parquet"
SNAPSHOT = datetime(2016, 1, 13, tzinfo=ZoneInfo("America/New_York"))
ROUNDS = 5
TABLES = ("cases_case", "cases_task", "cases_finding", "journal_entry")

os.environ["CITYSTEWARD_HOME"] = tempfile.mkdtemp(prefix="citysteward-benchmark-")
os.environ.pop("DATABASE_URL", None)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "citysteward.config.settings")

import django  # noqa: E402 (after the environment)

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connections  # noqa: E402

from citysteward.config.cli.session import database  # noqa: E402
from citysteward.grid import boston_311  # noqa: E402
from citysteward.grid.importing import import_file  # noqa: E402
from citysteward.kernel.journal.types import Actor  # noqa: E402
from citysteward.lib import packs  # noqa: E402


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def rows_of(table: str, after: int) -> tuple[bytes, int]:
    """What the import wrote to a table, as COPY writes it, and how many rows that is."""
    where = f"WHERE id > {after}" if table == "journal_entry" else ""
    with (
        connections["owner"].cursor() as cursor,
        cursor.copy(f"COPY (SELECT * FROM {table} {where}) TO STDOUT") as copy,
    ):
        text = b"".join(map(bytes, copy))
    return text, text.count(b"\n")


def bare_table(table: str) -> None:
    """An empty table like it."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS bare_{table}")
        cursor.execute(
            f"CREATE TABLE bare_{table} (LIKE {table} INCLUDING DEFAULTS INCLUDING IDENTITY"
            " INCLUDING CONSTRAINTS INCLUDING INDEXES)"
        )


def bare_copy(contents: dict[str, bytes]) -> None:
    connections["owner"].ensure_connection()
    raw = connections["owner"].connection
    with raw.transaction(), raw.cursor() as cursor:
        for table, text in contents.items():
            with cursor.copy(f"COPY bare_{table} FROM STDIN") as copy:
                copy.write(text)


def last_entry() -> int:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM journal_entry")
        (number,) = cursor.fetchone()
    return int(number)


def measure() -> str:
    """The section of RESULTS.md."""
    packs.load_pack(packs.PackReader(settings.PACKS_ROOT / "boston"), actor=Actor("system:load"))
    before = last_entry()
    whole = seconds(lambda: import_file(FILE, as_of=SNAPSHOT, step=packs.silent))
    reading = seconds(lambda: list(boston_311.rows(boston_311.read(FILE)[0])))
    dumped = {table: rows_of(table, before) for table in TABLES}
    bare = []
    for _ in range(ROUNDS):
        for table in TABLES:
            bare_table(table)
        bare.append(seconds(lambda: bare_copy({name: text for name, (text, _) in dumped.items()})))
    middle = statistics.median(bare)
    counts = ", ".join(f"{count:,} {name}" for name, (_, count) in dumped.items())
    size = sum(len(text) for text, _ in dumped.values()) / 1e6
    return f"""## import_ratio.py
{os.cpu_count()} cores ({platform.machine()}) shared with other work (load \
{os.getloadavg()[0]:.0f}), embedded PostgreSQL 18. Boston's first half of 2015: \
{counts}; {size:,.0f} MB as text. One import, then {ROUNDS} rounds of the bare COPY, median.

| what | seconds | times the bare COPY |
|---|---|---|
| bare COPY of the same rows | {middle:.2f} | 1.0 |
| the import, whole | {whole:.2f} | {whole / middle:.1f} |
| of that, reading and checking the file | {reading:.2f} | {reading / middle:.1f} |

The bare COPY gets its rows as ready-made text. The import also reads the file, finds areas and \
names, makes and serialises each journal payload, each task and each engine state, and keeps \
foreign keys.
"""


def write(section: str) -> None:
    """Put the section into RESULTS.md, instead of the one of this name or at the end."""
    path = HERE / "RESULTS.md"
    known = path.read_text() if path.exists() else "# Results\n"
    own = re.compile(r"^## import_ratio\.py\n.*?(?=^## |\Z)", re.DOTALL | re.MULTILINE)
    if own.search(known):
        path.write_text(own.sub(lambda _: section + "\n", known).rstrip() + "\n")
    else:
        path.write_text(f"{known.rstrip()}\n\n{section}")


try:
    with database():
        result = measure()
    print(result)
    if "--write" in sys.argv:
        write(result)
finally:
    # The server has gone with its last user.
    shutil.rmtree(os.environ["CITYSTEWARD_HOME"], ignore_errors=True)
