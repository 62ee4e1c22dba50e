"""The contract of the pack, and the appraisals of 2015 computed from the register's facts."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from citysteward.contracts.documents import ContractDocument
from citysteward.kernel.journal.types import Actor
from citysteward.lib.packs import PackReader
from citysteward.performance import queries as performance
from citysteward.performance.source import Source

PACK = PackReader(Path(__file__).parents[2] / "packs/boston")
FILE = "contracts/boston-311.yaml"
ROOT = "ab" * 32
TESTER = Actor("system:test", "Finance bureau")


def contract() -> ContractDocument:
    """The contract as the pack writes it."""
    return PACK.read_model(FILE, ContractDocument)


@contextmanager
def lake(patch: pytest.MonkeyPatch, files: list[Path], seal: int = 1) -> Iterator[None]:
    """Let the lake hold `files`, up to the seal of that number."""

    def source(wanted: int | None = None) -> Source:
        number = seal if wanted is None else wanted
        return Source(tuple(files), number, ROOT, datetime(2016, 1, 14, tzinfo=UTC))

    with patch.context() as patched:
        patched.setattr(performance, "source", source)
        yield
