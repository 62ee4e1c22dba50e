"""Accounts and the roles of their persons."""

from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import translation

from citysteward.kernel.areas import queries as areas
from citysteward.kernel.journal.actions import action, append, unchanged
from citysteward.kernel.journal.types import Actor
from citysteward.kernel.parties import rules, sealed
from citysteward.kernel.parties.actions.people import add_person, checked_contact
from citysteward.kernel.parties.events import (
    ACCOUNT_ADDED,
    ACCOUNT_CLOSED,
    PASSWORD_SET,
    PERSON_CHANGED,
    ROLE_GIVEN,
    ROLE_TAKEN,
    AccountAdded,
    AccountClosed,
    MembershipFact,
    PasswordSet,
    PersonChanged,
)
from citysteward.kernel.parties.models import Account, Membership, Organisation, Person
from citysteward.kernel.parties.types import (
    PartyError,
    PersonaDefinition,
    PostDefinition,
    Role,
    UnknownParty,
)
from citysteward.lib.words import Words


@action
def register_citizen(*, name: str, contact: str, password: str, actor: Actor) -> Account:
    """Open an account for a citizen, who signs in with a phone number or an e-mail address.

    Raises PartyError (field_name "name", "contact" or "password").
    """
    phone, email = rules.plain_phone(contact), rules.plain_email(contact)
    if not (phone or email):
        raise PartyError(
            Words(
                en="Write a phone number such as +1 617 555 0101, or an e-mail address.",
                zh="请填写正确的手机号码或电子邮箱。",
            ),
            field_name="contact",
        )
    if not name.strip():
        raise PartyError(Words(en="Write your name.", zh="请填写姓名。"), field_name="name")
    fields = checked_contact(name=name, phone=phone, email=email)
    username = sealed.sign_in_name(contact)
    _require_good_password(password, Account(username=name))
    account = _add_account(username, password, fields, kind="citizen", actor=actor)
    _give(account.person, PostDefinition(Role.CITIZEN), actor=actor)
    return account


@action
def add_staff(
    *, username: str, password: str, name: str, posts: Sequence[PostDefinition], actor: Actor
) -> Account:
    """Open an account for somebody who works for the city, with their roles.

    Raises PartyError (field_name "username", "name" or "password"), UnknownParty.
    """
    username = username.strip()
    if not username or rules.plain_contact(username):
        raise PartyError(
            Words(
                en="Choose a user name that is neither empty nor a phone number or e-mail address.",
                zh="用户名不能为空，也不能是电话号码或电子邮箱。",
            ),
            field_name="username",
        )
    fields = checked_contact(name=name, phone="", email="")
    _require_good_password(password, Account(username=username))
    account = _add_account(username, password, fields, kind="staff", actor=actor)
    for post in posts:
        _give(account.person, post, actor=actor)
    return account


@action
def set_password(username: str, password: str, *, actor: Actor) -> None:
    """Give a staff account a new password, which ends its sessions.

    Raises UnknownParty, PartyError (field_name "password").
    """
    account = _staff_account(username)
    _require_good_password(password, account)
    account.set_password(password)
    account.save(update_fields=["password"])
    payload = PasswordSet(account=account.pk)
    append(PASSWORD_SET, actor=actor, subject=account.subject, payload=payload)


@action
def close_account(username: str, *, actor: Actor) -> bool:
    """Let nobody sign in with a staff account any more; whether it was open. Raises UnknownParty.

    The account stays, because the journal and the cases name it.
    """
    account = _staff_account(username)
    if not account.is_active:
        return unchanged(False)
    account.is_active = False
    account.save(update_fields=["is_active"])
    payload = AccountClosed(account=account.pk)
    append(ACCOUNT_CLOSED, actor=actor, subject=account.subject, payload=payload)
    return True


def _staff_account(username: str) -> Account:
    found = (
        Account.objects.select_for_update()
        .filter(username=username, is_persona=False)
        .exclude(username__startswith=sealed.CITIZEN_PREFIX)
        .first()
    )
    if found is None:
        raise UnknownParty(f"no staff account {username!r}")
    return found


@action
def give_role(person: UUID, post: PostDefinition, *, actor: Actor) -> bool:
    """Give a role; whether it was new. Raises UnknownParty, UnknownArea."""
    given = _give(_person(person), post, actor=actor)
    return given or unchanged(given)


@action
def take_role(person: UUID, post: PostDefinition, *, actor: Actor) -> bool:
    """Take a role away; whether it was there. Raises UnknownParty."""
    taken = _take(_person(person), post, actor=actor)
    return taken or unchanged(taken)


@action
def load_personas(wanted: Sequence[PersonaDefinition], *, actor: Actor) -> tuple[int, int, int]:
    """Make the demonstration's people as declared; they have no password.

    Returns how many were (created, changed, unchanged). Raises UnknownParty, UnknownArea.
    """
    counts = {"created": 0, "changed": 0, "unchanged": 0}
    for position, one in enumerate(wanted):
        counts[_persona(one, position, actor=actor)] += 1
    result = (counts["created"], counts["changed"], counts["unchanged"])
    return result if result[0] or result[1] else unchanged(result)


