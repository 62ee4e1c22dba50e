"""Every read of parties that other rooms need."""

from collections.abc import Sequence
from functools import lru_cache
from uuid import UUID

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser

from citysteward.kernel.areas import queries as areas
from citysteward.kernel.journal.types import Actor
from citysteward.kernel.parties import rules, sealed
from citysteward.kernel.parties.models import Account, Chart, Membership, Organisation, Person
from citysteward.kernel.parties.rules import OrganisationChart, OrganisationNode
from citysteward.kernel.parties.types import (
    ROLE_WORDS,
    Contact,
    Kind,
    Persona,
    PostDefinition,
    Principal,
    Role,
    StaffAccount,
    UnknownParty,
)
from citysteward.kernel.parties.types import Membership as HeldRole
from citysteward.lib.words import Words

__all__ = [
    "chart",
    "contact",
    "holders",
    "lineage",
    "may",
    "named",
    "organisation",
    "organisations",
    "own_contact",
    "personas",
    "post",
    "principal",
    "principal_of_person",
    "staff_accounts",
    "subtree",
]


# -- who asks


def principal(user: AbstractBaseUser | AnonymousUser) -> Principal:
    """Who the signed-in `user` is and what they may do; anonymous for anybody else.

    A persona is anonymous outside demo mode. Costs a few SELECTs: ask once per request.
    """
    if not isinstance(user, Account) or not user.is_active or user.person_id is None:
        return Principal.anonymous()
    if user.is_persona and not settings.CITYSTEWARD_DEMO:
        return Principal.anonymous()
    return _principal(user, Person.objects.get(pk=user.person_id))


def principal_of_person(person: UUID) -> Principal:
    """The principal of a person with an account, whoever asks. Raises UnknownParty."""
    account = Account.objects.filter(person_id=person).first()
    if account is None or account.person is None:
        raise UnknownParty(f"person {person} has no account")
    return _principal(account, account.person)


def may(
    who: Principal, role: Role, *, organisation: str | None = None, area: str | None = None
) -> bool:
    """Whether `who` holds the role for this organisation and this area (codes)."""
    return any(held.role is role and held.covers(organisation, area) for held in who.memberships)


def post(who: Principal) -> Words:
    """What `who` is, in words: the first role that isn't the citizen's, and where."""
    held = sorted(who.memberships, key=lambda one: one.role is Role.CITIZEN)
    return _post(held[0].role, held[0].organisation_names) if held else Words()


def holders(role: Role, *, organisation: str | None = None) -> list[Principal]:
    """Everybody with an account who holds the role, for the organisation or above it."""
    people = Person.objects.filter(memberships__role=role.value, account__is_active=True)
    if not settings.CITYSTEWARD_DEMO:
        people = people.filter(account__is_persona=False)
    found = [_principal(one.account, one) for one in people.distinct().select_related("account")]
    return [one for one in found if may(one, role, organisation=organisation)]


def staff_accounts() -> list[StaffAccount]:
    """Every account, open or closed, of somebody with a staff role; by user name."""
    accounts = (
        Account.objects.filter(is_persona=False, person__isnull=False)
        .exclude(username__startswith=sealed.CITIZEN_PREFIX)
        .order_by("username")
        .prefetch_related("person__memberships__organisation", "person__memberships__area")
    )
    return [
        StaffAccount(one.username, one.is_active, one.person.pk, _posts_of(one.person))
        for one in accounts
        if one.person is not None
    ]


def _posts_of(person: Person) -> tuple[PostDefinition, ...]:
    return tuple(
        PostDefinition(
            Role(row.role),
            row.organisation.code if row.organisation else "",
            row.area.code if row.area else "",
        )
        for row in sorted(person.memberships.all(), key=lambda row: row.pk)
    )


# -- organisations


def organisation(code: str) -> Organisation | None:
    """The organisation of this code, if there is one."""
    return Organisation.objects.select_related("parent").filter(code=code).first()


