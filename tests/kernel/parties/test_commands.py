"""`citysteward staff …`: how a real installation gets its people."""

import json

import pytest
from django.test import Client
from typer.testing import CliRunner, Result

from citysteward.kernel.journal import queries as journal
from citysteward.kernel.parties import queries as parties
from citysteward.kernel.parties.commands import app
from citysteward.kernel.parties.models import Account
from citysteward.kernel.parties.types import Role
from citysteward.lib.errors import PlainError
from tests.kernel.parties.conftest import PASSWORD

pytestmark = pytest.mark.usefixtures("organisations")
ROSA = ("rosa", "--name", "Rosa Lind", "--role", "handler", "--organisation", "roads")


def staff(*arguments: str, given: str = PASSWORD + "\n") -> Result:
    return CliRunner().invoke(app, ["staff", *arguments], input=given, catch_exceptions=False)


def add(*arguments: str) -> Result:
    return staff("add", *(arguments or ROSA), "--password-stdin")


def kinds(account: Account) -> list[str]:
    """What the journal tells of an account and its person."""
    assert account.person is not None
    entries = [*journal.entries_of(account.subject), *journal.entries_of(account.person.subject)]
    assert {entry.actor for entry in entries} == {"system:command-line"}
    assert PASSWORD not in str([entry.payload for entry in entries])
    return sorted(entry.kind for entry in entries)


def signs_in(password: str) -> bool:
    answer = Client(REMOTE_ADDR="192.0.2.1").post(
        "/sign-in/", {"username": "rosa", "password": password}
    )
    return answer.status_code == 302


def test_who_was_added_signs_in_and_holds_the_role() -> None:
    assert "rosa can sign in now." in add(*ROSA, "--area", "t-east").stdout
    account = Account.objects.get(username="rosa")
    (held,) = parties.principal(account).memberships
    assert (held.role, held.organisation_code, held.area_code) == (Role.HANDLER, "roads", "t-east")
    assert signs_in(PASSWORD)
    assert kinds(account) == ["account.added", "person.added", "person.role_given"]


def test_the_password_is_asked_for_twice_and_not_shown() -> None:
    result = staff("add", *ROSA, given=f"{PASSWORD}\n{PASSWORD}\n")
    assert result.exit_code == 0
    assert PASSWORD not in result.output
    assert signs_in(PASSWORD)


def test_two_different_passwords_are_not_taken() -> None:
    assert staff("add", *ROSA, given=f"{PASSWORD}\nanother\n").exit_code != 0
    assert not Account.objects.filter(username="rosa").exists()


@pytest.mark.parametrize(
    ("arguments", "given", "said"),
    [
        (ROSA, "short\n", "too short"),
        (ROSA, "", "too short"),
        ((*ROSA, "--area", "t-nowhere"), PASSWORD, "There is no area 't-nowhere'"),
        ((*ROSA[:-1], "no-such"), PASSWORD, "There is no organisation 'no-such'"),
        (("+16175550199", *ROSA[1:]), PASSWORD, "neither empty nor a phone number"),
        (("ann@example.org", *ROSA[1:]), PASSWORD, "neither empty nor a phone number"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_left(
    arguments: tuple[str, ...], given: str, said: str
) -> None:
    with pytest.raises(PlainError, match=said):
        staff("add", *arguments, "--password-stdin", given=given)
    assert not Account.objects.exists()


def test_a_name_is_given_once() -> None:
    add()
    with pytest.raises(PlainError, match="an account of this name already"):
        add()


def test_nobody_is_made_a_citizen_this_way() -> None:
    assert staff("add", "rosa", "--name", "Rosa", "--role", "citizen").exit_code == 2


def test_roles_are_given_and_taken() -> None:
    add()
    for said in ("has the role now", "had the role already"):
        assert said in staff("give", "rosa", "--role", "checker").stdout
    assert "no more" in staff("take", "rosa", "--role", "handler", "--organisation", "roads").stdout
    (told,) = json.loads(staff("list", "--json").stdout)
    assert (told["username"], told["active"]) == ("rosa", True)
    assert told["posts"] == [{"role": "checker", "organisation": "", "area": ""}]
    with pytest.raises(PlainError, match="does not hold this role"):
        staff("take", "rosa", "--role", "handler")
    with pytest.raises(PlainError, match="There is no staff account 'nobody'"):
        staff("give", "nobody", "--role", "checker")
    assert "checker" in staff("list").stdout


def test_a_new_password_ends_the_sessions() -> None:
    add()
    account = Account.objects.get(username="rosa")
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/me/").status_code == 200
    staff("password", "rosa", "--password-stdin", given="another-long-secret\n")
    assert client.get("/me/").status_code == 302
    assert signs_in("another-long-secret")
    assert not signs_in(PASSWORD)
    assert "account.password_set" in kinds(account)
    with pytest.raises(PlainError, match="too short"):
        staff("password", "rosa", "--password-stdin", given="short")


def test_a_closed_account_is_closed_at_once_and_kept() -> None:
    add()
    account = Account.objects.get(username="rosa")
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    assert "is closed" in staff("close", "rosa").stdout
    assert "was closed already" in staff("close", "rosa").stdout
    assert client.get("/me/").status_code == 302
    assert not signs_in(PASSWORD)
    assert kinds(account).count("account.closed") == 1
    assert json.loads(staff("list", "--json").stdout)[0]["active"] is False
