"""YAML as packs may use it, with the line of every value.

The values of YAML 1.2's core: `no` and `on` are texts, `010` is a text, so is a date; numbers
with a point are Decimals. No tags, no anchors: a few aliases could stand for gigabytes.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import yaml

from citysteward.lib.packs.findings import PackError, PackFinding
from citysteward.lib.words import Words

DEEPEST = 40
"""How deep values may nest."""

Location = tuple[int | str, ...]

_TAG = "tag:yaml.org,2002:"
_BASE: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _CoreLoader(_BASE):  # type: ignore[misc]  # which of the two is known only at run time
    """PyYAML with the scalars of YAML 1.2's core instead of those of YAML 1.1."""

    yaml_implicit_resolvers: dict[str, Any] = {}


for _name, _pattern, _first in (
    ("null", r"~|null|", ["~", "n", ""]),
    ("bool", r"true|false", ["t", "f"]),
    ("int", r"-?(?:0|[1-9][0-9]*)", list("-0123456789")),
    ("float", r"-?(?:0|[1-9][0-9]*)\.[0-9]+(?:[eE][-+]?[0-9]+)?", list("-0123456789")),
):
    _CoreLoader.add_implicit_resolver(f"{_TAG}{_name}", re.compile(f"^(?:{_pattern})$"), _first)

_SCALARS: Mapping[str, Callable[[str], Any]] = {
    f"{_TAG}null": lambda _: None,
    f"{_TAG}bool": lambda text: text == "true",
    f"{_TAG}int": int,
    f"{_TAG}float": Decimal,
    f"{_TAG}str": str,
}


@dataclass(frozen=True)
class Document:
    """A YAML file's value, and the line of each value in it."""

    value: Any
    lines: Mapping[Location, int] = field(repr=False)

    def line(self, location: Sequence[int | str]) -> int:
        """The line of the value at `location`, or of the nearest value that holds it."""
        here: Location = ()
        for part in location:
            # A step that is no place in the file names a rule or an alternative of the schema.
            if (*here, part) in self.lines:
                here = (*here, part)
        return self.lines[here]


def parse(text: str, file: str) -> Document:
    """Read one YAML document; raises PackError, with the line, on what packs may not use."""
    try:
        _refuse_bombs(text, file)
        node = yaml.compose(text, Loader=_CoreLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or error.context or "not understood"
        raise _refusal(
            file, mark, en=f"This is not YAML: {problem}.", zh=f"YAML 格式有误：{problem}。"
        ) from error
    except yaml.YAMLError as error:
        raise _refusal(
            file, None, en=f"This is not YAML: {error}.", zh=f"YAML 格式有误：{error}。"
        ) from error
    lines: dict[Location, int] = {(): 1}
    if node is None:
        return Document(None, lines)
    return Document(_value(node, (), lines, file), lines)


def _refuse_bombs(text: str, file: str) -> None:
    """Walk the events, which cost nothing however the document is nested or knotted."""
    depth = 0
    for event in yaml.parse(text, Loader=_CoreLoader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _refusal(
                file,
                event.start_mark,
                en="Anchors and aliases (& and *) are not allowed: write the value out.",
                zh="不允许使用锚点和别名（& 与 *），请写出完整的值。",
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            raise _refusal(
                file,
                event.start_mark,
                en=f"Values may nest {DEEPEST} deep at most.",
                zh=f"嵌套层级不得超过 {DEEPEST} 层。",
            )


def _value(node: yaml.Node, here: Location, lines: dict[Location, int], file: str) -> Any:
    lines[here] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode) and node.tag == f"{_TAG}map":
        return _mapping(node, here, lines, file)
    if isinstance(node, yaml.SequenceNode) and node.tag == f"{_TAG}seq":
        return [_value(item, (*here, i), lines, file) for i, item in enumerate(node.value)]
    if isinstance(node, yaml.ScalarNode) and node.tag in _SCALARS:
        return _SCALARS[node.tag](node.value)
    raise _refusal(
        file,
        node.start_mark,
        en=f"The tag {node.tag} is not allowed: write a plain value.",
        zh=f"不允许使用标签 {node.tag}，请写普通的值。",
    )


def _mapping(
    node: yaml.MappingNode, here: Location, lines: dict[Location, int], file: str
) -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _refusal(
                file,
                key.start_mark,
                en="A name must be a plain text.",
                zh="名称应为普通文本。",
            )
        if key.value in mapping:
            raise _refusal(
                file,
                key.start_mark,
                en=f"{key.value} stands twice: keep one.",
                zh=f"{key.value} 重复，请保留一个。",
            )
        mapping[key.value] = _value(value, (*here, key.value), lines, file)
        # The name's line, not that of a value which begins below it.
        lines[*here, key.value] = key.start_mark.line + 1
    return mapping


def _refusal(file: str, mark: Any, *, en: str, zh: str) -> PackError:
    line = mark.line + 1 if mark else 1
    return PackError([PackFinding(file, line, Words(en=en, zh=zh))])
