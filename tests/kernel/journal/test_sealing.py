import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.db import connection

from citysteward.kernel.journal import witness
from citysteward.kernel.journal.actions import action, append, append_batch, seal_segments
from citysteward.kernel.journal.queries import (
    check_proof,
    entries_of,
    head,
    oldest_writer,
    proof,
    seal,
    settled_after,
    trusted_keys,
    verify,
)
from citysteward.kernel.journal.types import START, Actor, Draft, EntryView, JournalError
from tests.databases import FreshDatabase
from tests.kernel.journal.verbs import ACTOR, NOTED, Noted

APPEND = "SELECT journal_append('test.noted', 1::smallint, 'a:b', '', %s, '{\"text\":\"late\"}')"


@action
def note(subject: str, *, actor: Actor) -> None:
    append(NOTED, actor=actor, subject=subject, payload=Noted(text="x"))


@action
def note_many(count: int, *, actor: Actor) -> None:
    append_batch((Draft(NOTED, "case:many", Noted(text=str(n))) for n in range(count)), actor=actor)


def test_a_seal_tells_where_the_journal_stood(fresh_database: FreshDatabase) -> None:
    assert head() is None
    assert seal_segments() == []
    note_many(5, actor=ACTOR)
    (first,) = seal_segments()
    assert seal_segments() == []
    note_many(2, actor=ACTOR)
    (second,) = seal_segments()
    assert (first.number, first.entries, first.total) == (1, 5, 5)
    assert (second.number, second.entries, second.total) == (2, 2, 7)
    assert head() == second
    assert seal(1) == first
    assert seal(3) is None
    assert [entry.segment for entry in entries_of("case:many")] == [1] * 5 + [2] * 2
    assert first.last_cursor == entries_of("case:many")[4].cursor
    assert second.signed_at >= first.signed_at


def test_what_a_running_transaction_may_precede_waits(fresh_database: FreshDatabase) -> None:
    """A long transaction takes its number first and commits last: nothing is skipped."""
    with psycopg.connect(fresh_database.urls.app) as slow:
        slow.execute(APPEND, ["case:slow"])
        note("case:quick", actor=ACTOR)
        assert seal_segments() == []
        assert settled_after(START) == []
        writer = oldest_writer()
        assert writer is not None
        assert writer.pid == slow.info.backend_pid
        assert writer.age_seconds >= 0
        slow.commit()
    assert oldest_writer() is None
    (only,) = seal_segments()
    assert only.entries == 2
    assert [entry.subject for entry in settled_after(START)] == ["case:slow", "case:quick"]
    assert verify().ok


def test_an_entry_that_commits_late_lands_in_a_later_segment(fresh_database: FreshDatabase) -> None:
    note("case:before", actor=ACTOR)
    with psycopg.connect(fresh_database.urls.app) as slow:
        slow.execute(APPEND, ["case:slow"])
        note("case:quick", actor=ACTOR)
        (first,) = seal_segments()
        assert first.entries == 1
        slow.commit()
    (second,) = seal_segments()
    assert second.entries == 2
    # The slow one has the lower number of the two and comes first, as its id does.
    assert entries_of("case:slow")[0].segment == 2
    assert verify().ok


def test_a_transaction_with_a_lower_id_that_commits_later_is_read_once(
    fresh_database: FreshDatabase,
) -> None:
    """Ids and transaction numbers in opposite order: an id cursor would skip the first."""
    seen: list[EntryView] = []
    with psycopg.connect(fresh_database.urls.app) as late:
        late.execute("SELECT pg_current_xact_id()")
        note("case:lower-id", actor=ACTOR)
        late.execute(APPEND, ["case:higher-id"])
        seen.extend(settled_after(START))
        late.commit()
    cursor = seen[-1].cursor if seen else START
    seen.extend(settled_after(cursor))
    assert [entry.subject for entry in seen] == ["case:higher-id", "case:lower-id"]
    assert seen[0].id > seen[1].id


