"""`citysteward staff …`: accounts of those who work for the city, and their roles."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import typer

from citysteward.kernel.areas.types import UnknownArea
from citysteward.kernel.journal.types import Actor
from citysteward.kernel.parties import actions, queries
from citysteward.kernel.parties.types import (
    STAFF_ROLES,
    PartyError,
    PostDefinition,
    Role,
    StaffAccount,
    UnknownParty,
)
from citysteward.lib import console
from citysteward.lib.errors import PlainError

app = typer.Typer()
staff_app = typer.Typer(
    help="Accounts of those who work for the city, and their roles.", no_args_is_help=True
)
app.add_typer(staff_app, name="staff")

ACTOR = Actor("system:command-line", "citysteward staff")
StaffRole = StrEnum("StaffRole", {role.name: role.value for role in STAFF_ROLES})  # type: ignore[misc]

Username = Annotated[str, typer.Argument(help="The name to sign in with.")]
RoleName = Annotated[StaffRole, typer.Option("--role", help="What they are.")]
Organisation = Annotated[
    str, typer.Option(help="Code of the organisation, with all in it (default: any).")
]
Area = Annotated[str, typer.Option(help="Code of the area, with all in it (default: any).")]
PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input.")
]


@staff_app.command()
def add(
    username: Username,
    *,
    name: Annotated[str, typer.Option(help="The person's name, as colleagues see it.")],
    role: RoleName,
    organisation: Organisation = "",
    area: Area = "",
    password_stdin: PasswordStdin = False,
    as_json: console.AsJson = False,
) -> None:
    """Open an account. Asks for its password twice."""
    username = username.strip()
    password = _password(from_stdin=password_stdin)
    post = PostDefinition(Role(role.value), organisation, area)
    with _said_plainly():
        actions.add_staff(
            username=username, password=password, name=name, posts=[post], actor=ACTOR
        )
    _report(username, f"{username} can sign in now.", as_json=as_json)


@staff_app.command()
def give(
    username: Username,
    role: RoleName,
    organisation: Organisation = "",
    area: Area = "",
    as_json: console.AsJson = False,
) -> None:
    """Give a role to the holder of an account."""
    post = PostDefinition(Role(role.value), organisation, area)
    with _said_plainly():
        given = actions.give_role(_person(username), post, actor=ACTOR)
    said = "has the role now" if given else "had the role already"
    _report(username, f"{username} {said}.", as_json=as_json)


@staff_app.command()
def take(
    username: Username,
    role: RoleName,
    organisation: Organisation = "",
    area: Area = "",
    as_json: console.AsJson = False,
) -> None:
    """Take a role away."""
    post = PostDefinition(Role(role.value), organisation, area)
    with _said_plainly():
        taken = actions.take_role(_person(username), post, actor=ACTOR)
    if not taken:
        raise PlainError(f"{username} does not hold this role: see `citysteward staff list`.")
    _report(username, f"{username} has the role no more.", as_json=as_json)


@staff_app.command()
def password(username: Username, password_stdin: PasswordStdin = False) -> None:
    """Set a password anew, which ends the account's sessions."""
    chosen = _password(from_stdin=password_stdin)
    with _said_plainly():
        actions.set_password(username, chosen, actor=ACTOR)
    console.out.print(f"{username} has a new password.", markup=False)


@staff_app.command()
def close(username: Username) -> None:
    """Let nobody sign in with an account any more."""
    with _said_plainly():
        closed = actions.close_account(username, actor=ACTOR)
    said = "is closed" if closed else "was closed already"
    console.out.print(f"The account {username} {said}.", markup=False)


@staff_app.command(name="list")
def list_(as_json: console.AsJson = False) -> None:
    """List the accounts and their roles. Names are personal data and not shown."""
    found = queries.staff_accounts()
    if as_json:
        console.print_json(found)
        return
    console.print_table(
        "Staff accounts",
        ["user name", "open", "roles"],
        [[one.username, "yes" if one.active else "no", _posts(one)] for one in found],
    )


def _posts(account: StaffAccount) -> str:
    return ", ".join(
        " ".join(part for part in (post.role.value, post.organisation, post.area) if part)
        for post in account.posts
    )


def _report(username: str, said: str, *, as_json: bool) -> None:
    if as_json:
        console.print_json(next(a for a in queries.staff_accounts() if a.username == username))
    else:
        console.out.print(said, markup=False)


def _password(*, from_stdin: bool) -> str:
    """The password, typed twice, or the first line of standard input."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    typed: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return typed


def _person(username: str) -> UUID:
    found = next((one for one in queries.staff_accounts() if one.username == username), None)
    if found is None:
        raise UnknownParty(f"no staff account {username!r}")
    return found.party_id


@contextmanager
def _said_plainly() -> Iterator[None]:
    """What parties refuse, as a sentence for whoever sits at the command line."""
    try:
        yield
    except PartyError as error:
        raise PlainError(error.words.en) from error
    except (UnknownParty, UnknownArea) as error:
        sentence = str(error)
        raise PlainError(f"There is {sentence}." if sentence[:2] == "no" else sentence) from error
