"""Keys: shown once, stored as a digest, journalled, revoked for good, counted per day."""

import json
from datetime import date
from typing import Any

import pytest

from citysteward.grid.models import ApiKey
from citysteward.grid.open311 import keys
from citysteward.kernel.journal import queries as journal
from citysteward.lib.errors import PlainError
from tests.databases import OtherProcess
from tests.grid.open311.conftest import TESTER, issue

pytestmark = pytest.mark.django_db


def test_a_key_is_stored_as_its_digest_alone() -> None:
    issued = issue()
    stored = ApiKey.objects.filter(pk=issued.key.pk).values().get()
    assert issued.secret not in str(stored)
    assert len(issued.secret) > 40
    assert keys.find_key(issued.secret) == issued.key
    assert keys.find_key(issued.secret + "x") is None
    assert keys.find_key(stored["digest"]) is None


def test_issuing_and_revoking_are_journalled_without_the_key() -> None:
    issued = issue(daily_quota=7)
    keys.revoke_key(issued.key.label, actor=TESTER)
    entries = journal.entries_of(keys.subject(issued.key))
    assert [entry.kind for entry in entries] == ["api_key.issued", "api_key.revoked"]
    assert entries[0].data() == {"label": issued.key.label, "daily_quota": 7}
    assert not any(issued.secret in entry.payload for entry in entries)


def test_a_revoked_key_is_worthless_and_its_label_free_again() -> None:
    first = issue()
    keys.revoke_key(first.key.label, actor=TESTER)
    assert keys.find_key(first.secret) is None
    second = keys.issue_key(first.key.label, actor=TESTER)
    assert second.secret != first.secret
    assert keys.find_key(second.secret) == second.key
    assert [key.active for key in keys.all_keys()] == [False, True]


@pytest.mark.parametrize(
    ("label", "quota", "remedy"),
    [
        ("  ", 10, "Name the key's holder"),
        ("two\nlines", 10, "Name the key's holder"),
        ("x" * 81, 10, "Name the key's holder"),
        ("app", 0, "daily quota"),
        ("app", 1_000_001, "daily quota"),
    ],
)
def test_what_cannot_be_issued_says_why(label: str, quota: int, remedy: str) -> None:
    with pytest.raises(PlainError, match=remedy):
        keys.issue_key(label, daily_quota=quota, actor=TESTER)
    assert not keys.all_keys()


def test_a_label_has_one_active_key() -> None:
    issued = issue()
    with pytest.raises(PlainError, match="has a key already"):
        keys.issue_key(issued.key.label, actor=TESTER)
    with pytest.raises(PlainError, match="No active key"):
        keys.revoke_key("nobody", actor=TESTER)


def test_the_quota_is_of_one_key_and_one_day() -> None:
    key, other = issue(daily_quota=2).key, issue(daily_quota=2).key
    monday, tuesday = date(2026, 1, 5), date(2026, 1, 6)
    for _ in range(2):
        keys.count_use(keys.lock_use(key, monday), key.daily_quota)
    with pytest.raises(keys.QuotaExceeded):
        keys.count_use(keys.lock_use(key, monday), key.daily_quota)
    keys.count_use(keys.lock_use(key, tuesday), key.daily_quota)
    keys.count_use(keys.lock_use(other, monday), other.daily_quota)


def test_keys_from_the_command_line(other_process: OtherProcess) -> None:
    def said(*arguments: str) -> Any:
        done = other_process("apikey", *arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    issued = said("issue", "Street App", "--quota", "50")
    assert (issued["label"], issued["daily_quota"]) == ("Street App", 50)
    assert issued["api_key"].startswith("cs_")
    (listed,) = said("list")
    assert (listed["id"], listed["active"]) == (issued["id"], True)
    assert issued["api_key"] not in str(listed)
    assert said("revoke", "Street App")["id"] == issued["id"]
    again = other_process("apikey", "revoke", "Street App")
    assert (again.returncode, again.stdout) == (1, "")
    assert "No active key is labelled 'Street App'." in again.stderr
