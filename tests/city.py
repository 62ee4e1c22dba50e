"""A city to test in: Boston's pack, its people, and a case on its way through the loop."""

import io
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.conf import settings
from PIL import Image

from citysteward.grid.importing import ImportReport, import_file
from citysteward.kernel.cases import actions
from citysteward.kernel.cases import queries as cases
from citysteward.kernel.cases.queries import CaseRow
from citysteward.kernel.cases.types import Channel, NewCase, Place, Reporter, Upload
from citysteward.kernel.journal.actions import export_lake, seal_segments
from citysteward.kernel.journal.queries import verify
from citysteward.kernel.journal.types import Actor
from citysteward.kernel.parties import queries as parties
from citysteward.kernel.parties.models import Account
from citysteward.kernel.parties.types import Principal
from citysteward.lib import packs
from tests.databases import MIGRATED, Template, all_python_and
from tests.environment import ROOT

CITY_HALL = (-71.0580, 42.3603)
WORCESTER = (-71.8023, 42.2626)
"""Some 60 km west of Boston."""
LIGHT = "street-light-outages"
FILE = ROOT / "packs/boston/data/boston_311_2015_h1.parquet"
SNAPSHOT = datetime(2016, 1, 13, tzinfo=ZoneInfo("America/New_York"))
"""When the city's register was copied to the file."""


def load_boston() -> None:
    """The pack as `citysteward load boston` loads it, with the people of the demonstration."""
    reader = packs.PackReader(settings.PACKS_ROOT / "boston")
    packs.load_pack(reader, actor=Actor(id="system:test", name="test"))


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


def import_boston(file: Path = FILE, *, as_of: datetime = SNAPSHOT) -> ImportReport:
    """The city's file as `citysteward import boston-311` imports it."""
    return import_file(file, as_of=as_of, step=packs.silent)


def seal_and_export() -> None:
    """Everything committed so far is sealed and in the lake afterwards.

    Another test run on the same server may hold sealing back for a moment.
    """
    for _ in range(100):
        seal_segments()
        if verify().unsealed == 0:
            break
        time.sleep(0.05)
    else:
        raise AssertionError("some open transaction holds sealing back")
    export_lake()


def _build_full() -> None:
    report = import_boston()
    assert report.rows == report.added, report.refused
    seal_and_export()


BOSTON = Template(
    "boston", build=load_boston, depends_on=lambda: all_python_and("packs/boston"), base=MIGRATED
)
"""Boston's pack, with the people of the demonstration."""
BOSTON_FULL = Template("boston_full", build=_build_full, depends_on=list, base=BOSTON)
"""The same with the cases of the first half of 2015, sealed and in the lake."""
