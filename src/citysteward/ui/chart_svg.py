"""Drawings made fit for our pages: no inline style or script, colours by token, one voice.

A strict Content-Security-Policy drops `style` attributes, and a colour written into a drawing
cannot follow light and dark. So charts are drawn with stand-in colours; here each becomes a
class (`f-c1` fills, `s-c1` strokes) that the stylesheet resolves.
"""

import itertools

from django.utils.safestring import SafeString, mark_safe
from lxml import etree

SVG = "http://www.w3.org/2000/svg"

# Stand-in colours that no drawing uses by itself, by token name.
COLOURS = {
    name: f"#0c0d{place:02x}"
    for place, name in enumerate(
        (
            *("c1", "c2", "c3", "c4", "c5", "c6"),
            *("good", "warn", "late", "quiet"),
            *("ink", "ink-2", "line", "line-2", "paper"),
        ),
        start=16,
    )
}
_TOKENS = {colour: name for name, colour in COLOURS.items()}

ALLOWED_ELEMENTS = frozenset(
    {"svg", "g", "path", "rect", "line", "circle", "text", "tspan", "defs", "clipPath", "title"}
)
ALLOWED_ATTRIBUTES = frozenset(
    {
        *("width", "height", "viewBox", "x", "y", "x1", "x2", "y1", "y2", "dx", "dy"),
        *("cx", "cy", "r", "rx", "ry", "d", "transform", "clip-path", "id", "class"),
        *("fill", "fill-opacity", "stroke", "stroke-opacity", "opacity"),
        *("stroke-width", "stroke-dasharray", "stroke-dashoffset", "stroke-linecap"),
        *("stroke-linejoin", "stroke-miterlimit"),
        *("text-anchor", "dominant-baseline", "font-size", "font-weight"),
    }
)
_serial = itertools.count(1)


def as_page_svg(drawing: str, label: str) -> SafeString:
    """`drawing` (SVG text) made safe to place in a page, as one image named `label`.

    Elements and attributes that are not on the lists are dropped, so no style, script, event
    handler or reference off the page survives. Raises ValueError if it is not SVG.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
    try:
        root = etree.fromstring(drawing.encode(), parser)
    except etree.XMLSyntaxError as wrong:
        raise ValueError(f"not a drawing: {wrong}") from wrong
    if root.tag != f"{{{SVG}}}svg":
        raise ValueError(f"not a drawing: root element {root.tag}")
    prefix = f"c{next(_serial)}-"
    for element in list(root.iter()):
        _clean(element, prefix)
    root.set("role", "img")
    root.set("aria-label", label)
    root.set("class", "drawing")
    root.attrib.pop("height", "")
    root.attrib.pop("width", "")
    etree.cleanup_namespaces(root)
    # Safe: what could do harm was dropped above.
    return mark_safe(etree.tostring(root, encoding="unicode"))  # noqa: S308


def _clean(element: etree._Element, prefix: str) -> None:
    name = etree.QName(element).localname if isinstance(element.tag, str) else ""
    if name not in ALLOWED_ELEMENTS:
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)
        return
    classes = [
        cls
        for part, role in (("fill", "f"), ("stroke", "s"))
        if (cls := _token(element, part, role))
    ]
    element.attrib.pop("class", "")
    for key in list(element.attrib):
        if key not in ALLOWED_ATTRIBUTES:
            del element.attrib[key]
    if classes:
        element.set("class", " ".join(classes))
    _localise(element, prefix)


def _token(element: etree._Element, part: str, role: str) -> str:
    """The class that stands for a stand-in colour, whose attribute is taken away."""
    name = _TOKENS.get((element.get(part) or "").lower())
    if name is None:
        return ""
    del element.attrib[part]
    return f"{role}-{name}"


def _localise(element: etree._Element, prefix: str) -> None:
    """Ids made unique on the page: every drawing calls its clip paths clip1, clip2, …"""
    if "id" in element.attrib:
        element.set("id", prefix + str(element.get("id")))
    clip = element.get("clip-path")
    if clip is not None:
        inner = clip.removeprefix("url(#").removesuffix(")")
        element.set("clip-path", f"url(#{prefix}{inner})")
