"""The event catalogue as a page: `docs/events.md` is what `render` gives."""

from collections.abc import Sequence
from typing import Any, Literal

from pydantic.json_schema import models_json_schema

from citysteward.kernel.journal.registry import verbs
from citysteward.kernel.journal.types import Verb

_MODE: Literal["serialization"] = "serialization"
_INTRODUCTION = """\
# Events

Every verb that the journal can hold, generated from the contexts' registries. A changed payload \
is a new version; old entries keep the version that they were written with.
"""


def render(catalogue: Sequence[Verb[Any]] | None = None) -> str:
    """The catalogue (default: every declared verb) in Markdown, in both languages."""
    listed = verbs() if catalogue is None else catalogue
    payloads = dict.fromkeys(verb.payload for verb in listed)
    # All in one schema, so that two models of the same name in two contexts stay apart.
    references, schema = models_json_schema([(model, _MODE) for model in payloads])
    parts: dict[str, dict[str, Any]] = schema.get("$defs", {})
    sections = []
    for verb in listed:
        fields = parts[_kind(references[verb.payload, _MODE])]
        title = f"## {verb.name} (version {verb.version})"
        sections.append(f"{title}\n\n{verb.words.en} · {verb.words.zh}\n\n{_fields(fields)}")
    for reference in references.values():
        parts.pop(_kind(reference), None)
    if parts:
        sections.append("## Parts of payloads\n")
        sections += [f"### {name}\n\n{_fields(parts[name])}" for name in sorted(parts)]
    return "\n".join([_INTRODUCTION, *sections])


def _fields(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return f"One of {', '.join(f'`{value}`' for value in schema['enum'])}.\n"
    properties: dict[str, Any] = schema.get("properties", {})
    if not properties:
        return "No fields.\n"
    rows = [f"| {name} | {_kind(field)} |" for name, field in properties.items()]
    return "\n".join(["| field | type |", "|---|---|", *rows]) + "\n"


def _kind(field: dict[str, Any]) -> str:
    """A JSON Schema type in words, such as "list of string", "date-time or null"."""
    match field:
        case {"anyOf": options}:
            kind = " or ".join(dict.fromkeys(map(_kind, options)))
        case {"$ref": reference}:
            kind = reference.rsplit("/", 1)[-1]
        case {"const": value}:
            kind = f"`{value}`"
        case {"enum": values}:
            kind = " or ".join(f"`{value}`" for value in values)
        case {"type": "array"}:
            kind = f"list of {_kind(field.get('items', {}))}"
        case {"type": "object", "additionalProperties": dict(values)}:
            kind = f"map to {_kind(values)}"
        case _:
            kind = str(field.get("format") or field.get("type") or "any")
    return kind
