"""Persons and their contact details."""

from typing import Literal, cast
from uuid import UUID

from citysteward.kernel.journal.actions import action, append
from citysteward.kernel.journal.types import Actor
from citysteward.kernel.parties import rules, sealed
from citysteward.kernel.parties.events import (
    CONTACT_SEEN,
    PERSON_ADDED,
    ContactSeen,
    PersonAdded,
)
from citysteward.kernel.parties.models import Person
from citysteward.kernel.parties.types import Contact, PartyError, UnknownParty
from citysteward.lib.words import Words

LONGEST_NAME = 100
Field = Literal["name", "phone", "email", "identity"]


@action
def note_contact(*, name: str = "", phone: str = "", email: str = "", actor: Actor) -> UUID:
    """Record somebody who gave contact details without an account; returns the person's id.

    Raises PartyError (field_name "name", "phone", "email" or "" if all are empty).
    """
    fields = checked_contact(name=name, phone=phone, email=email)
    if not any(fields.values()):
        raise PartyError(
            Words(
                en="Give a name, a phone number or an e-mail address.",
                zh="请填写姓名、电话或电子邮箱。",
            )
        )
    return add_person(fields, actor=actor).id


@action
def look_at_contact(person: UUID, reason: str, *, actor: Actor) -> Contact:
    """A person's contact details in plain; the look and its reason are journalled.

    Who may look is for the caller to know. Raises UnknownParty; PartyError without a reason.
    """
    row = Person.objects.filter(pk=person).first()
    if row is None:
        raise UnknownParty(f"no person {person}")
    grounds = reason.strip()
    if not grounds:
        raise PartyError(
            Words(
                en="Say why you need the contact details: the reason is kept in the journal.",
                zh="请说明查看联系方式的理由，理由将记入日志。",
            ),
            field_name="reason",
        )
    append(CONTACT_SEEN, actor=actor, subject=row.subject, payload=ContactSeen(grounds=grounds))
    return sealed.contact(row)


def checked_contact(*, name: str, phone: str, email: str) -> dict[str, str]:
    """The fields in their plain form. Raises PartyError with the field's name."""
    name = " ".join(name.replace("\x00", "").split())
    if len(name) > LONGEST_NAME:
        raise PartyError(
            Words(
                en=f"Shorten the name to {LONGEST_NAME} characters.",
                zh=f"姓名请控制在 {LONGEST_NAME} 字以内。",
            ),
            field_name="name",
        )
    if phone.strip() and not rules.plain_phone(phone):
        raise PartyError(
            Words(
                en="Write the phone number with its digits only, such as +1 617 555 0101.",
                zh="请填写正确的电话号码，例如 13800138000。",
            ),
            field_name="phone",
        )
    if email.strip() and not rules.plain_email(email):
        raise PartyError(
            Words(
                en="Write the e-mail address like name@example.com.",
                zh="请填写正确的电子邮箱，例如 name@example.com。",
            ),
            field_name="email",
        )
    return {"name": name, "phone": rules.plain_phone(phone), "email": rules.plain_email(email)}


def add_person(fields: dict[str, str], *, actor: Actor) -> Person:
    """A new person with sealed fields, told to the journal; inside an action."""
    person = Person()
    sealed.write(person, **fields)
    person.save()
    given = tuple(cast(Field, field) for field, text in fields.items() if text)
    append(PERSON_ADDED, actor=actor, subject=person.subject, payload=PersonAdded(fields=given))
    return person
