"""Answers in the two formats of GeoReport: XML, and JSON by the Spark convention. Pure but for
the HttpResponse at the end.

The JSON of an answer is the payload itself; its XML names each thing in a list after the list.
"""

import json
import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from xml.etree.ElementTree import Element, SubElement, tostring

from django.http import HttpResponse

Scalar = str | int | float | bool | None
Payload = Scalar | Sequence["Payload"] | Mapping[str, "Payload"]


class Format(StrEnum):
    """What an address may end in."""

    JSON = "json"
    XML = "xml"


MEDIA_TYPES: Mapping[Format, str] = MappingProxyType(
    {Format.JSON: "application/json", Format.XML: "text/xml"}
)
ITEMS: Mapping[str, str] = MappingProxyType(
    {
        "services": "service",
        "attributes": "attribute",
        "values": "value",
        "service_requests": "request",
        "endpoints": "endpoint",
        "formats": "format",
        "errors": "error",
    }
)
"""The element of each list's items, as the specification names them."""

# XML 1.0 has no way to write these, not even escaped; a reader would refuse the whole document.
_UNWRITABLE = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_json(payload: Payload) -> bytes:
    """UTF-8 JSON; raises ValueError for a number that JSON doesn't know."""
    return json.dumps(payload, ensure_ascii=False, allow_nan=False).encode()


def as_xml(root: str, payload: Payload) -> bytes:
    """A UTF-8 XML document with the root element `root`."""
    element = Element(root)
    _fill(element, payload)
    return (
        b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(element, encoding="unicode").encode()
    )


def _fill(element: Element, payload: Payload) -> None:
    if isinstance(payload, Mapping):
        for name, value in payload.items():
            _fill(SubElement(element, name), value)
    elif isinstance(payload, Sequence) and not isinstance(payload, str):
        for item in payload:
            _fill(SubElement(element, ITEMS[element.tag]), item)
    elif payload is not None:
        element.text = _text(payload)


def _text(value: str | float) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    # A reader would turn a carriage return into a line feed; so do we, for both formats to agree.
    text = str(value).replace("\r\n", "\n").replace("\r", "\n")
    return _UNWRITABLE.sub("\ufffd", text)


def respond(wanted: Format, root: str, payload: Payload, *, status: int = 200) -> HttpResponse:
    """The payload in the format asked for, with its media type."""
    body = as_json(payload) if wanted is Format.JSON else as_xml(root, payload)
    return HttpResponse(body, status=status, content_type=f"{MEDIA_TYPES[wanted]}; charset=utf-8")
