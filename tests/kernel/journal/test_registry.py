from enum import StrEnum

import pyarrow as pa
import pytest
from pydantic import BaseModel

from citysteward.kernel.journal import registry
from citysteward.kernel.journal.catalogue import render
from citysteward.kernel.journal.registry import Dataset, declare, declare_dataset
from citysteward.kernel.journal.types import UndeclaredVerb, Verb
from citysteward.lib.words import Words
from tests.kernel.journal.verbs import NOTED

WORDS = Words(en="Something happened", zh="发生了某事")


class Payload(BaseModel):
    text: str


@pytest.fixture(autouse=True)
def own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_verbs", {})
    monkeypatch.setattr(registry, "_datasets", {})


def test_a_verb_is_declared_once_for_each_version() -> None:
    first = declare(Verb("test.happened", 1, Payload, WORDS))
    second = declare(Verb("test.happened", 2, Payload, WORDS))
    earlier = declare(Verb("test.before", 1, Payload, WORDS))
    assert registry.verbs() == [earlier, first, second]
    assert registry.verb("test.happened", 2) is second
    with pytest.raises(ValueError, match="twice"):
        declare(Verb("test.happened", 1, Payload, WORDS))
    with pytest.raises(UndeclaredVerb):
        registry.verb("test.happened", 3)


@pytest.mark.parametrize("name", ["", "happened", "Test.happened", "test.", ".x", "test happened"])
def test_a_verb_has_a_name_of_its_context(name: str) -> None:
    with pytest.raises(ValueError, match="named like"):
        declare(Verb(name, 1, Payload, WORDS))


@pytest.mark.parametrize("version", [0, -1, 32_768])
def test_versions_fit_the_journal_s_column(version: int) -> None:
    with pytest.raises(ValueError, match="versions"):
        declare(Verb("test.happened", version, Payload, WORDS))


@pytest.mark.parametrize("words", [Words(en="x"), Words(zh="某")])
def test_a_verb_is_told_in_both_languages(words: Words) -> None:
    with pytest.raises(ValueError, match="Chinese"):
        declare(Verb("test.happened", 1, Payload, words))


def _dataset(name: str, **columns: pa.DataType) -> Dataset:
    schema = pa.schema(list(columns.items()))
    return Dataset(name, None, schema, lambda _entries: schema.empty_table())


def test_a_dataset_can_be_cut_at_a_seal_and_traced_to_its_entry() -> None:
    good = declare_dataset(_dataset("facts", segment=pa.int64(), entry_id=pa.int64()))
    assert registry.datasets() == [good]
    assert registry.dataset("facts") is good
    with pytest.raises(ValueError, match="twice"):
        declare_dataset(good)
    with pytest.raises(ValueError, match="segment"):
        declare_dataset(_dataset("other", entry_id=pa.int64()))
    with pytest.raises(ValueError, match="entry_id"):
        declare_dataset(_dataset("other", segment=pa.int64(), entry_id=pa.int32()))
    with pytest.raises(ValueError, match="named like"):
        declare_dataset(_dataset("../x", segment=pa.int64(), entry_id=pa.int64()))
    with pytest.raises(LookupError, match="facts"):
        registry.dataset("other")


class Empty(BaseModel):
    pass


class Colour(StrEnum):
    RED = "red"
    AMBER = "amber"


class Part(BaseModel):
    code: str
    colour: Colour


class Rich(BaseModel):
    count: int
    note: str | None = None
    parts: list[Part]
    totals: dict[str, float]


def test_the_catalogue_tells_names_words_and_fields() -> None:
    page = render([Verb("test.happened", 3, Rich, WORDS), NOTED])
    assert "## test.happened (version 3)\n\nSomething happened · 发生了某事\n" in page
    for row in (
        "| count | integer |",
        "| note | string or null |",
        "| parts | list of Part |",
        "| totals | map to number |",
        "| due | date-time or null |",
    ):
        assert row in page
    assert "### Part\n\n| field | type |\n|---|---|\n| code | string |\n| colour | Colour |" in page
    assert "### Colour\n\nOne of `red`, `amber`.\n" in page


def test_the_catalogue_of_nothing_is_a_page_too() -> None:
    declare(Verb("test.happened", 1, Empty, WORDS))
    assert "No fields." in render()
