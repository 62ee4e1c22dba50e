"""Reads the translatable texts out of a folder, as makemessages would, without GNU gettext."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po
from django.utils.translation import templatize

KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "lazy": None,
    "gettext_lazy": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
}


def messages_of(folder: Path) -> set[str]:
    """Every msgid that the Python files and templates below `folder` ask for."""
    found: set[str] = set()
    for file in sorted(folder.rglob("*.py")):
        found |= set(_extracted(file.read_text()))
    for file in sorted(folder.rglob("*.html")):
        found |= set(_extracted(templatize(file.read_text(), origin=str(file))))
    return found


def translated(folder: Path) -> set[str]:
    """Every msgid that the folder's own Simplified Chinese catalogues translate in full."""
    done: set[str] = set()
    for file in folder.rglob("locale/zh_Hans/LC_MESSAGES/django.po"):
        with file.open("rb") as source:
            for message in read_po(source, abort_invalid=True):
                texts = message.string if isinstance(message.string, tuple) else (message.string,)
                if message.id and all(texts) and not message.fuzzy:
                    done.add(message.id[0] if isinstance(message.id, tuple) else str(message.id))
    return done


def _extracted(source: str) -> Iterator[str]:
    for _line, message, _comments, _context in extract(
        "python", BytesIO(source.encode()), keywords=KEYWORDS, options={"encoding": "utf-8"}
    ):
        first = message[0] if isinstance(message, tuple) else message
        if isinstance(first, str) and first:
            yield first
