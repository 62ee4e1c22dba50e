"""What other pages ask of the grid: the kinds of problems that citizens may report."""

from collections.abc import Sequence
from dataclasses import dataclass

from citysteward.grid.search import Searchable, ranked
from citysteward.kernel.cases import queries as cases
from citysteward.lib.words import Words

PROCEDURE = "service-request"
"""The procedure that a report starts; a city's pack names its own version of it so."""


@dataclass(frozen=True)
class Kind:
    """A kind of problem as citizens are offered it."""

    code: str
    names: Words
    hint: Words
    group: str
    group_names: Words


@dataclass(frozen=True)
class Group:
    """Kinds that belong together; `names` is None for those that stand alone."""

    code: str
    names: Words | None
    kinds: Sequence[Kind]


def kinds(city: str) -> list[Kind]:
    """The public kinds of problems of a city, in the pack's order."""
    return [
        Kind(
            one.code,
            Words.of(one.words),
            Words.of(one.hint),
            one.group_code,
            Words.of(one.group_words),
        )
        for one in cases.categories(city, public_only=True)
    ]


def kind(city: str, code: str) -> Kind | None:
    """One public kind of problem; None if the city offers none of this code."""
    return next((one for one in kinds(city) if one.code == code), None)


def grouped(offered: Sequence[Kind]) -> list[Group]:
    """Kinds by group; a group of one needs no heading, so those stand together at the end."""
    by_group: dict[str, list[Kind]] = {}
    for one in offered:
        by_group.setdefault(one.group, []).append(one)
    groups = [
        Group(code, members[0].group_names, members)
        for code, members in by_group.items()
        if len(members) > 1
    ]
    alone = [members[0] for members in by_group.values() if len(members) == 1]
    return [*groups, Group("", None, alone)] if alone else groups


def search(city: str, text: str) -> list[Kind]:
    """The public kinds that match a few words of either language, the best first."""
    offered = {one.code: one for one in kinds(city)}
    searchable = [
        Searchable(
            code=one.code,
            names=_texts(one.words),
            keywords=tuple(word for words in one.keywords.values() for word in words),
            around=_texts(one.group_words) + _texts(one.hint),
        )
        for one in cases.categories(city, public_only=True)
    ]
    return [offered[code] for code in ranked(text, searchable)]


def _texts(words: dict[str, str]) -> tuple[str, ...]:
    return tuple(text for text in words.values() if text)
