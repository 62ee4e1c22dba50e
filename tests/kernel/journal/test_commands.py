"""The journal's commands, in processes of their own."""

import json

import psycopg
import pytest

from citysteward.kernel.journal.actions import action, append
from citysteward.kernel.journal.types import Actor
from tests.conftest import FreshDatabase, OtherProcess
from tests.kernel.journal.verbs import ACTOR, NOTED, Noted


@action
def note(*numbers: int, actor: Actor) -> None:
    for number in numbers:
        append(NOTED, actor=actor, subject="pack:test", payload=Noted(text="t", number=number))


def test_a_sealed_journal_is_whole(
    fresh_database: FreshDatabase, other_process: OtherProcess
) -> None:
    note(1, 2, 3, actor=ACTOR)
    sealed = json.loads(other_process("journal", "seal", "--json").stdout)
    assert [seal["entries"] for seal in sealed["seals"]] == [3]
    assert sealed["head"]["number"] == 1
    note(4, actor=ACTOR)
    verified = other_process("journal", "verify", "--json")
    assert verified.returncode == 0, verified.stderr
    report = json.loads(verified.stdout)
    assert (report["ok"], report["entries"], report["unsealed"]) == (True, 3, 1)
    assert "Nothing new" not in other_process("journal", "seal").stdout
    assert "Nothing new" in other_process("journal", "seal").stdout


def test_a_tampered_entry_is_found_and_named(
    fresh_database: FreshDatabase, other_process: OtherProcess
) -> None:
    note(1, 2, 3, actor=ACTOR)
    other_process("journal", "seal")
    with psycopg.connect(fresh_database.superuser_url, autocommit=True) as superuser:
        for (table,) in superuser.execute(
            "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'journal_append_only'"
        ).fetchall():
            superuser.execute(f"ALTER TABLE {table} DISABLE TRIGGER journal_append_only")
        ((entry,),) = superuser.execute(
            "UPDATE journal_entry SET payload = replace(payload, '2', '7')"
            " WHERE payload LIKE '%2%' RETURNING id"
        ).fetchall()
    verified = other_process("journal", "verify", "--json")
    assert verified.returncode == 1
    (problem,) = json.loads(verified.stdout)["problems"]
    assert (problem["kind"], problem["entry"]) == ("changed", entry)
    assert f"Entry {entry}" in other_process("journal", "verify").stdout


@pytest.mark.usefixtures("fresh_database")
def test_the_lake_is_exported_once(other_process: OtherProcess) -> None:
    first = other_process("lake", "export", "--json")
    assert first.returncode == 0, first.stderr
    for dataset in json.loads(first.stdout)["datasets"]:
        assert (dataset["behind"], dataset["missing"]) == (0, 0)
    assert json.loads(other_process("lake", "export", "--json").stdout)["files"] == []
