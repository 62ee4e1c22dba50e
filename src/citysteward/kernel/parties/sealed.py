"""Reading and writing what is personal about a person: the only place that unseals."""

from django.conf import settings

from citysteward.kernel.parties import rules
from citysteward.kernel.parties.models import Person
from citysteward.kernel.parties.types import Contact
from citysteward.lib import crypto
from citysteward.lib.words import Words

SIGN_IN = "sign-in"
CITIZEN_PREFIX = "contact-"


def write(person: Person, **values: str) -> None:
    """Seal the given fields (name, phone, email, identity) into the unsaved row."""
    for field, text in values.items():
        place = _place(person, field)
        setattr(person, field, crypto.seal(settings.FIELD_ENCRYPTION_KEY, text, place=place))


def read(person: Person, field: str) -> str:
    """One field in plain. Raises CannotOpen if the key is lost or the row was tampered with."""
    sealed = bytes(getattr(person, field))
    place = _place(person, field)
    return crypto.unseal(settings.FIELD_ENCRYPTION_KEY, sealed, place=place)


def names(person: Person) -> Words:
    """The person's name; a persona's in both languages."""
    text = read(person, "name")
    return Words.model_validate_json(text) if text.startswith("{") else rules.name_words(text)


def contact(person: Person) -> Contact:
    """How to reach the person, in plain: for `look_at_contact`, which journals it."""
    name = names(person)
    return Contact(name.en or name.zh, read(person, "phone"), read(person, "email"))


def masked_contact(person: Person) -> Contact:
    """How to reach the person, masked for the screen."""
    plain = contact(person)
    return Contact(
        rules.masked_name(plain.name),
        rules.masked_phone(plain.phone),
        rules.masked_email(plain.email) if plain.email else "",
    )


def sign_in_name(typed: str) -> str:
    """The user name behind what somebody typed: a contact becomes its keyed digest.

    So neither the accounts nor the log of failed attempts holds a phone number.
    """
    contact_form = rules.plain_contact(typed)
    if not contact_form:
        return typed.strip()
    key = settings.FIELD_ENCRYPTION_KEY
    return CITIZEN_PREFIX + crypto.fingerprint(key, contact_form, purpose=SIGN_IN)


def _place(person: Person, field: str) -> str:
    return f"person:{person.id}/{field}"
