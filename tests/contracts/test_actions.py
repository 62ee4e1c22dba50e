"""Loading a contract and freezing a period: journalled, once, and never changed afterwards."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from django.db import DatabaseError, connection, transaction

from citysteward.contracts import actions, queries
from citysteward.contracts.models import Appraisal, Contract
from citysteward.contracts.types import AlreadyFrozenError, NoSealError, TooEarlyError
from citysteward.kernel.journal import queries as journal
from citysteward.lib.dates import Period
from citysteward.performance import queries as performance
from citysteward.performance.source import Source
from tests.contracts import boston

Q1, Q2 = Period.parse("2015Q1"), Period.parse("2015Q2")


def told(kind: str) -> list[dict[str, object]]:
    return [
        entry.data() for entry in journal.entries_of("contract:boston-311") if entry.kind == kind
    ]


def test_freezing_keeps_the_exact_result_and_tells_the_journal(city: Path) -> None:
    frozen = actions.appraise("boston-311", Q2, actor=boston.TESTER)
    assert frozen.result == queries.preview("boston-311", Q2).text
    assert (frozen.seal_number, frozen.seal_root) == (1, boston.ROOT)
    assert str(frozen.due) == "11425662.28"
    (entry,) = told("appraisal.frozen")
    assert entry["sha256"] == frozen.sha256
    assert entry["due"] == "11425662.28"
    assert entry["seal_root"] == boston.ROOT
    assert told("rectification.ordered") == []
    assert queries.appraisal("boston-311", Q2) == frozen


def test_a_low_total_orders_rectification(city: Path) -> None:
    frozen = actions.appraise("boston-311", Q1, actor=boston.TESTER)
    assert frozen.rectification
    (entry,) = told("rectification.ordered")
    assert entry["below"] == "60"
    assert entry["total"] == "47.8927635249"
    assert entry["sha256"] == frozen.sha256


def test_freezing_again_changes_nothing(city: Path) -> None:
    first = actions.appraise("boston-311", Q1, actor=boston.TESTER)
    again = actions.appraise("boston-311", Q1, actor=boston.TESTER, as_of=first.as_of)
    assert again.pk == first.pk
    assert len(told("appraisal.frozen")) == 1
    with pytest.raises(AlreadyFrozenError, match="it stays"):
        actions.appraise(
            "boston-311", Q1, actor=boston.TESTER, as_of=first.as_of - timedelta(days=1)
        )


def test_recomputing_on_the_same_seal_gives_the_same_bytes(
    city: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frozen = actions.appraise("boston-311", Q2, actor=boston.TESTER)
    outcome = queries.recompute(frozen)
    assert outcome.same_bytes
    # This seal is the test's own; the journal has none of that root.
    assert not outcome.same_root
    assert not outcome.holds


def test_recomputing_shows_a_lake_that_was_tampered_with(
    city: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frozen = actions.appraise("boston-311", Q2, actor=boston.TESTER)
    table = pq.read_table(city)
    pq.write_table(table.slice(0, table.num_rows - 1), tmp_path / "shorter.parquet")
    with boston.lake(monkeypatch, [tmp_path / "shorter.parquet"]):
        assert not queries.recompute(frozen).same_bytes


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE contracts_appraisal SET due = 1",
        "DELETE FROM contracts_appraisal",
        "UPDATE contracts_contractversion SET document = '{}'",
        "DELETE FROM contracts_contractversion",
    ],
)
def test_what_was_frozen_refuses_any_change(city: Path, statement: str) -> None:
    actions.appraise("boston-311", Q1, actor=boston.TESTER)
    with (
        pytest.raises(DatabaseError, match="only ever added to"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert Appraisal.objects.get().result


def test_a_contract_loaded_again_is_unchanged_and_a_changed_one_a_new_version(city: Path) -> None:
    document = boston.contract()
    assert actions.load_contract("boston", document, actor=boston.TESTER) == "unchanged"
    frozen = actions.appraise("boston-311", Q1, actor=boston.TESTER)
    dearer = document.model_copy(
        update={"payment": document.payment.model_copy(update={"amount": Decimal(13_000_000)})}
    )
    assert actions.load_contract("boston", dearer, actor=boston.TESTER) == "changed"
    assert Contract.objects.get().versions.count() == 2
    assert queries.computed(frozen).text == frozen.result
    assert queries.preview("boston-311", Q1).scored.payment.due != frozen.due
    assert actions.load_contract("boston", document, actor=boston.TESTER) == "changed"
    assert Contract.objects.get().versions.count() == 2
    assert len(told("contract.loaded")) == 3


def test_the_future_is_not_frozen(city: Path) -> None:
    with pytest.raises(TooEarlyError, match="lies ahead"):
        actions.appraise(
            "boston-311", Q1, actor=boston.TESTER, as_of=datetime.now(UTC) + timedelta(hours=1)
        )


def test_without_a_seal_nothing_is_frozen(city: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # In a context of its own, inside that of the fixture: undone before it, not after.
    with monkeypatch.context() as patched:
        patched.setattr(performance, "source", lambda _=None: Source((city,), 1, "", None))
        with pytest.raises(NoSealError, match="lake export"):
            actions.appraise("boston-311", Q1, actor=boston.TESTER)


def test_periods_tell_how_far_they_are(city: Path) -> None:
    actions.appraise("boston-311", Q1, actor=boston.TESTER)
    now = datetime(2015, 5, 1, tzinfo=UTC)
    states = {str(row.period): row.state for row in queries.periods("boston-311", now)}
    assert len(states) == 18
    assert states["2014Q4"] == "empty"
    assert states["2015Q1"] == "frozen"
    assert states["2015Q2"] == "running"
    assert states["2015Q3"] == "to_come"
    later = {
        str(row.period): row.state
        for row in queries.periods("boston-311", datetime(2016, 2, 1, tzinfo=UTC))
    }
    assert (later["2015Q2"], later["2015Q3"]) == ("open", "empty")
