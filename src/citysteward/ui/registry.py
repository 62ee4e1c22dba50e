"""Declarations made at start-up: portals, their navigation, and who knows the visitor.

An app declares its entries in its `AppConfig.ready`:

    navigation.add(NavEntry("staff", _("Work list"), "grid:work-list", 10, {Role.HANDLER}))
"""

from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Literal

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy as _

from citysteward.ui.types import Visitor

PortalCode = Literal["citizen", "staff", "governance", "developer"]


@dataclass(frozen=True)
class Portal:
    """One of the doors into the product: everything under one path prefix."""

    code: PortalCode
    label: str | Promise
    prefix: str


@dataclass(frozen=True)
class NavEntry:
    """A line in a portal's navigation, in `order`; shown to holders of any of `roles`.

    Empty `roles` means everybody. Role codes are plain strings (a StrEnum's members do).
    """

    portal: PortalCode
    label: str | Promise
    url_name: str
    order: int
    roles: AbstractSet[str] = field(default_factory=frozenset)


# Longest prefix first is how a path finds its portal; the citizen portal takes the rest.
PORTALS: tuple[Portal, ...] = (
    Portal("citizen", _("portal", "Citizens"), "/"),
    Portal("staff", _("portal", "Staff"), "/staff/"),
    Portal("governance", _("portal", "Governance"), "/governance/"),
    Portal("developer", _("portal", "Developers"), "/ui/"),
)


def portal_of(path: str) -> Portal:
    """The portal that serves `path`."""
    inside = [portal for portal in PORTALS if f"{path}/".startswith(portal.prefix)]
    return max(inside, key=lambda portal: len(portal.prefix))


class Navigation:
    """The entries of every portal, in order."""

    def __init__(self) -> None:
        self._entries: dict[tuple[str, str], NavEntry] = {}

    def add(self, entry: NavEntry) -> None:
        """Declare `entry`; the same URL name twice in one portal is a mistake (ValueError)."""
        key = (entry.portal, entry.url_name)
        if key in self._entries and self._entries[key] != entry:
            raise ValueError(f"{entry.portal} already has an entry for {entry.url_name!r}")
        self._entries[key] = entry

    def of(self, portal: PortalCode, roles: Iterable[str] = ()) -> list[NavEntry]:
        """The entries of `portal` that a holder of `roles` sees, in order."""
        held = set(roles)
        seen = [
            entry
            for entry in self._entries.values()
            if entry.portal == portal and (not entry.roles or held & entry.roles)
        ]
        return sorted(seen, key=lambda entry: (entry.order, entry.url_name))


class Identity:
    """How the frame learns who looks: the parties context provides it at start-up."""

    def __init__(self) -> None:
        self._visitor: Callable[[HttpRequest], Visitor] = lambda _request: Visitor()
        self.sign_in = ""
        self.sign_out = ""

    def provide(
        self, visitor: Callable[[HttpRequest], Visitor], *, sign_in: str, sign_out: str
    ) -> None:
        """Name the function that knows the visitor, and the URL names to sign in and out.

        Signing out is a POST to its address.
        """
        self._visitor = visitor
        self.sign_in = sign_in
        self.sign_out = sign_out

    def visitor(self, request: HttpRequest) -> Visitor:
        """Who looks at `request`'s page."""
        return self._visitor(request)


navigation = Navigation()
identity = Identity()
