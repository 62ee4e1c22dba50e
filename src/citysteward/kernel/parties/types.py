"""The parties' words for other rooms."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self
from uuid import UUID

from citysteward.kernel.journal.types import Actor
from citysteward.lib.words import Words

_NOTHING = Words()
VISITOR = Actor("visitor:web")
"""Whoever uses the site without signing in."""


class Role(StrEnum):
    """What somebody is to a city's work. A membership joins it to an organisation and an area."""

    CITIZEN = "citizen"
    HANDLER = "handler"
    DISPATCHER = "dispatcher"
    CHECKER = "checker"
    SUPERVISOR = "supervisor"
    FINANCE = "finance"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    OPERATOR = "operator"


STAFF_ROLES = tuple(role for role in Role if role is not Role.CITIZEN)
"""Everybody who works on cases or watches over the work."""

ROLE_WORDS: Mapping[Role, Words] = {
    Role.CITIZEN: Words(en="Citizen", zh="市民"),
    Role.HANDLER: Words(en="Handler", zh="处置人员"),
    Role.DISPATCHER: Words(en="Dispatcher", zh="派遣员"),
    Role.CHECKER: Words(en="Checker", zh="核查员"),
    Role.SUPERVISOR: Words(en="Supervisor", zh="督办人员"),
    Role.FINANCE: Words(en="Finance officer", zh="财政人员"),
    Role.AUDITOR: Words(en="Auditor", zh="审计人员"),
    Role.ADMINISTRATOR: Words(en="Administrator", zh="系统管理员"),
    Role.OPERATOR: Words(en="Operator's manager", zh="运营单位负责人"),
}


class Kind(StrEnum):
    """What an organisation is."""

    GOVERNMENT = "government"
    BUREAU = "bureau"
    """Steers, pays or audits; does not handle cases."""
    DEPARTMENT = "department"
    UNIT = "unit"
    """A part of a department: a district office, a crew, a queue."""
    COMPANY = "company"


class PartyError(ValueError):
    """What parties refuse; `words` say what and what to do, `field_name` of which field."""

    def __init__(self, words: Words, *, field_name: str = "") -> None:
        super().__init__(words.en)
        self.words = words
        self.field_name = field_name


class UnknownParty(LookupError):
    """No person, account or organisation of this name."""


@dataclass(frozen=True)
class Membership:
    """A role held, within an organisation and an area and all below them (None: anywhere)."""

    role: Role
    organisation_code: str | None = None
    area_code: str | None = None
    organisation_codes: frozenset[str] = frozenset()
    """The organisation and everything in it."""
    area_codes: frozenset[str] = frozenset()
    """The area and everything in it."""
    organisation_names: Words = _NOTHING

    def covers(self, organisation: str | None, area: str | None) -> bool:
        """Whether it reaches this organisation and this area (None: doesn't matter)."""
        within = (
            organisation is None
            or self.organisation_code is None
            or organisation in self.organisation_codes
        )
        return within and (area is None or self.area_code is None or area in self.area_codes)


@dataclass(frozen=True)
class Principal:
    """Who asks: a signed-in person with what they may do, or an anonymous visitor."""

    account_id: int | None
    party_id: UUID | None
    name: Words
    actor: Actor
    memberships: tuple[Membership, ...] = ()

    @classmethod
    def anonymous(cls) -> Self:
        """A visitor who has not signed in."""
        return cls(None, None, Words(), VISITOR)

    @classmethod
    def system(cls, actor: Actor) -> Self:
        """The product itself at work, such as the ticker of deadlines: no person, no roles."""
        return cls(None, None, Words(en=actor.name or actor.id), actor)

    @property
    def signed_in(self) -> bool:
        return self.account_id is not None

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(membership.role for membership in self.memberships)

    def has_role(self, *roles: Role) -> bool:
        """Whether any of the roles is held, anywhere."""
        return bool(self.roles & set(roles))

    @property
    def is_staff(self) -> bool:
        """Whether any role but the citizen's is held."""
        return bool(self.roles - {Role.CITIZEN})


@dataclass(frozen=True)
class Contact:
    """How to reach a person, as they said; any may be empty. Personal data: don't log it."""

    name: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True)
class OrganisationDefinition:
    """An organisation as it shall be."""

    code: str
    kind: Kind
    names: Words
    parent: str = ""
    aliases: tuple[str, ...] = ()
    credit_code: str = ""
    """统一社会信用代码, checked; "" if it has none."""


@dataclass(frozen=True)
class PostDefinition:
    """A role that a person shall hold."""

    role: Role
    organisation: str = ""
    area: str = ""


@dataclass(frozen=True)
class StaffAccount:
    """A sign-in of somebody who works for the city, without anything personal."""

    username: str
    active: bool
    party_id: UUID
    posts: tuple[PostDefinition, ...]


@dataclass(frozen=True)
class PersonaDefinition:
    """A person of a pack's demonstration. `note` says what to try as them."""

    code: str
    names: Words
    posts: tuple[PostDefinition, ...]
    note: Words = _NOTHING
    phone: str = ""
    email: str = ""


@dataclass(frozen=True)
class Persona:
    """A demo sign-in as the sign-in page shows it."""

    code: str
    names: Words
    post: Words
    note: Words
    roles: frozenset[Role] = field(default_factory=frozenset)


__all__ = [
    "ROLE_WORDS",
    "STAFF_ROLES",
    "VISITOR",
    "Contact",
    "Kind",
    "Membership",
    "OrganisationDefinition",
    "PartyError",
    "Persona",
    "PersonaDefinition",
    "PostDefinition",
    "Principal",
    "Role",
    "StaffAccount",
    "UnknownParty",
]
