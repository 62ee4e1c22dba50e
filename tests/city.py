"""A city to test in: Boston's pack, its people, and a case on its way through the loop."""

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from django.test import override_settings
from PIL import Image
from pytest_django import DjangoDbBlocker, Settings

from citysteward.kernel.cases import actions
from citysteward.kernel.cases import queries as cases
from citysteward.kernel.cases.queries import CaseRow
from citysteward.kernel.cases.types import Channel, NewCase, Place, Reporter, Upload
from citysteward.kernel.journal.types import Actor
from citysteward.kernel.parties import queries as parties
from citysteward.kernel.parties.models import Account
from citysteward.kernel.parties.types import Principal
from citysteward.lib import packs

CITY_HALL = (-71.0580, 42.3603)
WORCESTER = (-71.8023, 42.2626)
"""Some 60 km west of Boston."""
LIGHT = "street-light-outages"


def load_boston() -> None:
    """The pack as `citysteward load boston` loads it, with the people of the demonstration."""
    reader = packs.PackReader(django_settings.PACKS_ROOT / "boston")
    packs.load_pack(reader, actor=Actor(id="system:test", name="test"))


@pytest.fixture(scope="module")
def loaded_boston(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Boston loaded once for all tests of a module, each of which is rolled back to it."""
    demo = override_settings(CITYSTEWARD_DEMO=True)
    with django_db_blocker.unblock(), demo, transaction.atomic():
        load_boston()
        with django_db_blocker.block():
            yield
        transaction.set_rollback(True)


@pytest.fixture
def boston(loaded_boston: None, db: None, settings: Settings, own_home: Path) -> None:
    """A city in demo mode, with a home of the test's own for its photos."""
    settings.CITYSTEWARD_DEMO = True


def account(username: str) -> Account:
    """A person of the demonstration: grace and henry are citizens, paul handles, cheng checks."""
    return Account.objects.get(username=username)


def principal(username: str) -> Principal:
    """The same, as an action's actor."""
    return parties.principal(account(username))


def photo(colour: str = "teal", size: tuple[int, int] = (64, 48), kind: str = "JPEG") -> bytes:
    """A real picture."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind)
    return out.getvalue()


def report(
    reporter: str = "", *, category: str = LIGHT, photos: Sequence[bytes] = (), contact: str = ""
) -> CaseRow:
    """A fresh case at City Hall, reported by a citizen or by nobody in particular."""
    who = principal(reporter) if reporter else Principal.anonymous()
    return actions.open_case(
        NewCase(
            city="boston",
            procedure="service-request",
            category=category,
            description="The lamp before number 12 is dark.",
            channel=Channel.WEB,
            place=Place(*CITY_HALL, address="1 City Hall Square"),
            reporter=Reporter(account_id=who.account_id, email=contact),
            uploads=[Upload(f"{n}.jpg", content) for n, content in enumerate(photos)],
            idempotency_key=uuid4().hex,
        ),
        actor=who,
    )


def close(case: CaseRow, *, photos: Sequence[bytes] = ()) -> CaseRow:
    """Handle and check the case as its own department's people do."""
    uploads = [Upload(f"after-{n}.jpg", content) for n, content in enumerate(photos or [photo()])]
    handled = actions.Completion(outcome="done", note="New lamp fitted.", uploads=uploads)
    actions.complete_task(_task(case), handled, actor=principal("paul"))
    passed = actions.Completion(outcome="pass")
    return actions.complete_task(_task(case), passed, actor=principal("cheng"))


def _task(case: CaseRow) -> UUID:
    return next(task.pk for task in cases.tasks_of(case) if task.state == "open")
