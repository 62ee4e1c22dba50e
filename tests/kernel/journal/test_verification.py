"""Tampering as the superuser, with the triggers off: each is found and named."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
import pytest

from citysteward.kernel.journal import merkle, witness
from citysteward.kernel.journal.actions import action, append_batch, seal_segments
from citysteward.kernel.journal.encoding import decode_header, entry_leaf
from citysteward.kernel.journal.queries import entries_of, verify
from citysteward.kernel.journal.types import Actor, Draft, Problem, ProblemKind, VerifyReport
from citysteward.lib.signing import SigningKey
from tests.databases import FreshDatabase
from tests.kernel.journal.verbs import ACTOR, NOTED, Noted

LONG_AGO = datetime(2015, 1, 1, tzinfo=UTC)


@action
def note_many(count: int, *, actor: Actor) -> None:
    append_batch(
        (Draft(NOTED, f"case:{n}", Noted(text="x", number=n), LONG_AGO) for n in range(count)),
        actor=actor,
    )


@pytest.fixture
def sealed(fresh_database: FreshDatabase) -> FreshDatabase:
    """Ten entries in segments of four, four and two."""
    note_many(10, actor=ACTOR)
    assert [seal.entries for seal in seal_segments(limit=4)] == [4, 4, 2]
    return fresh_database


@pytest.fixture
def tamper(sealed: FreshDatabase) -> Callable[..., list[Any]]:
    """Run SQL as the superuser with all triggers off."""

    def run(statement: str, *values: Any) -> list[Any]:
        with psycopg.connect(sealed.superuser_url, autocommit=True) as connection:
            connection.execute("SET session_replication_role = replica")
            for (table,) in connection.execute(
                "SELECT tgrelid::regclass::text FROM pg_trigger"
                " WHERE tgname = 'journal_append_only'"
            ).fetchall():
                connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER journal_append_only")
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    return run


def found(report: VerifyReport) -> list[tuple[str, int | None, int | None]]:
    return [(problem.kind.value, problem.segment, problem.entry) for problem in report.problems]


def entry_id(case: int) -> int:
    (entry,) = entries_of(f"case:{case}")
    return entry.id


def test_an_untouched_journal_is_found_whole(sealed: FreshDatabase) -> None:
    steps: list[tuple[int, int]] = []
    report = verify(lambda done, total: steps.append((done, total)))
    assert report.ok
    assert (report.entries, report.segments, report.unsealed) == (10, 3, 0)
    assert report.witnessed
    assert steps == [(4, 10), (8, 10), (10, 10)]


def test_entries_after_the_last_seal_are_counted(sealed: FreshDatabase) -> None:
    note_many(3, actor=ACTOR)
    report = verify()
    assert report.ok
    assert report.unsealed == 3


def test_an_empty_journal_is_whole(fresh_database: FreshDatabase) -> None:
    report = verify()
    assert report.ok
    assert not report.witnessed


@pytest.mark.parametrize(
    "change",
    [
        "payload = replace(payload, '\"x\"', '\"y\"')",
        "payload = payload || ' '",
        "recorded_at = recorded_at + interval '1 microsecond'",
        "occurred_at = occurred_at - interval '1 microsecond'",
        "actor = 'system:other'",
        "actor_name = 'Somebody else'",
        "subject = 'case:other'",
        "kind = 'test.other'",
        "version = 2",
    ],
)
def test_a_changed_entry_is_named(tamper: Callable[..., Any], change: str) -> None:
    victim = entry_id(5)
    tamper(f"UPDATE journal_entry SET {change} WHERE id = %s", victim)
    assert found(verify()) == [("changed", 2, victim)]


@pytest.mark.parametrize("txid", ["3", "txid::text::bigint + 1000000"])
def test_an_entry_moved_to_another_place_is_named_once(
    tamper: Callable[..., Any], txid: str
) -> None:
    victim = entry_id(5)
    tamper(f"UPDATE journal_entry SET txid = ({txid})::text::xid8 WHERE id = %s", victim)
    assert ("changed", 2, victim) in found(verify())
    assert {entry for _, _, entry in found(verify())} == {victim}


def test_a_changed_id_is_a_lost_and_an_added_entry(tamper: Callable[..., Any]) -> None:
    victim = entry_id(9)
    tamper("UPDATE journal_entry SET id = 1000 WHERE id = %s", victim)
    report = verify()
    # The new id sorts after the end of the last seal, where entries still await one.
    assert found(report) == [("lost", 3, victim)]
    assert report.unsealed == 1


def test_a_deleted_entry_is_named(tamper: Callable[..., Any]) -> None:
    victim = entry_id(2)
    tamper("DELETE FROM journal_entry WHERE id = %s", victim)
    assert found(verify()) == [("lost", 1, victim)]


def test_an_entry_put_in_between_is_named(tamper: Callable[..., Any]) -> None:
    ((new,),) = tamper(
        "INSERT INTO journal_entry (id, epoch, txid, recorded_at, occurred_at, kind, version,"
        " actor, actor_name, subject, payload) SELECT -7, epoch, txid, recorded_at, occurred_at,"
        " kind, version, actor, actor_name, subject, payload FROM journal_entry"
        " WHERE subject = 'case:1' RETURNING id"
    )
    assert found(verify()) == [("added", 1, new)]


def test_a_twin_with_the_same_id_is_named(tamper: Callable[..., Any]) -> None:
    twin = entry_id(6)
    tamper(
        "INSERT INTO journal_entry (id, epoch, txid, recorded_at, occurred_at, kind, version,"
        " actor, actor_name, subject, payload) SELECT id, epoch, txid, recorded_at"
        " + interval '1 second', occurred_at, kind, version, actor, actor_name, subject, payload"
        " FROM journal_entry WHERE subject = 'case:6'"
    )
    assert found(verify()) == [("added", 2, twin)]


def test_two_entries_that_changed_places_are_both_named(tamper: Callable[..., Any]) -> None:
    one, other = entry_id(4), entry_id(7)
    tamper(
        "UPDATE journal_entry AS e SET payload = o.payload, subject = o.subject"
        " FROM journal_entry AS o"
        " WHERE (e.id = %s AND o.id = %s) OR (e.id = %s AND o.id = %s)",
        one, other, other, one,
    )  # fmt: skip
    assert found(verify()) == [("changed", 2, one), ("changed", 2, other)]


def test_an_entry_with_an_impossible_transaction_is_named(tamper: Callable[..., Any]) -> None:
    ((new,),) = tamper(
        "INSERT INTO journal_entry (id, epoch, txid, recorded_at, occurred_at, kind, version,"
        " actor, actor_name, subject, payload) SELECT 5000, epoch, '900000000'::xid8, recorded_at,"
        " occurred_at, kind, version, actor, actor_name, subject, payload FROM journal_entry"
        " WHERE subject = 'case:1' RETURNING id"
    )
    assert found(verify()) == [("added", None, new)]


def test_a_last_segment_cut_off_is_known_to_the_witness(tamper: Callable[..., Any]) -> None:
    tamper("DELETE FROM journal_segment WHERE number = 3")
    report = verify()
    assert found(report) == [("tail", 3, None)]
    assert report.unsealed == 2


def test_entries_cut_off_with_their_segment_are_known_to_the_witness(
    tamper: Callable[..., Any],
) -> None:
    tamper("DELETE FROM journal_entry WHERE subject IN ('case:8', 'case:9')")
    tamper("DELETE FROM journal_segment WHERE number = 3")
    assert found(verify()) == [("tail", 3, None)]


def test_a_tail_sealed_anew_is_not_the_one_that_was_witnessed(tamper: Callable[..., Any]) -> None:
    tamper("DELETE FROM journal_segment WHERE number = 3")
    tamper("DELETE FROM journal_entry WHERE subject = 'case:9'")
    seal_segments()
    assert found(verify()) == [("chain", 3, None)]


def test_a_copy_of_the_witness_kept_elsewhere_can_be_asked(
    sealed: FreshDatabase, tamper: Callable[..., Any], tmp_path: Path
) -> None:
    elsewhere = tmp_path / "heads.txt"
    elsewhere.write_bytes(witness.default_path().read_bytes())
    tamper("DELETE FROM journal_segment WHERE number = 3")
    witness.default_path().unlink()
    assert not verify().witnessed
    assert found(verify(witness_path=elsewhere)) == [("tail", 3, None)]


def test_a_segment_missing_in_the_middle_is_named(tamper: Callable[..., Any]) -> None:
    tamper("DELETE FROM journal_segment WHERE number = 2")
    kinds = found(verify())
    assert kinds[:2] == [("chain", 2, None), ("chain", 3, None)]
    # What segment 2 covered stands in nobody's list now.
    assert {kind for kind, _, _ in kinds[2:]} == {"added"}
    assert len(kinds) == 2 + 4


def test_a_segment_signed_with_another_key_is_named(
    sealed: FreshDatabase, tamper: Callable[..., Any]
) -> None:
    stranger = SigningKey(bytes(range(32)))
    ((header,),) = tamper("SELECT header FROM journal_segment WHERE number = 2")
    tamper(
        "UPDATE journal_segment SET signature = %s, public_key = %s WHERE number = 2",
        stranger.sign(bytes(header)),
        stranger.public,
    )
    assert found(verify()) == [("signature", 2, None)]
    # The installation's own key on another's signature is no better.
    own = SigningKey(b"\x01" * 32)
    tamper("UPDATE journal_segment SET public_key = %s WHERE number = 2", own.public)
    assert found(verify(trusted=[own.public])) == [
        ("signature", 1, None),
        ("signature", 2, None),
        ("signature", 3, None),
    ]


def test_a_change_that_is_sealed_anew_with_another_key_is_named(
    sealed: FreshDatabase, tamper: Callable[..., Any]
) -> None:
    """The whole of what somebody can do who owns the database but not the key."""
    victim = entry_id(8)
    tamper('UPDATE journal_entry SET payload = \'{"text":"y"}\' WHERE id = %s', victim)
    ((header_bytes, hashes),) = tamper(
        "SELECT header, hashes FROM journal_segment WHERE number = 3"
    )
    leaves = merkle.split(bytes(hashes))
    leaves[0] = merkle.leaf_hash(entry_leaf(entries_of("case:8")[0]))
    header = replace(decode_header(bytes(header_bytes)), root=merkle.root(leaves))
    stranger = SigningKey(bytes(range(32)))
    tamper(
        "UPDATE journal_segment SET header = %s, header_hash = %s, root = %s, hashes = %s,"
        " signature = %s, public_key = %s WHERE number = 3",
        header.encode(),
        sha256(header.encode()).digest(),
        header.root,
        b"".join(leaves),
        stranger.sign(header.encode()),
        stranger.public,
    )
    assert found(verify()) == [("signature", 3, None), ("chain", 3, None)]


def test_a_header_changed_under_its_signature_is_named(tamper: Callable[..., Any]) -> None:
    tamper(
        "UPDATE journal_segment SET header = h, header_hash = sha256(h) FROM (SELECT convert_to("
        "replace(convert_from(header, 'UTF8'), '\"entries\":4', '\"entries\":5'), 'UTF8') AS h"
        " FROM journal_segment WHERE number = 2) AS forged WHERE number = 2"
    )
    kinds = found(verify())
    assert ("signature", 2, None) in kinds
    assert ("chain", 3, None) in kinds


def test_an_unreadable_header_is_named(tamper: Callable[..., Any]) -> None:
    tamper("UPDATE journal_segment SET header = 'x', header_hash = sha256('x') WHERE number = 2")
    kinds = found(verify())
    assert kinds[:3] == [("signature", 2, None), ("changed", 2, None), ("chain", 3, None)]


def test_columns_that_contradict_the_signed_header_are_named(tamper: Callable[..., Any]) -> None:
    tamper("UPDATE journal_segment SET total = 9 WHERE number = 2")
    assert found(verify()) == [("changed", 2, None)]


def test_a_list_of_hashes_in_another_order_is_told_from_changed_entries(
    tamper: Callable[..., Any],
) -> None:
    tamper(
        "UPDATE journal_segment SET hashes = substr(hashes, 33, 32) || substr(hashes, 1, 32)"
        " || substr(hashes, 65) WHERE number = 1"
    )
    assert found(verify()) == [("order", 1, None)]


def test_a_changed_list_of_hashes_is_told_from_changed_entries(tamper: Callable[..., Any]) -> None:
    tamper(
        "UPDATE journal_segment SET hashes = set_byte(hashes, 0, 255 - get_byte(hashes, 0))"
        " WHERE number = 1"
    )
    tamper("UPDATE journal_segment SET ids = set_byte(ids, 7, 99) WHERE number = 2")
    assert found(verify()) == [("changed", 1, None), ("changed", 2, None)]


def test_an_entry_changed_together_with_its_hash_is_still_found(
    tamper: Callable[..., Any],
) -> None:
    victim = entry_id(0)
    tamper('UPDATE journal_entry SET payload = \'{"text":"y"}\' WHERE id = %s', victim)
    forged = merkle.leaf_hash(entry_leaf(entries_of("case:0")[0]))
    tamper("UPDATE journal_segment SET hashes = %s || substr(hashes, 33) WHERE number = 1", forged)
    assert found(verify()) == [("changed", 1, None)]


def test_a_dropped_month_is_all_named(tamper: Callable[..., Any]) -> None:
    ((partition,),) = tamper("SELECT DISTINCT tableoid::regclass::text FROM journal_entry")
    tamper(f"DROP TABLE {partition}")
    report = verify()
    assert report.problem_count == 10
    assert {kind for kind, _, _ in found(report)} == {"lost"}


def test_every_problem_is_explained_in_both_languages(tamper: Callable[..., Any]) -> None:
    tamper("DELETE FROM journal_entry WHERE subject = 'case:2'")
    (problem,) = verify().problems
    assert isinstance(problem, Problem)
    assert problem.kind is ProblemKind.LOST
    assert str(problem.entry) in problem.explanation.en
    assert str(problem.entry) in problem.explanation.zh