def test_sealers_at_the_same_time_make_one_chain(fresh_database: FreshDatabase) -> None:
    note_many(40, actor=ACTOR)
    barrier = threading.Barrier(4)

    def seal_at_once() -> int:
        try:
            barrier.wait(10)
            return len(seal_segments(limit=5))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        made = sum(pool.map(lambda _: seal_at_once(), range(4)))
    assert made == 8
    report = verify()
    assert report.ok
    assert (report.segments, report.entries) == (8, 40)
    assert sorted(witness.read(witness.default_path())) == list(range(1, 9))


def test_the_witness_catches_up_after_a_crash_in_mid_write(fresh_database: FreshDatabase) -> None:
    note("case:1", actor=ACTOR)
    seal_segments()
    path = witness.default_path()
    whole = path.read_bytes()
    note("case:2", actor=ACTOR)
    seal_segments()
    for torn in (whole + b"2 ab", whole, whole[:-1], b""):
        path.write_bytes(torn)
        witness.catch_up()
        assert path.read_bytes().startswith(whole)
        assert list(witness.read(path)) == [1, 2]
        assert verify().ok


def test_a_witness_line_that_is_none_is_named(fresh_database: FreshDatabase) -> None:
    note("case:1", actor=ACTOR)
    seal_segments()
    path = witness.default_path()
    path.write_text(path.read_text() + "nonsense\n")
    (problem,) = verify().problems
    assert f"{path.name}:2" in problem.explanation.en


def test_a_journal_restored_to_another_cluster_goes_on_in_a_new_epoch(
    fresh_database: FreshDatabase,
) -> None:
    note("case:old", actor=ACTOR)
    with psycopg.connect(fresh_database.superuser_url, autocommit=True) as superuser:
        # As a restore leaves it: entries with numbers that this cluster has not reached yet.
        superuser.execute("ALTER TABLE journal_epoch DISABLE TRIGGER USER")
        superuser.execute("UPDATE journal_epoch SET cluster = 1")
        superuser.execute("SET session_replication_role = replica")
        superuser.execute(
            "INSERT INTO journal_entry (id, epoch, txid, recorded_at, occurred_at, kind, version,"
            " actor, actor_name, subject, payload) SELECT 900, epoch, '900000000'::xid8,"
            " recorded_at, occurred_at, kind, version, actor, actor_name, 'case:unsealed', payload"
            " FROM journal_entry"
        )
    note("case:new", actor=ACTOR)
    (only,) = seal_segments()
    assert only.entries == 3
    assert [entry.epoch for entry in settled_after(START)] == [1, 1, 2]
    assert [entry.subject for entry in settled_after(START)][-1] == "case:new"
    assert verify().ok


def test_a_proof_holds_without_the_database(fresh_database: FreshDatabase) -> None:
    note_many(9, actor=ACTOR)
    seal_segments(limit=7)
    trusted = trusted_keys()
    for entry in entries_of("case:many"):
        made = proof(entry.id)
        copied = type(made).model_validate_json(made.model_dump_json())
        assert check_proof(copied, trusted)
        assert not check_proof(copied, [bytes(32)])
        for field, value in {
            "entry": {**made.entry, "payload": '{"text":"other"}'},
            "index": made.index + 1,
            "header": made.header.replace('"entries":', '"entries":1'),
            "signature": "00" * 64,
            "path": (*made.path, "00" * 32),
            "public_key": "zz",
        }.items():
            assert not check_proof(made.model_copy(update={field: value}), trusted), field


def test_there_is_no_proof_of_what_is_not_sealed(fresh_database: FreshDatabase) -> None:
    note("case:1", actor=ACTOR)
    (entry,) = entries_of("case:1")
    with pytest.raises(JournalError, match="not sealed"):
        proof(entry.id)
    with pytest.raises(LookupError):
        proof(entry.id + 1)


def test_there_is_no_proof_of_a_changed_entry(fresh_database: FreshDatabase) -> None:
    note("case:1", actor=ACTOR)
    seal_segments()
    with psycopg.connect(fresh_database.superuser_url, autocommit=True) as superuser:
        for (table,) in superuser.execute(
            "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'journal_append_only'"
        ).fetchall():
            superuser.execute(f"ALTER TABLE {table} DISABLE TRIGGER journal_append_only")
        superuser.execute("UPDATE journal_entry SET actor_name = 'other'")
    (entry,) = entries_of("case:1")
    with pytest.raises(JournalError, match="not what was sealed"):
        proof(entry.id)
