"""Boston's contract over Boston's cases, as the lake would hold them."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.contracts import boston
from tests.performance import boston as register


@pytest.fixture(scope="session")
def facts_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The facts of the whole register, sealed in segment 1."""
    path = tmp_path_factory.mktemp("lake") / "case_facts-1.parquet"
    pq.write_table(register.facts(), path)
    return path


@pytest.fixture
def city(boston_db: None, facts_file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Boston's pack is loaded and its lake holds the register."""
    with boston.lake(monkeypatch, [facts_file]):
        yield facts_file
