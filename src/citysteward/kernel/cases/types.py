"""Words of the case loop: states, what a case is opened with, and what can go wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy as in_context
from pydantic import BaseModel, ConfigDict

from citysteward.lib.words import Words


class CaseStatus(TextChoices):
    """Where a case stands in its loop."""

    OPEN = "open", in_context("case", "Open")
    CLOSED = "closed", in_context("case", "Closed")


class TaskState(TextChoices):
    """A task is open until somebody finishes it or the flow takes it back."""

    OPEN = "open", in_context("task", "Open")
    DONE = "done", in_context("task", "Done")
    CANCELLED = "cancelled", in_context("task", "Taken back")


class Channel(TextChoices):
    """How a case came in."""

    WEB = "web", _("Web page")
    OPEN311 = "open311", _("Open311")
    PHONE = "phone", _("Telephone")
    APP = "app", _("App")
    STAFF = "staff", _("City staff")
    IMPORT = "import", _("Other system")


class AttachmentKind(TextChoices):
    """At which end of the loop a photo was taken."""

    REPORT = "report", _("Photo of the problem")
    RESULT = "result", _("Photo of the result")


class FindingKind(StrEnum):
    """What is odd about a case's data; the case is kept and counted as it is."""

    CLOSED_BEFORE_OPENED = "closed_before_opened"
    PLACE_UNKNOWN = "place_unknown"
    AREA_UNKNOWN = "area_unknown"
    OUTSIDE_AREAS = "outside_areas"


FINDING_WORDS: Mapping[FindingKind, Words] = {
    FindingKind.CLOSED_BEFORE_OPENED: Words(
        en="Closed before it was opened", zh="结案时间早于受理时间"
    ),
    FindingKind.PLACE_UNKNOWN: Words(
        en="The source writes its “no place known” point", zh="来源系统标记为“位置不明”"
    ),
    FindingKind.AREA_UNKNOWN: Words(
        en="Neither an area nor a place is known", zh="区域和位置均不明"
    ),
    FindingKind.OUTSIDE_AREAS: Words(
        en="The place lies outside all areas", zh="位置不在任何区域内"
    ),
}


class Fact(BaseModel):
    """A case as the indicators see it after one change: the columns of the `case_facts` lake.

    Times are aware and in UTC. `seq` counts the fact-changing entries of the case from 1.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    case_id: UUID
    seq: int
    number: str
    city: str
    procedure: str
    category: str
    channel: str
    organisation: str
    unit: str
    area: str
    opened_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    suspended: bool
    reopened: int
    rework: int
    escalated: bool
    rating: int | None
    reference_verdict: str | None
    longitude: float | None
    latitude: float | None


@dataclass(frozen=True)
class Place:
    """Where it is: degrees WGS 84, or only an address, or only an area."""

    longitude: float | None = None
    latitude: float | None = None
    address: str = ""
    area: str = ""


@dataclass(frozen=True)
class Upload:
    """A file as received; its type is found out from its bytes, never from its name."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Reporter:
    """Who reports, as far as they say; every field may be empty."""

    account_id: int | None = None
    name: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True)
class NewCase:
    """What a case is opened with.

    `idempotency_key`: the same key from the same sender opens one case, however often it is sent.
    """

    city: str
    procedure: str
    category: str
    description: str
    channel: Channel
    place: Place = field(default_factory=Place)
    title: str = ""
    reporter: Reporter = field(default_factory=Reporter)
    uploads: Sequence[Upload] = ()
    idempotency_key: str = ""


@dataclass(frozen=True)
class Clock:
    """A deadline as people see it: `state` is `none`, `good`, `amber`, `red` or `suspended`."""

    state: str
    due_at: datetime | None = None


@dataclass(frozen=True)
class Stage:
    """One plain step on the citizen's page."""

    code: str
    words: Words
    state: str
    """`done`, `now` or `later`."""


@dataclass(frozen=True)
class Ref:
    """A row that an imported case points to: its key and its code."""

    pk: int
    code: str


@dataclass(frozen=True)
class ImportedCase:
    """One case of another system. Times aware; `suspended_at`: since when its clock stands still,
    as far as the source tells; `findings`: what is odd about it."""

    source_id: str
    category: Ref
    organisation: Ref | None
    unit: Ref | None
    area: Ref | None
    title: str
    address: str
    result: str
    channel: Channel
    longitude: float | None
    latitude: float | None
    opened_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    suspended_at: datetime | None
    reference_verdict: str | None
    findings: tuple[tuple[FindingKind, dict[str, Any]], ...] = ()


@dataclass(frozen=True)
class ImportBatch:
    """Where the cases come from and what they become. `as_of`: the moment of the snapshot."""

    city: str
    source: str
    procedure: str
    as_of: datetime


@dataclass(frozen=True)
class ImportSummary:
    """A finished import, for the journal."""

    city: str
    source: str
    file: str
    sha256: str
    as_of: datetime
    added: int
    known: int
    refused: int


class CaseError(Exception):
    """Something a person asked for cannot be done; `words` say what and how to go on."""

    def __init__(self, words: Words, *, field_name: str = "") -> None:
        super().__init__(words.en)
        self.words = words
        self.field_name = field_name


class NotAllowed(CaseError):
    """The person may not do this to this case."""


class Conflict(CaseError):
    """Somebody else was faster, or the case has moved on."""


class InvalidPack(CaseError):
    """A procedure of a pack cannot run."""
