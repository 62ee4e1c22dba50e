"""Every address of the site, as its URL conf has it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from citysteward.kernel.parties.access import Access

SAMPLES: Mapping[str, object] = {
    "IntConverter": 1,
    "SlugConverter": "a-slug",
    "StringConverter": "a-word",
    "UUIDConverter": UUID(int=1),
}
"""By kind of parameter, a value that matches and names nothing."""


@dataclass(frozen=True)
class Route:
    """An address with its view; `parameters` are the names and kinds of its parts that vary."""

    pattern: str
    name: str
    view: Callable[..., Any]
    parameters: Mapping[str, str]

    @property
    def access(self) -> object:
        """What the view says about who may open it; None if it does not say."""
        found: object = getattr(self.view, "_access", None)
        return found

    @property
    def is_public(self) -> bool:
        """Whether anybody may open it. Rooms below the parties say so in a word."""
        return self.access == "public" or (isinstance(self.access, Access) and self.access.public)

    def path(self, **known: object) -> str:
        """Its address, with `known` or else sample values for what varies."""
        values = {
            name: known.get(name, SAMPLES.get(kind, "a-word"))
            for name, kind in self.parameters.items()
        }
        return reverse(self.name, kwargs=values)

    def __str__(self) -> str:
        return self.name or self.pattern


def routes() -> list[Route]:
    """Every address, in the order in which they are tried."""
    return list(_walk(get_resolver(), "", ()))


def _walk(resolver: URLResolver, prefix: str, spaces: tuple[str, ...]) -> Iterator[Route]:
    for entry in resolver.url_patterns:
        whole = f"{prefix}{entry.pattern}"
        if isinstance(entry, URLResolver):
            inner = (*spaces, entry.namespace) if entry.namespace else spaces
            yield from _walk(entry, whole, inner)
        else:
            yield _route(entry, whole, spaces)


def _route(entry: URLPattern, whole: str, spaces: tuple[str, ...]) -> Route:
    kinds = {name: type(kind).__name__ for name, kind in entry.pattern.converters.items()}
    groups = getattr(entry.pattern, "regex", None)
    names = groups.groupindex if groups is not None else {}
    parameters = {name: kinds.get(name, "StringConverter") for name in names}
    name = ":".join((*spaces, entry.name or ""))
    return Route(whole, name, entry.callback, parameters)
