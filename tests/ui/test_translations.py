"""Every text of the interface has its Chinese."""

import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

import citysteward.ui

ROOT = Path(citysteward.ui.__file__).parent
CATALOGUE = ROOT / "locale/zh_Hans/LC_MESSAGES/django.po"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


def texts() -> Iterator[tuple[str, str | None]]:
    """The texts in the code and the templates, with their contexts."""
    for file in sorted([*ROOT.rglob("*.py"), *ROOT.rglob("*.html")]):
        source = file.read_text()
        if file.suffix == ".html":
            source = templatize(source, origin=str(file))
        aliased = "pgettext_lazy as _" in source
        keywords = KEYWORDS | ({"_": ((1, "c"), 2)} if aliased else {})
        for _line, message, _comments, context in extract(
            "python", io.BytesIO(source.encode()), keywords=keywords
        ):
            yield (message[0] if isinstance(message, tuple) else message), context


def catalogue() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="zh_Hans", abort_invalid=True)


def test_every_text_is_translated() -> None:
    chinese = catalogue()
    wanted = set(texts())
    assert len(wanted) > 100
    missing = {
        (text, context)
        for text, context in wanted
        if not (found := chinese.get(text, context)) or not found.string
    }
    assert missing == set()


def test_no_translation_is_left_over() -> None:
    wanted = set(texts())
    kept = {
        (entry.id[0] if isinstance(entry.id, tuple) else entry.id, entry.context)
        for entry in catalogue()
        if entry.id
    }
    assert kept - wanted == set()


def test_placeholders_survive_translation() -> None:
    faults = [str(fault) for entry in catalogue() if entry.id for fault in entry.check(catalogue())]
    assert faults == []
