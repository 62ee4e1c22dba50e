import json
from pathlib import Path

import psycopg
import pytest

from citysteward.kernel.journal.actions import action, append, seal_segments
from citysteward.kernel.journal.queries import head, lake_files, lake_report
from citysteward.kernel.journal.tasks import keep_journal
from citysteward.kernel.journal.types import Actor
from tests.databases import FreshDatabase, OtherProcess
from tests.kernel.journal.verbs import ACTOR, NOTED, Noted


@action
def note(subject: str, *, actor: Actor) -> int:
    return append(NOTED, actor=actor, subject=subject, payload=Noted(text="x"))


@pytest.mark.usefixtures("fresh_database")
def test_sealing_exporting_and_verifying_from_the_command_line(
    other_process: OtherProcess,
) -> None:
    note("case:1", actor=ACTOR)
    entry = note("case:2", actor=ACTOR)
    exported = json.loads(other_process("lake", "export", "--json").stdout)
    assert [file["rows"] for file in exported["files"]] == [2]
    assert lake_files("journal") == [Path(file["path"]) for file in exported["files"]]
    verified = other_process("journal", "verify", "--json")
    assert verified.returncode == 0
    report = json.loads(verified.stdout)
    assert report["ok"]
    assert (report["entries"], report["segments"], report["problems"]) == (2, 1, [])
    proof = other_process("journal", "proof", str(entry))
    assert json.loads(proof.stdout)["entry"]["subject"] == "case:2"


def test_tampering_fails_the_command_and_is_named(
    fresh_database: FreshDatabase, other_process: OtherProcess
) -> None:
    victim = note("case:1", actor=ACTOR)
    seal_segments()
    with psycopg.connect(fresh_database.superuser_url) as superuser:
        superuser.execute("ALTER TABLE journal_entry DISABLE TRIGGER ALL")
        superuser.execute("UPDATE journal_entry SET payload = '{}'")
    told = other_process("journal", "verify")
    assert told.returncode == 1
    assert f"Entry {victim}" in told.stdout
    report = json.loads(other_process("journal", "verify", "--json").stdout)
    assert not report["ok"]
    (problem,) = report["problems"]
    assert (problem["kind"], problem["segment"], problem["entry"]) == ("changed", 1, victim)
    assert f"条目 {victim}" in problem["explanation"]["zh"]


def test_a_proof_is_checked_from_its_file(
    fresh_database: FreshDatabase, other_process: OtherProcess, tmp_path: Path
) -> None:
    entry = note("case:1", actor=ACTOR)
    early = other_process("journal", "proof", str(entry))
    assert (early.returncode, "not sealed" in early.stderr) == (1, True)
    seal_segments()
    file = tmp_path / "proof.json"
    file.write_text(other_process("journal", "proof", str(entry)).stdout)
    assert other_process("journal", "check-proof", str(file)).returncode == 0
    file.write_text(file.read_text().replace("case:1", "case:2"))
    assert other_process("journal", "check-proof", str(file)).returncode == 1


def test_the_status_tells_how_far_everything_is(
    fresh_database: FreshDatabase, other_process: OtherProcess
) -> None:
    note("case:1", actor=ACTOR)
    seal_segments()
    told = json.loads(other_process("journal", "status", "--json").stdout)
    assert told["head"]["number"] == 1
    assert told["oldest_writer"] is None
    (lake,) = [state for state in told["lake"] if state["dataset"] == "journal"]
    assert (lake["segment"], lake["behind"]) == (0, 1)


def test_the_background_job_seals_and_exports_and_may_run_again(
    fresh_database: FreshDatabase,
) -> None:
    note("case:1", actor=ACTOR)
    for _ in range(2):
        keep_journal(timestamp=0)
        newest = head()
        assert newest is not None
        assert newest.number == 1
        assert [state.behind for state in lake_report()] == [0] * len(lake_report())
