"""A small city with two departments, and people in it."""

import pytest

from citysteward.kernel.areas.actions import load_areas
from citysteward.kernel.areas.types import AreaDefinition, Level
from citysteward.kernel.journal.types import Actor
from citysteward.kernel.parties.actions import add_staff, load_organisations
from citysteward.kernel.parties.models import Account
from citysteward.kernel.parties.types import (
    Kind,
    OrganisationDefinition,
    PostDefinition,
    Role,
)
from citysteward.lib.words import Words

LOADER = Actor("test:loader")
PASSWORD = "a-long-winded-secret"
ROADS = OrganisationDefinition(
    "roads", Kind.DEPARTMENT, Words(en="Roads", zh="道路局"), "city", ("PWD  Roads",)
)
ORGANISATIONS = [
    OrganisationDefinition("north", Kind.UNIT, Words(en="North", zh="北区"), "roads", ("Roads",)),
    ROADS,
    OrganisationDefinition("parks", Kind.DEPARTMENT, Words(en="Parks"), "city", ("Roads",)),
    OrganisationDefinition("city", Kind.GOVERNMENT, Words(en="City", zh="市政府")),
]


@pytest.fixture
def organisations(db: None) -> None:
    load_organisations("t", ORGANISATIONS, actor=LOADER)
    load_areas(
        "t",
        [
            AreaDefinition("t", Level.CITY, Words(en="Town")),
            AreaDefinition("t-east", Level.NEIGHBOURHOOD, Words(en="East"), "t"),
            AreaDefinition("t-west", Level.NEIGHBOURHOOD, Words(en="West"), "t"),
        ],
        actor=LOADER,
    )


@pytest.fixture
def handler(organisations: None) -> Account:
    """Somebody who handles the roads of the east."""
    return add_staff(
        username="rosa",
        password=PASSWORD,
        name="Rosa Lind",
        posts=[PostDefinition(Role.HANDLER, "roads", "t-east")],
        actor=LOADER,
    )
