"""Reads the translatable texts out of a folder, as makemessages would, without GNU gettext."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.utils.translation import templatize

MODULE = "django.utils.translation"
SHAPES: Mapping[str, tuple[str, ...]] = {
    "gettext": ("id",),
    "ngettext": ("id", "plural", ""),
    "pgettext": ("context", "id"),
    "npgettext": ("context", "id", "plural", ""),
}
"""What the arguments of each function are."""
KEYWORDS = {
    "_": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip
"""The same for what `templatize` makes of a template."""
PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]|%[sdf]|\{\w*\}")


@dataclass(frozen=True, order=True)
class Text:
    """A text to translate, with the context that tells it from the same words elsewhere."""

    id: str
    context: str = ""
    plural: str = ""


@dataclass(frozen=True)
class Translation:
    """What a catalogue says; `files` names it."""

    text: Text
    chinese: tuple[str, ...]
    file: Path

    @property
    def is_whole(self) -> bool:
        """Whether there is Chinese for it, in every form."""
        return bool(self.chinese) and all(one.strip() for one in self.chinese)

    @property
    def keeps_placeholders(self) -> bool:
        """Whether each form has the same places to fill as the English."""
        wanted = placeholders(self.text.plural or self.text.id)
        return all(placeholders(one) == wanted for one in self.chinese)


def placeholders(text: str) -> list[str]:
    """The places to fill, sorted: `%(name)s`, `%s`, `{name}`."""
    return sorted(found[0] for found in PLACEHOLDER.finditer(text.replace("%%", "")))


def texts_of(folder: Path) -> dict[Text, Path]:
    """Every text that the Python files and templates below `folder` ask for, and one asker."""
    found: dict[Text, Path] = {}
    for file in sorted(folder.rglob("*.py")):
        found |= dict.fromkeys(_in_python(file), file)
    for file in sorted(folder.rglob("*.html")):
        found |= dict.fromkeys(_in_template(file), file)
    return found


def messages_of(folder: Path) -> set[str]:
    """Every msgid that the Python files and templates below `folder` ask for."""
    return {text.id for text in texts_of(folder)}


def translations_of(folder: Path) -> list[Translation]:
    """What the Simplified Chinese catalogues below `folder` say; a fuzzy entry says nothing."""
    return [
        Translation(_text(message), () if message.fuzzy else _forms(message.string), file)
        for file in sorted(folder.rglob("locale/zh_Hans/LC_MESSAGES/django.po"))
        for message in read_po(BytesIO(file.read_bytes()), locale="zh_Hans", abort_invalid=True)
        if message.id
    ]


def translated(folder: Path) -> set[str]:
    """Every msgid that the folder's own Simplified Chinese catalogues translate in full."""
    return {one.text.id for one in translations_of(folder) if one.is_whole}


def _text(message: Message) -> Text:
    first, *rest = _forms(message.id)
    return Text(first, message.context or "", rest[0] if rest else "")


def _forms(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list | tuple) else (str(value or ""),)


def _in_template(file: Path) -> Iterator[Text]:
    source = templatize(file.read_text("utf-8"), origin=str(file))
    for _line, message, _comments, context in extract(
        "python", BytesIO(source.encode()), keywords=KEYWORDS, options={"encoding": "utf-8"}
    ):
        first, *rest = _forms(message)
        yield Text(first, context or "", rest[0] if rest else "")


def _in_python(file: Path) -> Iterator[Text]:
    tree = ast.parse(file.read_text("utf-8"))
    functions = dict(_imported(tree))
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and (shape := SHAPES.get(_called(call, functions))):
            yield _written(call, shape, file)


def _imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """What Django's functions are called in this module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == MODULE:
            yield from ((one.asname or one.name, one.name) for one in node.names)


def _called(call: ast.Call, functions: Mapping[str, str]) -> str:
    name = ""
    if isinstance(call.func, ast.Name):
        name = functions.get(call.func.id, "")
    elif isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) == "translation":
        name = call.func.attr
    return name.removesuffix("_lazy")


def _written(call: ast.Call, shape: tuple[str, ...], file: Path) -> Text:
    """The text as the call writes it; what is put together as it runs cannot be translated."""
    parts: dict[str, str] = {}
    for name, argument in zip(shape, call.args, strict=False):
        if not name:
            continue
        if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
            raise TypeError(f"{file}:{call.lineno}: translate a text, not an expression")
        parts[name] = argument.value
    return Text(**parts)
