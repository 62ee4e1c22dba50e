"""Every write of parties."""

from citysteward.kernel.parties.actions.accounts import (
    add_staff,
    close_account,
    give_role,
    load_personas,
    register_citizen,
    set_password,
    take_role,
)
from citysteward.kernel.parties.actions.organisations import load_organisations
from citysteward.kernel.parties.actions.people import look_at_contact, note_contact

__all__ = [
    "add_staff",
    "close_account",
    "give_role",
    "load_organisations",
    "load_personas",
    "look_at_contact",
    "note_contact",
    "register_citizen",
    "set_password",
    "take_role",
]