def _persona(
    one: PersonaDefinition, position: int, *, actor: Actor
) -> Literal["created", "changed", "unchanged"]:
    fields = checked_contact(name="", phone=one.phone, email=one.email)
    fields["name"] = one.names.model_dump_json()
    account = Account.objects.select_related("person").filter(username=one.code).first()
    is_new = account is None
    if account is None:
        account = _add_account(one.code, None, fields, kind="persona", actor=actor)
    if not account.is_persona and not is_new:
        raise PartyError(
            Words(
                en=f"The user name {one.code} is a real person's: call the persona otherwise.",
                zh=f"用户名 {one.code} 已被实际人员使用，请更换演示人员编码。",
            )
        )
    person = _of(account)
    changed = _rewrite(person, fields, actor=actor)
    changed |= _set_posts(person, one.posts, actor=actor)
    _describe(account, one, position)
    return "created" if is_new else "changed" if changed else "unchanged"


def _describe(account: Account, one: PersonaDefinition, position: int) -> None:
    """How the sign-in page presents the persona: of no legal consequence, not journalled."""
    values = {"note_en": one.note.en, "note_zh": one.note.zh, "position": position}
    values["is_persona"] = True
    Account.objects.filter(pk=account.pk).update(**values)


def _rewrite(person: Person, fields: dict[str, str], *, actor: Actor) -> bool:
    differing = {name: text for name, text in fields.items() if sealed.read(person, name) != text}
    if not differing:
        return False
    sealed.write(person, **differing)
    person.save()
    payload = PersonChanged.model_validate({"fields": tuple(differing)})
    append(PERSON_CHANGED, actor=actor, subject=person.subject, payload=payload)
    return True


def _set_posts(person: Person, posts: Sequence[PostDefinition], *, actor: Actor) -> bool:
    held = {
        PostDefinition(
            Role(row.role),
            row.organisation.code if row.organisation else "",
            row.area.code if row.area else "",
        )
        for row in person.memberships.select_related("organisation", "area")
    }
    # All of them, so not a generator: `any` would stop at the first.
    given = [_give(person, post, actor=actor) for post in posts if post not in held]
    taken = [_take(person, post, actor=actor) for post in held - set(posts)]
    return any(given) or any(taken)


def _add_account(
    username: str,
    password: str | None,
    fields: dict[str, str],
    *,
    kind: Literal["citizen", "staff", "persona"],
    actor: Actor,
) -> Account:
    person = add_person(fields, actor=actor)
    try:
        with transaction.atomic():
            account = Account.objects.create_user(username, password, person=person)
    except IntegrityError as error:
        raise PartyError(
            Words(
                en="There is an account of this name already. Sign in, or choose another.",
                zh="该账号已存在，请直接登录或更换。",
            ),
            field_name="contact" if kind == "citizen" else "username",
        ) from error
    if kind == "persona":
        account.is_persona = True
        account.save(update_fields=["is_persona"])
    append(
        ACCOUNT_ADDED,
        actor=actor,
        subject=account.subject,
        payload=AccountAdded(account=account.pk, kind=kind),
    )
    return account


def _require_good_password(password: str, account: Account) -> None:
    try:
        validate_password(password, account)
    except ValidationError as error:
        # Django's own messages, which it translates itself, to whatever language is active.
        with translation.override("en"):
            english = " ".join(error.messages)
        with translation.override("zh-hans"):
            chinese = " ".join(error.messages)
        raise PartyError(Words(en=english, zh=chinese), field_name="password") from error


def _give(person: Person | None, post: PostDefinition, *, actor: Actor) -> bool:
    if person is None:
        raise UnknownParty("an account without a person can hold no role")
    _, new = Membership.objects.get_or_create(person=person, role=post.role.value, **_places(post))
    if new:
        append(ROLE_GIVEN, actor=actor, subject=person.subject, payload=_fact(post))
    return new


def _take(person: Person, post: PostDefinition, *, actor: Actor) -> bool:
    held = Membership.objects.filter(person=person, role=post.role.value, **_places(post))
    taken, _ = held.delete()
    if taken:
        append(ROLE_TAKEN, actor=actor, subject=person.subject, payload=_fact(post))
    return bool(taken)


def _fact(post: PostDefinition) -> MembershipFact:
    return MembershipFact(role=post.role, organisation=post.organisation, area=post.area)


def _places(post: PostDefinition) -> dict[str, Any]:
    """The post's organisation and area as columns."""
    organisation = None
    if post.organisation:
        organisation = Organisation.objects.filter(code=post.organisation).first()
        if organisation is None:
            raise UnknownParty(f"no organisation {post.organisation!r} is loaded")
    area = areas.area(post.area) if post.area else None
    return {"organisation": organisation, "area": area}


def _person(person: UUID) -> Person:
    found = Person.objects.filter(pk=person).first()
    if found is None:
        raise UnknownParty(f"no person {person}")
    return found


def _of(account: Account) -> Person:
    if account.person is None:
        raise UnknownParty(f"the account {account.username} belongs to nobody")
    return account.person
