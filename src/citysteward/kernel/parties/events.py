"""What can happen to parties, as the journal tells it. Nothing personal: it can't be unsaid."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from citysteward.kernel.journal.types import Verb
from citysteward.kernel.parties.types import Role
from citysteward.lib.words import Words


class _Payload(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class OrganisationFact(_Payload):
    """An organisation as it is now."""

    city: str
    code: str
    kind: str
    names: Words
    parent: str
    aliases: tuple[str, ...]
    credit_code: str


class PersonAdded(_Payload):
    """A person became known; which fields they gave, not what is in them."""

    fields: tuple[Literal["name", "phone", "email", "identity"], ...]


class PersonChanged(_Payload):
    """A person's fields were changed; which, not what is in them."""

    fields: tuple[Literal["name", "phone", "email", "identity"], ...]


class ContactSeen(_Payload):
    """Somebody looked at a person's contact details in plain, and why."""

    grounds: str


class AccountAdded(_Payload):
    """A person can sign in."""

    account: int
    kind: Literal["citizen", "staff", "persona"]


class AccountClosed(_Payload):
    """A person can sign in no more."""

    account: int


class PasswordSet(_Payload):
    """Somebody else than its holder set an account's password."""

    account: int


class MembershipFact(_Payload):
    """A role given or taken; "" for any organisation or area."""

    role: Role
    organisation: str
    area: str


ORGANISATION_ADDED = Verb(
    "organisation.added",
    1,
    OrganisationFact,
    Words(en="An organisation was added", zh="新增组织机构"),
)
ORGANISATION_CHANGED = Verb(
    "organisation.changed",
    1,
    OrganisationFact,
    Words(en="An organisation was changed", zh="变更组织机构"),
)
PERSON_ADDED = Verb(
    "person.added", 1, PersonAdded, Words(en="A person was recorded", zh="登记自然人")
)
PERSON_CHANGED = Verb(
    "person.changed",
    1,
    PersonChanged,
    Words(en="A person's details were changed", zh="变更自然人信息"),
)
CONTACT_SEEN = Verb(
    "person.contact_seen",
    1,
    ContactSeen,
    Words(en="Contact details were looked at", zh="查看联系方式"),
)
ACCOUNT_ADDED = Verb(
    "account.added", 1, AccountAdded, Words(en="An account was opened", zh="开通账号")
)
ACCOUNT_CLOSED = Verb(
    "account.closed", 1, AccountClosed, Words(en="An account was closed", zh="停用账号")
)
PASSWORD_SET = Verb(
    "account.password_set", 1, PasswordSet, Words(en="A password was set anew", zh="重置密码")
)
ROLE_GIVEN = Verb(
    "person.role_given", 1, MembershipFact, Words(en="A role was given", zh="授予角色")
)
ROLE_TAKEN = Verb(
    "person.role_taken", 1, MembershipFact, Words(en="A role was taken away", zh="撤销角色")
)
ALL: tuple[Verb[Any], ...] = (
    ORGANISATION_ADDED, ORGANISATION_CHANGED, PERSON_ADDED, PERSON_CHANGED, CONTACT_SEEN,
    ACCOUNT_ADDED, ACCOUNT_CLOSED, PASSWORD_SET, ROLE_GIVEN, ROLE_TAKEN,
)  # fmt: skip
