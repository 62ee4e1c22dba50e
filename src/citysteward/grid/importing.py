"""Taking Boston's 311 file in: rows to cases, unknown names to the pack's tables, with a report."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from citysteward.grid import boston_311
from citysteward.grid.boston_311 import Refused, Row
from citysteward.kernel.areas import queries as areas
from citysteward.kernel.cases import actions as cases
from citysteward.kernel.cases import queries as case_queries
from citysteward.kernel.cases.actions import ImportedCase
from citysteward.kernel.cases.types import Batch, FindingKind, Ref
from citysteward.kernel.journal.types import Actor

SOURCE = "boston-311"
CITY = "boston"
PROCEDURE = "service-request"
BATCH_SIZE = 5_000

Step = Callable[[int, int], None]
"""Told (done, total) as the import goes on."""

T = TypeVar("T")


@dataclass
class ImportReport:
    """What became of a file's rows; added + known + refused = its rows."""

    file: str
    added: int = 0
    known: int = 0
    refused: list[Refused] = field(default_factory=list)
    findings: dict[str, int] = field(default_factory=dict)
    new_names: dict[str, list[str]] = field(default_factory=dict)
