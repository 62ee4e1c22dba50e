"""Which Parquet files hold the case facts, and up to which seal of the journal they go."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from citysteward.kernel.journal import queries as journal
from citysteward.performance.types import NotExportedError

DATASET = "case_facts"


@dataclass(frozen=True)
class Source:
    """The lake's files of case facts up to and with the segment `seal`.

    `seal` is 0, without a root, while nothing has been exported. `sealed_at` is the time (aware,
    UTC) of that seal. A file may hold later segments too: the computation leaves those out.
    """

    files: tuple[Path, ...]
    seal: int
    root: str
    sealed_at: datetime | None


def source(seal: int | None = None) -> Source:
    """The files up to `seal`, by default to the last seal that the lake holds.

    Raises NotExportedError where the lake does not reach that far: what is missing would change
    the figures later, on the same seal.
    """
    exported = next((held.segment for held in journal.lake_report() if held.dataset == DATASET), 0)
    wanted = exported if seal is None else seal
    if wanted > exported:
        raise NotExportedError(
            f"The lake goes up to seal {exported}, not to {wanted}: run `citysteward lake export`."
        )
    found = journal.seal(wanted) if wanted else None
    if found is None:
        return Source((), 0, "", None)
    files = tuple(journal.lake_files(DATASET, upto_segment=wanted))
    return Source(files, found.number, found.root_hex, found.signed_at)
