"""The journal's words: who acted, what was done, what was sealed, what is wrong with it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict

from citysteward.lib.errors import PlainError
from citysteward.lib.words import Words

PayloadT = TypeVar("PayloadT", bound=BaseModel)


class JournalError(PlainError):
    """Something that the journal refuses."""


class UnjournalledAction(JournalError):
    """An action ended without a journal entry, or wrote one after saying that nothing changed."""


class OutsideAction(JournalError):
    """An entry was appended outside an `@action`, so nothing ties it to a transaction."""


class UndeclaredVerb(JournalError):
    """A verb that no context has declared in its registry."""


class PayloadRefused(JournalError):
    """A payload that is not the verb's own model or that PostgreSQL cannot read back."""


class LakeBehind(JournalError):
    """The lake does not yet hold the segment that is asked for: seal and export first."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: `id` like "party:<uuid>", "system:ticker", "import:boston-311"."""

    id: str
    name: str = ""

    def __post_init__(self) -> None:
        kind, colon, rest = self.id.partition(":")
        if not (kind and colon and rest):
            raise ValueError(f"an actor's id is '<kind>:<who>', not {self.id!r}")


@dataclass(frozen=True)
class Verb(Generic[PayloadT]):
    """What can happen, e.g. "case.closed" version 1, and the model of what is told about it.

    A changed payload is a new version of the same name; old entries keep the old one.
    """

    name: str
    version: int
    payload: type[PayloadT]
    words: Words

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


@dataclass(frozen=True, slots=True)
class Draft(Generic[PayloadT]):
    """One entry to be appended in bulk; `occurred_at` (aware) is the time of the business fact."""

    verb: Verb[PayloadT]
    subject: str
    payload: PayloadT
    occurred_at: datetime | None = None


class Cursor(NamedTuple):
    """A place in commit order. Ids alone would skip a transaction that commits late.

    `epoch` counts the database clusters that the journal has lived in: transaction numbers
    start again in a restored one.
    """

    epoch: int
    txid: int
    id: int


START = Cursor(0, 0, 0)


@dataclass(frozen=True, slots=True)
class EntryView:
    """One journal entry as stored. Times are aware UTC; `payload` is the exact stored text.

    `segment` is the number of the seal that covers it, None while it is not yet sealed.
    """

    id: int
    epoch: int
    txid: int
    recorded_at: datetime
    occurred_at: datetime
    kind: str
    version: int
    actor: str
    actor_name: str
    subject: str
    payload: str
    segment: int | None = None

    @property
    def cursor(self) -> Cursor:
        return Cursor(self.epoch, self.txid, self.id)

    def data(self) -> dict[str, Any]:
        """The payload as plain JSON values."""
        values: dict[str, Any] = json.loads(self.payload)
        return values

    def read(self, verb: Verb[PayloadT]) -> PayloadT:
        """The payload as the verb's model; ValueError if the entry is of another verb."""
        if (self.kind, self.version) != (verb.name, verb.version):
            raise ValueError(f"entry {self.id} is {self.kind} v{self.version}, not {verb}")
        return verb.payload.model_validate_json(self.payload)


@dataclass(frozen=True, slots=True)
class Seal:
    """A signed segment of the journal. `entries` are its own, `total` all up to its end."""

    number: int
    root_hex: str
    signed_at: datetime
    last_cursor: Cursor
    entries: int
    total: int
    header_hash_hex: str


class ProblemKind(StrEnum):
    """What verification can find."""

    CHANGED = "changed"
    LOST = "lost"
    ADDED = "added"
    ORDER = "order"
    SIGNATURE = "signature"
    CHAIN = "chain"
    TAIL = "tail"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, in words; `entry` is the entry's id where one can be named."""

    kind: ProblemKind
    segment: int | None
    entry: int | None
    explanation: Words


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """The outcome of a verification.

    `problems` lists the first ones in full; `problem_count` counts all of them. `unsealed`
    entries are not covered by a seal yet. `witnessed` tells whether a witness file was there to
    compare the end of the journal with.
    """

    entries: int
    segments: int
    unsealed: int
    witnessed: bool
    problem_count: int = 0
    problems: Sequence[Problem] = field(default_factory=tuple)

    @property
    def ok(self) -> bool:
        return self.problem_count == 0


class InclusionProof(BaseModel):
    """Proof that one entry stands in a sealed segment, checkable without the database.

    The entry's fields as they were hashed, the Merkle path, and the signed header of the
    segment. See `proofs.check`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    entry: Mapping[str, str]
    index: int
    path: tuple[str, ...]
    header: str
    signature: str
    public_key: str


@dataclass(frozen=True, slots=True)
class LakeFile:
    """One exported Parquet file, holding segments `first_segment` to `last_segment`."""

    dataset: str
    path: Path
    first_segment: int
    last_segment: int
    rows: int
    size: int
    sha256_hex: str
    written_at: datetime


@dataclass(frozen=True, slots=True)
class LakeState:
    """How far one dataset is exported. `size` in bytes.

    `behind` counts sealed segments not yet exported, `missing` recorded files that are gone from
    the folder.
    """

    dataset: str
    files: int
    rows: int
    size: int
    segment: int
    behind: int
    missing: int


@dataclass(frozen=True, slots=True)
class OldestWriter:
    """The open transaction that holds sealing back. `age_seconds` is since it began."""

    pid: int
    application: str
    state: str
    age_seconds: float
    txid: int
