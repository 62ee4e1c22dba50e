"""The context processor behind the page frame."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import get_language

from citysteward import __version__
from citysteward.ui.registry import PORTALS, NavEntry, Portal, identity, navigation, portal_of

MODE_COOKIE = "mode"
ELDER = "elder"


@dataclass(frozen=True)
class NavItem:
    """A navigation entry as drawn: `current` is an aria-current value or empty."""

    label: str | Promise
    url: str
    current: str


@dataclass(frozen=True)
class OtherLanguage:
    """The language that the switch leads to, named in itself."""

    code: str
    tag: str
    name: str


ENGLISH = OtherLanguage("en", "en", "English")
CHINESE = OtherLanguage("zh-hans", "zh-Hans", "简体中文")


def language_tag() -> str:
    """The BCP 47 tag of the language of this page (Django's own code is lower case)."""
    return "zh-Hans" if (get_language() or "").lower().startswith("zh") else "en"


def frame(request: HttpRequest) -> dict[str, object]:
    """What `ui/base.html` needs: language, mode, visitor, portal, navigation."""
    visitor = identity.visitor(request)
    portal = portal_of(request.path)
    tag = language_tag()
    return {
        "language_tag": tag,
        "other_language": ENGLISH if tag == "zh-Hans" else CHINESE,
        "elder": request.COOKIES.get(MODE_COOKIE) == ELDER,
        "visitor": visitor,
        "portal": portal,
        "portals": [other for other in PORTALS if other.code != "developer"],
        "navigation": _items(portal, navigation.of(portal.code, visitor.roles), request.path),
        "sign_in_url": _address(identity.sign_in),
        "sign_out_url": _address(identity.sign_out),
        "product_version": __version__,
    }


def _address(url_name: str) -> str:
    """The address of `url_name`, or empty: error pages must draw even before routes exist."""
    try:
        return reverse(url_name) if url_name else ""
    except NoReverseMatch:
        return ""


def _items(portal: Portal, entries: list[NavEntry], path: str) -> list[NavItem]:
    found = [(entry, _address(entry.url_name)) for entry in entries]
    around = [url for _, url in found if url and _covers(url, path, portal)]
    nearest = max(around, key=len, default=None)
    return [
        NavItem(entry.label, url, _current(url, path) if url == nearest else "")
        for entry, url in found
        if url
    ]


def _covers(url: str, path: str, portal: Portal) -> bool:
    """A portal's home covers only itself, any other entry all that lies below it."""
    return path == url or (url != portal.prefix and path.startswith(url.rstrip("/") + "/"))


def _current(url: str, path: str) -> str:
    return "page" if path == url else "true"
