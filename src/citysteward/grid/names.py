"""The names of Boston's file as the pack's codes; unknown ones are added as they come."""

import re
from collections.abc import Callable, Collection, Sequence
from itertools import count
from typing import TypeVar

from citysteward.grid.boston_311 import Row
from citysteward.kernel.areas import actions as area_actions
from citysteward.kernel.areas import queries as areas
from citysteward.kernel.areas.types import AreaDefinition, Level
from citysteward.kernel.cases import actions as case_actions
from citysteward.kernel.cases import queries as cases
from citysteward.kernel.cases.types import Ref
from citysteward.kernel.journal.types import Actor
from citysteward.kernel.parties import actions as party_actions
from citysteward.kernel.parties import queries as parties
from citysteward.kernel.parties.types import Kind, OrganisationDefinition
from citysteward.lib.words import Words

UNSTATED = "unstated"
"""What a row without a request type is filed under."""

T = TypeVar("T")


def slug(text: str) -> str:
    """A code from a name: lower case, apostrophes dropped, other signs as single hyphens."""
    cleaned = re.sub(r"[^a-z0-9]+", "-", text.lower().replace("'", "")).strip("-")
    return cleaned[:80].strip("-") or UNSTATED


def _free(code: str, taken: Collection[str]) -> str:
    """The code, or if another name has it already (a queue like its department), numbered."""
    code = code[:80]
    numbered = (f"{code[:76]}-{number}" for number in count(2))
    return code if code not in taken else next(one for one in numbered if one not in taken)


class Names:
    """The city's names; `added` lists by kind what the file brought."""

    def __init__(self, city: str, *, actor: Actor) -> None:
        self._city = city
        self._actor = actor
        self.added: dict[str, list[str]] = {}
        self._read()

    def _read(self) -> None:
        found = areas.areas(self._city)
        self._areas = {alias: Ref(one.pk, one.code) for one in found for alias in one.aliases}
        self._area_codes = {one.code: Ref(one.pk, one.code) for one in found}
        self._taken_areas = set(self._area_codes)
        organisations = parties.organisations(self._city)
        self._organisations = {
            alias: Ref(one.pk, one.code)
            for one in organisations
            if one.kind != Kind.UNIT
            for alias in one.aliases
        }
        self._units = {
            alias: Ref(one.pk, one.code)
            for one in organisations
            if one.kind == Kind.UNIT
            for alias in one.aliases
        }
        self._codes = {one.code for one in organisations}
        self._categories = cases.category_refs(self._city)

    def learn(self, rows: Sequence[Row]) -> None:
        """Add every name of the rows that is not known yet."""
        self._learn("neighborhood", {row.neighborhood for row in rows}, self._areas, self._add_area)
        self._learn(
            "subject", {row.subject for row in rows}, self._organisations, self._add_department
        )
        queues = {row.queue: row.subject for row in rows}
        self._learn(
            "queue", set(queues), self._units, lambda queue: self._add_unit(queue, queues[queue])
        )
        self._learn(
            "type",
            {(row.reason, row.type) for row in rows if row.type} | self._unstated(rows),
            self._categories,
            self._add_category,
        )

    def _unstated(self, rows: Sequence[Row]) -> set[tuple[str, str]]:
        return {("", "")} if any(not row.type for row in rows) else set()

    def _learn(
        self, kind: str, names: set[T], known: dict[T, Ref], add: Callable[[T], None]
    ) -> None:
        unknown = sorted(name for name in names if name and name not in known)  # type: ignore[type-var]
        for name in unknown:
            add(name)
        if unknown:
            self.added[kind] = [str(name) for name in unknown]
            self._read()

    def _add_area(self, name: str) -> None:
        city = areas.city(self._city)
        root = city.root if city else self._city
        new = AreaDefinition(
            code=_free(f"{root}-{slug(name)}", self._taken_areas),
            level=Level.DISTRICT,
            names=Words(en=name),
            parent=root,
            aliases=(name,),
        )
        area_actions.load_areas(self._city, [new], actor=self._actor)
        self._taken_areas.add(new.code)

    def _add_department(self, name: str) -> None:
        self._add_organisation(name, Kind.DEPARTMENT, parent="")

    def _add_unit(self, queue: str, subject: str) -> None:
        parent = self._organisations.get(subject)
        self._add_organisation(queue, Kind.UNIT, parent=parent.code if parent else "")

    def _add_organisation(self, name: str, kind: Kind, *, parent: str) -> None:
        new = OrganisationDefinition(
            code=_free(slug(name), self._codes),
            kind=kind,
            names=Words(en=name),
            parent=parent,
            aliases=(name,),
        )
        party_actions.load_organisations(self._city, [new], actor=self._actor)
        self._codes.add(new.code)

    def _add_category(self, name: tuple[str, str]) -> None:
        reason, kind = name
        case_actions.add_category(
            self._city,
            code=slug(kind) if kind else UNSTATED,
            group=slug(reason),
            names=(Words(en=reason or "Not stated"), Words(en=kind or "Not stated")),
            aliases=name,
            actor=self._actor,
        )

    # -- looking up

    def area(self, name: str) -> Ref | None:
        return self._areas.get(name)

    def area_by_code(self, code: str | None) -> Ref | None:
        return self._area_codes.get(code) if code else None

    def organisation(self, subject: str) -> Ref | None:
        return self._organisations.get(subject)

    def unit(self, subject: str, queue: str) -> Ref | None:
        del subject  # a queue belongs to one department, whatever a row's subject says
        return self._units.get(queue)

    def category(self, reason: str, kind: str) -> Ref:
        return self._categories[(reason, kind) if kind else ("", "")]
