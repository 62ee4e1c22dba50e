"""How much the journal costs above a bare table of the same shape. Prints ratios.

    python benchmarks/journal_append.py [ROWS]

Works in a temporary home with a database of its own. The bare table has the journal's columns,
its indexes and its check, and neither roles, functions, triggers nor partitions.
"""

import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
SINGLES = 500
ROUNDS = 5

os.environ["CITYSTEWARD_HOME"] = tempfile.mkdtemp(prefix="citysteward-benchmark-")
os.environ.pop("DATABASE_URL", None)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "citysteward.config.settings")

import django  # noqa: E402 (after the environment)

django.setup()

from django.db import connection, connections, transaction  # noqa: E402
from pydantic import BaseModel  # noqa: E402

from citysteward.config.cli.session import database  # noqa: E402
from citysteward.kernel.journal import queries  # noqa: E402
from citysteward.kernel.journal.actions import (  # noqa: E402
    action,
    append,
    append_batch,
    export_lake,
    seal_segments,
)
from citysteward.kernel.journal.registry import declare  # noqa: E402
from citysteward.kernel.journal.types import Actor, Draft, Verb  # noqa: E402
from citysteward.lib.words import Words  # noqa: E402


class Fact(BaseModel):
    """About what an imported case tells."""

    case_id: str
    category: str
    text: str
    number: int


VERB = declare(Verb("benchmark.told", 1, Fact, Words(en="Told", zh="已告知")))
ACTOR = Actor("import:benchmark")
COLUMNS = "(epoch, occurred_at, kind, version, actor, actor_name, subject, payload)"
BARE = """
    CREATE TABLE bare (
        id bigserial, epoch smallint, txid xid8 DEFAULT pg_current_xact_id(),
        recorded_at timestamptz DEFAULT clock_timestamp(), occurred_at timestamptz, kind text,
        version smallint, actor text, actor_name text, subject text,
        payload text CHECK (payload IS JSON OBJECT WITH UNIQUE KEYS), PRIMARY KEY (id, recorded_at)
    );
    CREATE INDEX ON bare (epoch, txid, id);
    CREATE INDEX ON bare (subject, id);
"""


def fact(number: int) -> Fact:
    return Fact(case_id=f"c{number:07}", category="pothole", text="x" * 150, number=number)


def bare_rows(count: int) -> list[tuple[str | int, ...]]:
    """The rows as a COPY wants them, made before the clock runs."""
    return [
        (1, "2015-01-01 00:00Z", VERB.name, 1, ACTOR.id, "", f"case:{n}", fact(n).model_dump_json())
        for n in range(count)
    ]


def bare_copy(rows: list[tuple[str | int, ...]]) -> None:
    statement = f"COPY bare {COLUMNS} FROM STDIN"
    with transaction.atomic(), connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def bare_insert(rows: list[tuple[str | int, ...]]) -> None:
    for row in rows:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO bare {COLUMNS} VALUES (%s, %s, %s, %s, %s, %s, %s, %s)", row
            )


@action
def tell_many(facts: list[Fact], *, actor: Actor) -> None:
    append_batch((Draft(VERB, f"case:{f.number}", f) for f in facts), actor=actor)


@action
def tell(told: Fact, *, actor: Actor) -> None:
    append(VERB, actor=actor, subject=f"case:{told.number}", payload=told)


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def compare(name: str, count: int, ours: Callable[[], object], bare: Callable[[], object]) -> None:
    """Rounds in turn, so that whatever slows the machine slows both; the median of the ratios."""
    pairs = [(seconds(ours), seconds(bare)) for _ in range(ROUNDS)]
    ratio = statistics.median(mine / other for mine, other in pairs)
    mine, other = (count / statistics.median(side) for side in zip(*pairs, strict=True))
    print(f"| {name} | {mine:,.0f} | {other:,.0f} | {ratio:.2f} |", flush=True)


def main() -> None:
    with database():
        with connections["owner"].cursor() as cursor:
            cursor.execute(BARE)
        rows, facts = bare_rows(ROWS), [fact(n) for n in range(ROWS)]
        print("| what | ours, entries/s | bare, rows/s | times the bare one's time |")
        print("|---|---|---|---|")
        compare(
            "append_batch, against COPY of the same rows",
            ROWS,
            lambda: tell_many(facts, actor=ACTOR),
            lambda: bare_copy(rows),
        )
        compare(
            "append, one in each transaction, against INSERT",
            SINGLES,
            lambda: [tell(one, actor=ACTOR) for one in facts[:SINGLES]],
            lambda: bare_insert(rows[:SINGLES]),
        )
        total = ROUNDS * (ROWS + SINGLES)
        for name, work in (
            ("seal_segments", seal_segments),
            ("export_lake", export_lake),
            ("verify", queries.verify),
        ):
            print(f"| {name} | {total / seconds(work):,.0f} | | |", flush=True)


try:
    main()
finally:
    # The server has gone with its last user.
    shutil.rmtree(os.environ["CITYSTEWARD_HOME"], ignore_errors=True)
