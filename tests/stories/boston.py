"""The people of Boston's pack at their work, in the words of the journeys."""

import io
from dataclasses import replace
from typing import Any
from uuid import uuid4

from PIL import Image

from citysteward.kernel.cases import actions
from citysteward.kernel.cases import queries as cases
from citysteward.kernel.cases.actions import Completion
from citysteward.kernel.cases.queries import CaseRow, TaskRow
from citysteward.kernel.cases.types import Channel, NewCase, Place, Reporter, Upload
from citysteward.kernel.journal import queries as journal
from citysteward.kernel.journal.types import Actor
from citysteward.kernel.parties import actions as parties
from citysteward.kernel.parties.types import PostDefinition, Principal, Role
from tests import city

LIGHT = city.LIGHT
HANDLED = Completion("done", note="New lamp fitted.", uploads=(Upload("a.jpg", city.photo()),))
TICKER = Principal.system(Actor("system:ticker", "Clock"))


def persona(code: str) -> Principal:
    """A person of packs/boston/people.yaml as an action's actor."""
    return city.principal(code)


def with_role(code: str, role: Role, organisation: str, area: str = "") -> Principal:
    """The person after having been given one more post."""
    person = persona(code).party_id
    assert person is not None
    post = PostDefinition(role, organisation, area)
    parties.give_role(person, post, actor=Actor("test:administrator"))
    return persona(code)


def new_case(**changes: object) -> NewCase:
    """A dark street light at City Hall, as Grace reports it."""
    usual = NewCase(
        city="boston",
        procedure="service-request",
        category=LIGHT,
        description="The lamp before number 12 is dark.",
        channel=Channel.WEB,
        place=Place(*city.CITY_HALL, address="1 City Hall Square"),
        reporter=Reporter(account_id=persona("grace").account_id),
        idempotency_key=uuid4().hex,
    )
    return replace(usual, **changes)  # type: ignore[arg-type]  # fields of NewCase by name


def report(actor: Principal | None = None, **changes: object) -> CaseRow:
    """Grace reports, or `actor` for her, and the case is on its way."""
    return fresh(actions.open_case(new_case(**changes), actor=actor or persona("grace")))


def fresh(case: CaseRow) -> CaseRow:
    """The case as the database has it now."""
    found = cases.case_by_number(case.number)
    assert found is not None
    return found


def whose(case: CaseRow) -> tuple[str | None, str | None]:
    """The codes of the organisation and the unit that answer for the case."""
    return (
        case.organisation.code if case.organisation else None,
        case.unit.code if case.unit else None,
    )


def waiting(case: CaseRow) -> TaskRow:
    """The one open task of the case."""
    (task,) = [task for task in cases.tasks_of(case) if task.state == "open"]
    return task


def on_list(who: str, case: CaseRow) -> list[str]:
    """The tasks of the case on a person's work list."""
    found = cases.work_list(persona(who), "boston").filter(case=case)
    return [task.node for task in found]


def finish(case: CaseRow, how: Completion, who: str | Principal) -> CaseRow:
    """Somebody finishes the case's open task."""
    actor = persona(who) if isinstance(who, str) else who
    actions.complete_task(waiting(case).pk, how, actor=actor)
    return fresh(case)


def handle_and_close(case: CaseRow) -> CaseRow:
    """Paul handles, Cheng checks."""
    return finish(finish(case, HANDLED, "paul"), Completion("pass"), "cheng")


def verbs(case: CaseRow) -> list[str]:
    """The case's journal, in short."""
    return [entry.kind for entry in journal.entries_of(case.subject)]


def entries(case: CaseRow, verb: str) -> list[dict[str, Any]]:
    """What the case's entries of one kind say, in order."""
    return [entry.data() for entry in journal.entries_of(case.subject) if entry.kind == verb]


def facts(case: CaseRow) -> list[dict[str, Any]]:
    """What the case's journal states for the indicators, in order."""
    entries = journal.entries_of(case.subject)
    return [data["fact"] for entry in entries if "fact" in (data := entry.data())]


def photo_with_place() -> bytes:
    """A JPEG that tells its camera, its time and where it was taken; lying on its side."""
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    exif[0x0112] = 6  # to be turned by 90 degrees
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (42.0, 21.0, 37.0)
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(out, "JPEG", exif=exif, comment=b"SecretComment")
    return out.getvalue()


def bomb(side: int) -> bytes:
    """A small PNG that unpacks to `side` by `side` pixels."""
    out = io.BytesIO()
    Image.new("1", (side, side)).save(out, "PNG")
    return out.getvalue()
