"""What is wrong with a pack, by file and line, with a remedy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic_core import ErrorDetails

from citysteward.lib.errors import PlainError
from citysteward.lib.words import ENGLISH, Words


@dataclass(frozen=True, order=True)
class PackFinding:
    """One thing wrong with a pack. `line` counts from 1; 0 means the file as a whole."""

    file: str
    line: int
    message: Words
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message.in_language(ENGLISH)}"


class PackError(PlainError):
    """A pack, or a part of it, cannot be used; `findings` say why."""

    def __init__(self, findings: Sequence[PackFinding]) -> None:
        self.findings = tuple(findings)
        more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
        super().__init__(f"{findings[0]}{more}")


def remedy(details: ErrorDetails) -> Words:
    """A pydantic error in words that say what to do about it."""
    field = _path(details["loc"])
    context: Mapping[str, Any] = details.get("ctx", {})
    known = _REMEDIES.get(details["type"])
    if known is None:
        problem = str(context.get("error", details["msg"]))
        return Words(en=f"{field}: {problem}.", zh=f"{field}：{problem}。")
    given = _shown(details["input"])
    values = {"field": field, "given": given, "expected": context.get("expected", ""), **context}
    return Words(en=known.en.format_map(values), zh=known.zh.format_map(values))


_REMEDIES: dict[str, Words] = {
    "row_length": Words(
        en="This row has {cells} cells, the header has {columns}.",
        zh="本行有 {cells} 列，表头为 {columns} 列。",
    ),
    "missing": Words(
        en="{field} is missing: add it.",
        zh="缺少 {field}，请补充。",
    ),
    "extra_forbidden": Words(
        en="{field} is not known here: check its spelling or remove it.",
        zh="此处不允许 {field}，请检查拼写或删除。",
    ),
    "string_type": Words(
        en="{field} must be text, not {given}: put a number in quotes.",
        zh="{field} 应为文本，而非 {given}；数字请加引号。",
    ),
    "int_parsing": Words(
        en="{field} must be a whole number, not {given}.",
        zh="{field} 应为整数，而非 {given}。",
    ),
    "int_type": Words(
        en="{field} must be a whole number, not {given}.",
        zh="{field} 应为整数，而非 {given}。",
    ),
    "decimal_parsing": Words(
        en="{field} must be a number, not {given}.",
        zh="{field} 应为数字，而非 {given}。",
    ),
    "decimal_type": Words(
        en="{field} must be a number, not {given}.",
        zh="{field} 应为数字，而非 {given}。",
    ),
    "bool_parsing": Words(
        en="{field} must be true or false, not {given}.",
        zh="{field} 应为 true 或 false，而非 {given}。",
    ),
    "literal_error": Words(
        en="{field} must be {expected}, not {given}.",
        zh="{field} 应为 {expected}，而非 {given}。",
    ),
    "enum": Words(
        en="{field} must be {expected}, not {given}.",
        zh="{field} 应为 {expected}，而非 {given}。",
    ),
    "list_type": Words(
        en="{field} must be a list: begin each entry with a dash.",
        zh="{field} 应为列表，每项以短横线开头。",
    ),
    "dict_type": Words(
        en="{field} must be a mapping of names to values.",
        zh="{field} 应为“名称: 值”的映射。",
    ),
    "model_type": Words(
        en="{field} must be a mapping of names to values.",
        zh="{field} 应为“名称: 值”的映射。",
    ),
    "date_from_datetime_parsing": Words(
        en="{field} must be a date like 2015-06-30, not {given}.",
        zh="{field} 应为 2015-06-30 形式的日期，而非 {given}。",
    ),
}


def _path(loc: Sequence[int | str]) -> str:
    """`term.starts`, `entries[3].code`; lists count from 1, as people do."""
    text = ""
    for part in loc:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            text += f".{part}" if text else part
    return text or "the file"


def _shown(value: object) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
