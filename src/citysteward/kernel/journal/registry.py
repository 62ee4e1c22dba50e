"""Declarations made at start-up: the verbs of the event catalogue and the datasets of the lake."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from citysteward.kernel.journal.types import EntryView, PayloadT, UndeclaredVerb, Verb

_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
_DATASET_NAME = re.compile(r"[a-z][a-z0-9_]*")
# Every row of the lake can be cut at a seal and traced to its entry.
_REQUIRED_COLUMNS = (("segment", pa.int64()), ("entry_id", pa.int64()))

_verbs: dict[tuple[str, int], Verb[Any]] = {}
_datasets: dict[str, "Dataset"] = {}


@dataclass(frozen=True)
class Dataset:
    """One table of the lake, projected from the entries of some verbs (None: of all).

    `project` gets entries in commit order and returns a table of exactly `schema`, with no, one
    or several rows for each; it must be pure, since a crash makes the export run again.
    """

    name: str
    verbs: frozenset[str] | None
    schema: pa.Schema
    project: Callable[[Sequence[EntryView]], pa.Table]


def declare(verb: Verb[PayloadT]) -> Verb[PayloadT]:
    """Enter a verb in the catalogue and return it; ValueError if it is malformed or there."""
    if not _NAME.fullmatch(verb.name):
        raise ValueError(f"a verb is named like 'case.closed', not {verb.name!r}")
    if not 1 <= verb.version <= 32_767:
        raise ValueError(f"{verb}: versions run from 1")
    if not (verb.words.en and verb.words.zh):
        raise ValueError(f"{verb}: say in English and in Chinese what happened")
    known = _verbs.get((verb.name, verb.version))
    if known is not None:
        raise ValueError(f"{verb} is declared twice; a changed payload is a new version")
    _verbs[verb.name, verb.version] = verb
    return verb


def verbs() -> list[Verb[Any]]:
    """Every declared verb, by name and version."""
    return [_verbs[key] for key in sorted(_verbs)]


def verb(name: str, version: int) -> Verb[Any]:
    """The declared verb; UndeclaredVerb if there is none."""
    try:
        return _verbs[name, version]
    except KeyError:
        raise UndeclaredVerb(f"{name} v{version} is not in the event catalogue") from None


def require_declared(candidate: Verb[Any]) -> None:
    """UndeclaredVerb unless this very verb is in the catalogue."""
    if _verbs.get((candidate.name, candidate.version)) is not candidate:
        raise UndeclaredVerb(f"declare {candidate} in your context's registry before use")


def declare_dataset(dataset: Dataset) -> Dataset:
    """Enter a dataset of the lake and return it; ValueError if it is malformed or there."""
    if not _DATASET_NAME.fullmatch(dataset.name):
        raise ValueError(f"a dataset is named like 'case_facts', not {dataset.name!r}")
    if dataset.name in _datasets:
        raise ValueError(f"dataset {dataset.name} is declared twice")
    for column, kind in _REQUIRED_COLUMNS:
        if column not in dataset.schema.names or dataset.schema.field(column).type != kind:
            raise ValueError(f"dataset {dataset.name} needs a column {column} of type {kind}")
    _datasets[dataset.name] = dataset
    return dataset


def datasets() -> list[Dataset]:
    """Every declared dataset, by name."""
    return [_datasets[name] for name in sorted(_datasets)]


def dataset(name: str) -> Dataset:
    """The declared dataset; LookupError if there is none."""
    if name not in _datasets:
        raise LookupError(f"no dataset {name!r}; there are {', '.join(sorted(_datasets))}")
    return _datasets[name]
