from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from pytest_django.plugin import DjangoDbBlocker

from citysteward.kernel.journal import queries
from citysteward.kernel.journal.actions import (
    action,
    after_commit,
    append,
    append_batch,
    unchanged,
)
from citysteward.kernel.journal.types import (
    Actor,
    Draft,
    OutsideAction,
    PayloadRefused,
    UndeclaredVerb,
    UnjournalledAction,
    Verb,
)
from citysteward.lib.words import Words
from tests.kernel.journal.verbs import ACTOR, NOTED, Noted


@action
def note(subject: str, text: str, *, actor: Actor) -> int:
    return append(NOTED, actor=actor, subject=subject, payload=Noted(text=text))


@action
def note_many(drafts: list[Draft[Noted]], *, actor: Actor) -> int:
    return append_batch(drafts, actor=actor)


@action
def do_nothing(*, actor: Actor) -> None:
    pass


@action
def call_inner(*, actor: Actor, fail_after: bool = False) -> None:
    note("case:inner", "inner", actor=actor)
    if fail_after:
        raise RuntimeError("after the inner action")


@action
def catch_inner(*, actor: Actor) -> None:
    try:
        call_inner(actor=actor, fail_after=True)
    except RuntimeError:
        return


@action
def find_it_there(*, actor: Actor, append_anyway: bool = False) -> str:
    if append_anyway:
        append(NOTED, actor=actor, subject="case:1", payload=Noted(text="x"))
    return unchanged("as it was")


def test_an_entry_tells_who_did_what_to_what_and_when(db: None) -> None:
    before = datetime.now(UTC) - timedelta(seconds=5)
    entry_id = note("case:1", "路灯坏了", actor=ACTOR)
    (entry,) = queries.entries_of("case:1")
    assert entry.id == entry_id
    assert (entry.kind, entry.version) == ("test.noted", 1)
    assert (entry.actor, entry.actor_name) == ("system:test", "Test")
    assert entry.read(NOTED) == Noted(text="路灯坏了")
    assert entry.data()["text"] == "路灯坏了"
    assert before < entry.recorded_at < datetime.now(UTC) + timedelta(seconds=5)
    assert entry.occurred_at == entry.recorded_at
    assert entry.segment is None


def test_business_time_is_kept_to_the_microsecond(db: None) -> None:
    long_ago = datetime(2015, 1, 1, 0, 0, 0, 123457, tzinfo=UTC)

    @action
    def tell(*, actor: Actor) -> None:
        append(NOTED, actor=actor, subject="case:1", payload=Noted(text="x"), occurred_at=long_ago)

    tell(actor=ACTOR)
    (entry,) = queries.entries_of("case:1")
    assert entry.occurred_at == long_ago
    assert entry.recorded_at > long_ago


def test_an_action_without_an_entry_is_refused(db: None) -> None:
    with pytest.raises(UnjournalledAction, match="do_nothing"):
        do_nothing(actor=ACTOR)


def test_an_action_without_an_entry_leaves_nothing(db: None) -> None:
    @action
    def write_in_secret(*, actor: Actor) -> None:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO journal_lake_cursor (dataset) VALUES ('secret')")

    with pytest.raises(UnjournalledAction):
        write_in_secret(actor=ACTOR)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM journal_lake_cursor WHERE dataset = 'secret'")
        assert cursor.fetchone() == (0,)


def test_an_inner_action_s_entry_counts_for_the_outer_one(db: None) -> None:
    call_inner(actor=ACTOR)
    assert len(queries.entries_of("case:inner")) == 1


def test_an_entry_that_was_rolled_back_does_not_count(db: None) -> None:
    with pytest.raises(UnjournalledAction, match="catch_inner"):
        catch_inner(actor=ACTOR)
    assert queries.entries_of("case:inner") == []


def test_an_action_that_changes_nothing_may_say_so(db: None) -> None:
    assert find_it_there(actor=ACTOR) == "as it was"


def test_an_action_cannot_append_and_say_that_nothing_changed(db: None) -> None:
    with pytest.raises(UnjournalledAction, match="nothing changed"):
        find_it_there(actor=ACTOR, append_anyway=True)
    assert queries.entries_of("case:1") == []


def test_nothing_is_appended_outside_an_action(db: None) -> None:
    with pytest.raises(OutsideAction):
        append(NOTED, actor=ACTOR, subject="case:1", payload=Noted(text="x"))
    with pytest.raises(OutsideAction):
        append_batch([], actor=ACTOR)
    with pytest.raises(OutsideAction):
        unchanged(1)
    with pytest.raises(OutsideAction):
        after_commit(print)


def test_an_action_takes_its_actor_by_keyword_only() -> None:
    def positional(actor: Actor) -> None: ...

    def without() -> None: ...

    async def later(*, actor: Actor) -> None: ...

    for function in (positional, without, later):
        with pytest.raises(TypeError):
            action(function)


def test_an_action_keeps_its_name_and_signature() -> None:
    assert note.__name__ == "note"


