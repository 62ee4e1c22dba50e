"""The API's OpenAPI document, put right where the framework cannot know better."""

from typing import Any

from citysteward.grid.open311.render import MEDIA_TYPES, Format

JSON = MEDIA_TYPES[Format.JSON]
FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


def correct(document: dict[str, Any]) -> None:
    """Put XML beside JSON, name both ways to send a form, and take `null` out of arguments."""
    for path in document["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", ()):
                parameter["schema"] = without_null(parameter["schema"])
            for response in operation["responses"].values():
                _add_xml(response)
            if "requestBody" in operation:
                operation["requestBody"] = _both_forms(operation["requestBody"])


def without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """An argument is left out or empty, but never null."""
    choices = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    rest = {name: value for name, value in schema.items() if name not in {"anyOf", "default"}}
    if len(choices) == 1:
        return {**choices[0], **rest}
    return {**rest, "anyOf": choices} if choices else rest


def _add_xml(response: dict[str, Any]) -> None:
    content = response.get("content", {})
    if JSON in content:
        content[MEDIA_TYPES[Format.XML]] = {"schema": {"type": "string"}}


def _both_forms(body: dict[str, Any]) -> dict[str, Any]:
    """Multipart with photos, or the specification's own form without."""
    (sent,) = body["content"].values()
    schema = dict(sent["schema"])
    fields = {name: without_null(field) for name, field in schema["properties"].items()}
    required = ["api_key", "service_code"]
    multipart = {**schema, "properties": fields, "required": required}
    plain = {name: field for name, field in fields.items() if name != "media"}
    form = {**schema, "properties": plain, "required": required}
    return {
        "required": True,
        "content": {FORM: {"schema": form}, MULTIPART: {"schema": multipart}},
    }