def organisations(city: str, kind: Kind | None = None) -> list[Organisation]:
    """The city's organisations (of one kind), those above before those below."""
    found = Organisation.objects.filter(chart=city).select_related("parent")
    return list(found.filter(kind=kind.value) if kind else found)


def chart(city: str) -> OrganisationChart:
    """The city's organisations for looking up in bulk; empty if none are loaded.

    Take it once for many look-ups: it is immutable and stays as it was.
    """
    revision = Chart.objects.filter(city=city).values_list("revision", flat=True).first()
    return _built(city, revision) if revision is not None else OrganisationChart(())


def subtree(code: str) -> set[str]:
    """The codes of the organisation and of everything in it. Raises UnknownParty."""
    return set(chart(_city_of(code)).subtree(code))


def lineage(code: str) -> list[str]:
    """The codes of the organisation and those it belongs to, nearest first. UnknownParty."""
    return chart(_city_of(code)).lineage(code)


def named(city: str, text: str, kind: Kind | None = None) -> str | None:
    """The code of the organisation (of that kind) that other systems call `text`."""
    return chart(city).named(text, kind.value if kind else "")


# -- persons


def contact(person: UUID) -> Contact:
    """A person's contact details, masked. Raises UnknownParty."""
    row = Person.objects.filter(pk=person).first()
    if row is None:
        raise UnknownParty(f"no person {person}")
    return sealed.masked_contact(row)


def own_contact(who: Principal) -> Contact:
    """The principal's own contact details in plain; empty for those who have none.

    Only ever shown to themselves: whoever looks at another's uses `look_at_contact`.
    """
    person = Person.objects.filter(pk=who.party_id).first() if who.party_id else None
    return sealed.contact(person) if person else Contact()


def personas() -> Sequence[Persona]:
    """The demo sign-ins in the pack's order; none outside demo mode."""
    if not settings.CITYSTEWARD_DEMO:
        return []
    accounts = Account.objects.filter(is_persona=True, is_active=True).select_related("person")
    found = []
    for account in accounts.order_by("position", "username"):
        if account.person is None:
            continue
        who = _principal(account, account.person)
        found.append(Persona(account.username, who.name, post(who), account.note, who.roles))
    return found


def _principal(account: Account, person: Person) -> Principal:
    memberships = tuple(
        _held(row) for row in person.memberships.select_related("organisation", "area")
    )
    name = sealed.names(person)
    staff = any(held.role is not Role.CITIZEN for held in memberships)
    # The journal can't forget: it names those who act for the city, and no citizen.
    actor = Actor(f"party:{person.id}", (name.en or name.zh) if staff else "")
    return Principal(account.pk, person.id, name, actor, memberships)


def _held(row: Membership) -> HeldRole:
    organisation_codes: frozenset[str] = frozenset()
    area_codes: frozenset[str] = frozenset()
    if row.organisation is not None:
        organisation_codes = chart(row.organisation.city).subtree(row.organisation.code)
    if row.area is not None:
        area_codes = frozenset(areas.subtree(row.area.code))
    return HeldRole(
        role=Role(row.role),
        organisation_code=row.organisation.code if row.organisation else None,
        area_code=row.area.code if row.area else None,
        organisation_codes=organisation_codes,
        area_codes=area_codes,
        organisation_names=row.organisation.names if row.organisation else Words(),
    )


def _post(role: Role, organisation_names: Words) -> Words:
    return rules.post_words(ROLE_WORDS[role], organisation_names)


def _city_of(code: str) -> str:
    city = Organisation.objects.filter(code=code).values_list("chart", flat=True).first()
    if city is None:
        raise UnknownParty(f"no organisation {code!r} is loaded")
    return str(city)


@lru_cache(maxsize=32)
def _built(city: str, revision: UUID) -> OrganisationChart:
    del revision  # of the key only: another revision is another chart
    rows = Organisation.objects.filter(chart=city).select_related("parent")
    return OrganisationChart(
        OrganisationNode(
            code=row.code,
            parent=row.parent.code if row.parent else "",
            kind=row.kind,
            aliases=tuple(row.aliases),
        )
        for row in rows
    )
