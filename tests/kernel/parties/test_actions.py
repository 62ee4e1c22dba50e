"""Organisations, persons, accounts and roles, and what the journal tells of them."""

from uuid import uuid4

import pytest
from pytest_django import Settings

from citysteward.kernel.journal import queries as journal
from citysteward.kernel.journal.types import Actor
from citysteward.kernel.parties import actions, queries, sealed
from citysteward.kernel.parties.models import Account, Membership, Organisation, Person
from citysteward.kernel.parties.types import (
    Contact,
    Kind,
    OrganisationDefinition,
    PartyError,
    PersonaDefinition,
    PostDefinition,
    Principal,
    Role,
    UnknownParty,
)
from citysteward.lib.trees import NoTree
from citysteward.lib.words import Words

from .conftest import LOADER, ORGANISATIONS, PASSWORD, ROADS

pytestmark = pytest.mark.django_db


def kinds(subject: str) -> list[str]:
    return [entry.kind for entry in journal.entries_of(subject)]


# -- organisations


def test_loading_organisations_twice_changes_nothing(organisations: None) -> None:
    assert actions.load_organisations("t", ORGANISATIONS, actor=LOADER) == (0, 0, 4)
    assert kinds("organisation:roads") == ["organisation.added"]


def test_organisations_are_found(organisations: None) -> None:
    found = queries.organisation("roads")
    assert found is not None
    assert (found.names.zh, found.city, found.kind) == ("道路局", "t", "department")
    assert queries.organisation("nowhere") is None
    assert queries.subtree("roads") == {"roads", "north"}
    assert queries.lineage("north") == ["north", "roads", "city"]
    assert queries.named("t", "PWD Roads") == "roads"
    assert queries.named("t", "Roads", Kind.UNIT) == "north"
    assert [one.code for one in queries.organisations("t", Kind.DEPARTMENT)] == ["parks", "roads"]
    with pytest.raises(UnknownParty):
        queries.subtree("nowhere")


def test_a_changed_organisation_is_seen_at_once(organisations: None) -> None:
    moved = OrganisationDefinition("north", Kind.UNIT, Words(en="North"), "parks")
    assert actions.load_organisations("t", [moved], actor=LOADER) == (0, 1, 0)
    assert queries.subtree("roads") == {"roads"}
    assert queries.named("t", "Roads", Kind.UNIT) is None
    assert kinds("organisation:north") == ["organisation.added", "organisation.changed"]


def test_parts_follow_a_department_that_moves(organisations: None) -> None:
    moved = OrganisationDefinition("roads", Kind.DEPARTMENT, Words(en="Roads"), "parks")
    actions.load_organisations("t", [moved], actor=LOADER)
    assert Organisation.objects.get(code="north").path == "city.parks.roads.north"


def test_bad_organisations_are_refused(organisations: None) -> None:
    bad_code = OrganisationDefinition(
        "x", Kind.COMPANY, Words(en="X"), credit_code="91350100M000100Y44"
    )
    for wanted, error in (
        ([ROADS, ROADS], PartyError),
        ([bad_code], PartyError),
        ([OrganisationDefinition("x", Kind.UNIT, Words(en="X"), "nowhere")], NoTree),
    ):
        with pytest.raises(error):
            actions.load_organisations("t", wanted, actor=LOADER)
    with pytest.raises(PartyError, match="put the city before it"):
        actions.load_organisations("u", [ROADS], actor=LOADER)


def test_credit_codes_are_kept_in_their_plain_form(organisations: None) -> None:
    company = OrganisationDefinition(
        "op", Kind.COMPANY, Words(en="Operator"), credit_code="91350100 m000100y43"
    )
    assert actions.load_organisations("t", [company], actor=LOADER) == (1, 0, 0)
    assert actions.load_organisations("t", [company], actor=LOADER) == (0, 0, 1)
    assert Organisation.objects.get(code="op").credit_code == "91350100M000100Y43"


# -- persons


