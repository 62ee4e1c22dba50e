"""Taking Boston's 311 file in: rows to cases, names to codes, and a report of both.

Names that the pack does not know (a later file brings new request types or queues) are added,
journalled and reported; nothing is dropped.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from citysteward.grid import boston_311
from citysteward.grid.boston_311 import Refused, Row
from citysteward.grid.names import Names
from citysteward.kernel.areas import queries as areas
from citysteward.kernel.cases import actions as cases
from citysteward.kernel.cases import queries as case_queries
from citysteward.kernel.cases.types import (
    FindingKind,
    ImportBatch,
    ImportedCase,
    ImportSummary,
    Ref,
)
from citysteward.kernel.journal.types import Actor

SOURCE = "boston-311"
CITY = "boston"
PROCEDURE = "service-request"
BATCH_SIZE = 5_000
ACTOR = Actor(f"import:{SOURCE}", "Boston 311")

Step = Callable[[int, int], None]
"""Told (done, total) as the import goes on."""


@dataclass
class ImportReport:
    """What became of a file's rows: added + known + refused are all of them."""

    file: str
    as_of: datetime
    rows: int = 0
    added: int = 0
    known: int = 0
    refused: list[Refused] = field(default_factory=list)
    findings: dict[str, int] = field(default_factory=dict)
    new_names: dict[str, list[str]] = field(default_factory=dict)


def import_file(path: Path, *, as_of: datetime, step: Step) -> ImportReport:
    """Import a file as it stood at `as_of` (aware). Raises UnreadableFile; NoCity.

    Batches commit one by one: a run that is killed is finished by the next one.
    """
    frame, refused = boston_311.read(path)
    report = ImportReport(file=path.name, as_of=as_of, refused=refused)
    report.rows = frame.height + len(refused)
    rows = list(boston_311.rows(frame))
    known = case_queries.known_ids(SOURCE)
    new = [row for row in rows if row.source_id not in known]
    report.known = len(rows) - len(new)
    names = Names(CITY, actor=ACTOR)
    names.learn(new)
    report.new_names = names.added
    located = _located(new)
    batch = ImportBatch(city=CITY, source=SOURCE, procedure=PROCEDURE, as_of=as_of)
    found: Counter[str] = Counter()
    step(0, len(new))
    for start in range(0, len(new), BATCH_SIZE):
        chunk = [
            _case(row, names, located.get(row.source_id), as_of)
            for row in new[start : start + BATCH_SIZE]
        ]
        report.added += cases.import_cases(batch, chunk, actor=ACTOR)
        found.update(kind.value for case in chunk for kind, _ in case.findings)
        step(start + len(chunk), len(new))
    report.findings = dict(found.most_common())
    summary = _summary(path, report)
    # A run that was killed after its last batch has not noted what it did.
    unnoted = report.known and not case_queries.is_import_noted(CITY, summary.sha256)
    if report.added or unnoted:
        cases.note_import(summary, actor=ACTOR)
    return report


def _summary(path: Path, report: ImportReport) -> ImportSummary:
    return ImportSummary(
        city=CITY,
        source=SOURCE,
        file=path.name,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        as_of=report.as_of,
        added=report.added,
        known=report.known,
        refused=len(report.refused),
    )


def _located(rows: Sequence[Row]) -> dict[str, str]:
    """The area by polygon of rows that name none but have a place."""
    asked = [row for row in rows if not row.neighborhood and row.longitude is not None]
    points = [(row.longitude or 0.0, row.latitude or 0.0) for row in asked]
    codes = areas.locate(CITY, points)
    return {row.source_id: code for row, code in zip(asked, codes, strict=True) if code}


def _case(row: Row, names: Names, located: str | None, as_of: datetime) -> ImportedCase:
    area = names.area(row.neighborhood) if row.neighborhood else names.area_by_code(located)
    return ImportedCase(
        source_id=row.source_id,
        category=names.category(row.reason, row.type),
        organisation=names.organisation(row.subject),
        unit=names.unit(row.subject, row.queue),
        area=area,
        title=row.title,
        address=row.address,
        result=row.closure_reason,
        channel=row.channel,
        longitude=row.longitude,
        latitude=row.latitude,
        opened_at=row.opened_at,
        due_at=row.due_at,
        closed_at=row.closed_at,
        suspended_at=as_of if row.verdict is None else None,
        reference_verdict=row.verdict,
        findings=tuple(_findings(row, area)),
    )


def _findings(row: Row, area: Ref | None) -> Iterator[tuple[FindingKind, dict[str, str]]]:
    if row.closed_at is not None and row.closed_at < row.opened_at:
        yield (
            FindingKind.CLOSED_BEFORE_OPENED,
            {"opened_at": row.opened_at.isoformat(), "closed_at": row.closed_at.isoformat()},
        )
    if row.place_unknown:
        yield FindingKind.PLACE_UNKNOWN, {"address": row.address}
    if area is None:
        outside = row.longitude is not None
        yield (FindingKind.OUTSIDE_AREAS if outside else FindingKind.AREA_UNKNOWN), {}
