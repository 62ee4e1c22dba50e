"""The facts of Boston's register as one Parquet file, as the lake would hold them."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from citysteward.performance import backend
from citysteward.performance.backend import Engine

from . import boston


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Parquet file of all facts."""
    path = tmp_path_factory.mktemp("lake") / "case_facts.parquet"
    pq.write_table(boston.facts(), path)
    return path


@pytest.fixture(scope="session")
def engine(lake: Path) -> Iterator[Engine]:
    """An engine over the register."""
    with backend.opened([lake]) as opened:
        yield opened