def test_what_is_personal_is_sealed_and_the_journal_tells_none_of_it() -> None:
    person = actions.note_contact(
        name="Ada Wong", phone="+1 617 555 0199", email="Ada@Example.com", actor=LOADER
    )
    row = Person.objects.get(pk=person)
    for column in (row.name, row.phone, row.email):
        assert column
        assert b"Ada" not in bytes(column)
        assert b"555" not in bytes(column)
    assert queries.contact(person) == Contact("A** W***", "+16*****0199", "a**@example.com")
    (entry,) = journal.entries_of(f"person:{person}")
    assert entry.data() == {"fields": ["name", "phone", "email"]}


def test_each_look_at_contact_details_is_journalled() -> None:
    person = actions.note_contact(name="Ada", phone="+16175550199", actor=LOADER)
    seen = actions.look_at_contact(person, " To ask where the pole is ", actor=Actor("party:x"))
    assert seen == Contact("Ada", "+16175550199", "")
    entry = journal.entries_of(f"person:{person}")[-1]
    assert (entry.kind, entry.actor) == ("person.contact_seen", "party:x")
    assert entry.data() == {"grounds": "To ask where the pole is"}


def test_a_look_needs_a_reason_and_a_person() -> None:
    person = actions.note_contact(name="Ada", actor=LOADER)
    with pytest.raises(PartyError) as refused:
        actions.look_at_contact(person, "  ", actor=LOADER)
    assert refused.value.field_name == "reason"
    assert kinds(f"person:{person}") == ["person.added"]
    with pytest.raises(UnknownParty):
        actions.look_at_contact(uuid4(), "why", actor=LOADER)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": "x" * 101}, "name"),
        ({"name": "x", "phone": "call me"}, "phone"),
        ({"name": "x", "email": "nowhere"}, "email"),
        ({}, ""),
        ({"name": "  "}, ""),
    ],
)
def test_bad_contact_details_are_refused(given: dict[str, str], field: str) -> None:
    with pytest.raises(PartyError) as refused:
        actions.note_contact(**given, actor=LOADER)
    assert refused.value.field_name == field
    assert not Person.objects.exists()


# -- accounts and roles


def test_a_citizen_registers_and_no_column_holds_the_number() -> None:
    account = actions.register_citizen(
        name="张三", contact="+86 138 0013 8000", password=PASSWORD, actor=LOADER
    )
    assert account.username == sealed.sign_in_name("13800138000")
    assert account.person is not None
    row = Person.objects.filter(pk=account.person.pk).values().get()
    assert "13800138000" not in f"{account.username} {row}"
    assert account.check_password(PASSWORD)
    who = queries.principal(account)
    assert who.roles == {Role.CITIZEN}
    assert (who.name, who.actor.name) == (Words(zh="张三"), "")
    assert not who.is_staff
    for entry in journal.entries_of(f"person:{account.person_id}"):
        assert "张三" not in entry.payload
        assert "138" not in entry.payload


def test_one_contact_opens_one_account() -> None:
    for written in ("a@example.com", "A@Example.com "):
        registered = {"name": "A", "contact": written, "password": PASSWORD}
        if written.islower():
            actions.register_citizen(**registered, actor=LOADER)
            continue
        with pytest.raises(PartyError) as refused:
            actions.register_citizen(**registered, actor=LOADER)
        assert refused.value.field_name == "contact"
    assert Account.objects.count() == Person.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"contact": "somebody"}, "contact"),
        ({"name": " "}, "name"),
        ({"password": "12345678"}, "password"),
        ({"password": "short"}, "password"),
        ({"name": "ada lovelace", "password": "adalovelace1"}, "password"),
    ],
)
def test_bad_registrations_are_refused(given: dict[str, str], field: str) -> None:
    whole = {"name": "Ada", "contact": "a@example.com", "password": PASSWORD} | given
    with pytest.raises(PartyError) as refused:
        actions.register_citizen(**whole, actor=LOADER)
    assert refused.value.field_name == field
    assert refused.value.words.zh
    assert not Account.objects.exists()