def test_only_declared_verbs_and_their_own_payload_are_accepted(db: None) -> None:
    class Other(BaseModel):
        text: str

    @action
    def tell(verb: Verb[BaseModel], payload: BaseModel, *, actor: Actor) -> None:
        append(verb, actor=actor, subject="case:1", payload=payload)

    undeclared: Verb[BaseModel] = Verb("test.unknown", 1, BaseModel, Words(en="a", zh="b"))
    # Equal is not enough: another declaration of the same verb may mean another payload.
    twin: Verb[BaseModel] = Verb("test.noted", 1, Other, Words(en="Noted", zh="已记录"))
    for verb in (undeclared, twin):
        with pytest.raises(UndeclaredVerb):
            tell(verb, Other(text="x"), actor=ACTOR)
    with pytest.raises(PayloadRefused):
        tell(NOTED, Other(text="x"), actor=ACTOR)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["\x00", "a\\\x00", "\\\\\x00b"])
def test_a_nul_character_is_refused_before_the_database_sees_it(db: None, text: str) -> None:
    with pytest.raises(PayloadRefused, match="NUL"):
        note("case:1", text, actor=ACTOR)


@pytest.mark.parametrize("text", ["\\u0000", "a\\\\u0000", "\\\\\\u0000"])
def test_text_that_only_looks_like_a_nul_is_kept(db: None, text: str) -> None:
    note("case:1", text, actor=ACTOR)
    assert queries.entries_of("case:1")[0].read(NOTED).text == text


@pytest.mark.parametrize("bad", ["", "case", ":1", "case:"])
def test_actors_and_subjects_say_of_what_kind_they_are(db: None, bad: str) -> None:
    with pytest.raises(ValueError, match="kind"):
        Actor(bad)
    with pytest.raises(ValueError, match="kind"):
        note(bad, "x", actor=ACTOR)


def test_a_business_time_without_zone_is_refused(db: None) -> None:
    naive = datetime(2015, 1, 1)  # noqa: DTZ001
    with pytest.raises(ValueError, match="time zone"):
        note_many([Draft(NOTED, "case:1", Noted(text="x"), naive)], actor=ACTOR)


def test_a_batch_keeps_order_times_and_every_character(db: None) -> None:
    texts = ["tab\there", "line\nbreak", "back\\slash", "\\N", "引号\"'", "", "😀", "\r", "\x01"]
    start = datetime(2015, 1, 1, tzinfo=UTC)
    drafts = [
        Draft(NOTED, "case:batch", Noted(text=text, number=n), start + timedelta(hours=n))
        for n, text in enumerate(texts)
    ]
    assert note_many(drafts, actor=ACTOR) == len(texts)
    entries = queries.entries_of("case:batch")
    assert [entry.read(NOTED).text for entry in entries] == texts
    assert [entry.occurred_at for entry in entries] == [draft.occurred_at for draft in drafts]
    assert [entry.payload for entry in entries] == [d.payload.model_dump_json() for d in drafts]
    assert [entry.id for entry in entries] == sorted(entry.id for entry in entries)


def test_a_batch_larger_than_a_chunk_goes_in_whole(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("citysteward.kernel.journal.actions.BATCH_ROWS", 7)
    drafts = [Draft(NOTED, "case:batch", Noted(text=str(n))) for n in range(50)]
    assert note_many(drafts, actor=ACTOR) == 50
    found = [entry.read(NOTED).text for entry in queries.entries_of("case:batch", limit=100)]
    assert found == [str(n) for n in range(50)]


def test_an_empty_batch_is_no_entry(db: None) -> None:
    with pytest.raises(UnjournalledAction):
        note_many([], actor=ACTOR)


@pytest.mark.django_db(transaction=True)
def test_notifications_follow_the_commit_and_undo_nothing() -> None:
    heard: list[str] = []

    @action
    def announce(*, actor: Actor, fail: bool) -> None:
        append(NOTED, actor=actor, subject="case:1", payload=Noted(text="x"))

        def broken() -> None:
            heard.append("broken")
            raise RuntimeError("the mail server is down")

        after_commit(broken)
        after_commit(lambda: heard.append("second"))
        assert heard == []
        if fail:
            raise ValueError("refused")

    with pytest.raises(ValueError, match="refused"):
        announce(actor=ACTOR, fail=True)
    assert heard == []
    announce(actor=ACTOR, fail=False)
    assert heard == ["broken", "second"]
    assert len(queries.entries_of("case:1")) == 1


BAD_PAYLOADS = [
    "[]",
    "1",
    "null",
    "",
    "{",
    '{"a":1,"a":2}',
    '{"a":{"b":1,"b":1}}',
    '{"a":[{"b":1,"b":1}]}',
    '{"a":"\\u0000"}',
    '{"a":"\\\\\\u0000"}',
    "{'a':1}",
    '{"a":NaN}',
]


@pytest.mark.parametrize("payload", BAD_PAYLOADS)
def test_the_database_takes_only_objects_that_read_one_way(db: None, payload: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT journal_append('test.noted', 1::smallint, 'a:b', '', 'c:d', %s)", [payload]
        )


@given(text=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_any_text_comes_back_as_it_went_in(
    text: str, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> None:
    subject = f"case:{uuid4()}"
    with django_db_blocker.unblock(), transaction.atomic():
        note(subject, text, actor=ACTOR)
        note_many([Draft(NOTED, subject, Noted(text=text))], actor=ACTOR)
        found = [entry.read(NOTED).text for entry in queries.entries_of(subject)]
        transaction.set_rollback(True)
    assert found == [text, text]
