"""The engine that computes indicators: DuckDB in this process, or another by one setting.

`settings.ANALYTICS_BACKEND` is an Ibis connection address, `duckdb://` when not set; a city that
outgrows one machine names `pyspark://`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import ibis
import pyarrow as pa
from django.conf import settings
from ibis.backends import BaseBackend
from ibis.expr.types import Table

from citysteward.performance.facts import SCHEMA


class Engine:
    """An open engine with the case facts in it."""

    def __init__(self, backend: BaseBackend, facts: Table) -> None:
        self._backend = backend
        self.facts = facts

    def rows(self, expression: Table) -> list[dict[str, Any]]:
        """Run `expression` and give its rows as dictionaries; times come aware, in UTC."""
        return cast(list[dict[str, Any]], self._backend.to_pyarrow(expression).to_pylist())


@contextmanager
def opened(files: Sequence[Path]) -> Iterator[Engine]:
    """An engine over the Parquet `files`; without any, over no facts at all."""
    address = getattr(settings, "ANALYTICS_BACKEND", "duckdb://")
    backend = cast(BaseBackend, ibis.connect(address))
    try:
        yield Engine(backend, _facts(backend, files))
    finally:
        backend.disconnect()


def _facts(backend: BaseBackend, files: Sequence[Path]) -> Table:
    if not files:
        return ibis.memtable(SCHEMA.empty_table())
    reader = cast(Any, backend)
    return cast(Table, reader.read_parquet([str(path) for path in files]))


def as_table(facts: pa.Table) -> Table:
    """Case facts held in memory, in the schema of the lake (for trials and tests)."""
    return ibis.memtable(facts.cast(SCHEMA))