def test_what_a_role_reaches(handler: Account) -> None:
    who = queries.principal(handler)
    assert who.actor.name == "Rosa Lind"
    assert who.is_staff
    assert queries.may(who, Role.HANDLER)
    assert queries.may(who, Role.HANDLER, organisation="north", area="t-east")
    assert not queries.may(who, Role.HANDLER, organisation="parks")
    assert not queries.may(who, Role.HANDLER, organisation="city")
    assert not queries.may(who, Role.HANDLER, area="t-west")
    assert not queries.may(who, Role.CHECKER, organisation="roads")
    assert queries.post(who) == Words(en="Handler, Roads", zh="道路局处置人员")
    assert [one.name.en for one in queries.holders(Role.HANDLER, organisation="north")] == [
        "Rosa Lind"
    ]
    assert queries.holders(Role.HANDLER, organisation="parks") == []


def test_roles_are_given_and_taken_once(handler: Account) -> None:
    post = PostDefinition(Role.CHECKER)
    assert handler.person_id is not None
    assert actions.give_role(handler.person_id, post, actor=LOADER) is True
    assert actions.give_role(handler.person_id, post, actor=LOADER) is False
    who = queries.principal(handler)
    assert queries.may(who, Role.CHECKER, organisation="parks", area="t-west")
    assert actions.take_role(handler.person_id, post, actor=LOADER) is True
    assert actions.take_role(handler.person_id, post, actor=LOADER) is False
    assert kinds(f"person:{handler.person_id}")[-2:] == ["person.role_given", "person.role_taken"]
    with pytest.raises(UnknownParty):
        actions.give_role(uuid4(), post, actor=LOADER)
    nowhere = PostDefinition(Role.CHECKER, "nowhere")
    with pytest.raises(UnknownParty):
        actions.give_role(handler.person_id, nowhere, actor=LOADER)


def test_the_inactive_and_the_unknown_are_visitors(handler: Account) -> None:
    assert queries.principal(handler).signed_in
    handler.is_active = False
    assert queries.principal(handler) == Principal.anonymous()
    assert Principal.anonymous().actor.id == "visitor:web"
    assert queries.principal(Account(username="nobody")) == Principal.anonymous()


def test_staff_cannot_take_a_contact_as_a_user_name(organisations: None) -> None:
    for username in ("", "13800138000", "a@example.com"):
        with pytest.raises(PartyError):
            actions.add_staff(
                username=username, password=PASSWORD, name="X", posts=[], actor=LOADER
            )


GRACE = PersonaDefinition(
    "grace",
    Words(en="Grace", zh="格蕾丝"),
    (PostDefinition(Role.CITIZEN), PostDefinition(Role.HANDLER, "roads")),
    note=Words(en="Try this."),
    phone="+1 617 555 0101",
)


def test_personas_are_loaded_once_and_work_in_demo_mode_only(
    organisations: None, settings: Settings
) -> None:
    settings.CITYSTEWARD_DEMO = True
    assert actions.load_personas([GRACE], actor=LOADER) == (1, 0, 0)
    assert actions.load_personas([GRACE], actor=LOADER) == (0, 0, 1)
    account = Account.objects.get(username="grace")
    assert not account.has_usable_password()
    (shown,) = queries.personas()
    assert (shown.names, shown.note.en) == (GRACE.names, "Try this.")
    assert shown.post.en == "Handler, Roads"
    assert queries.principal(account).has_role(Role.HANDLER)
    settings.CITYSTEWARD_DEMO = False
    assert queries.personas() == []
    assert queries.principal(account) == Principal.anonymous()
    assert queries.holders(Role.HANDLER) == []


def test_a_changed_persona_changes(organisations: None, settings: Settings) -> None:
    settings.CITYSTEWARD_DEMO = True
    actions.load_personas([GRACE], actor=LOADER)
    other = PersonaDefinition("grace", Words(en="Grace O."), (PostDefinition(Role.AUDITOR),))
    assert actions.load_personas([other], actor=LOADER) == (0, 1, 0)
    (shown,) = queries.personas()
    assert (shown.names, set(shown.roles)) == (Words(en="Grace O."), {Role.AUDITOR})
    assert Membership.objects.count() == 1


def test_a_persona_never_takes_a_real_account_over(handler: Account) -> None:
    taken = PersonaDefinition("rosa", Words(en="R"), (PostDefinition(Role.ADMINISTRATOR),))
    with pytest.raises(PartyError):
        actions.load_personas([taken], actor=LOADER)
    handler.refresh_from_db()
    assert not handler.is_persona
    assert queries.principal(handler).roles == {Role.HANDLER}
