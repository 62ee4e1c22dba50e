"""Every write of areas."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from citysteward.kernel.areas.events import (
    AREA_ADDED,
    AREA_CHANGED,
    CITY_LOADED,
    AreaFact,
    CityFact,
)
from citysteward.kernel.areas.models import Area, City
from citysteward.kernel.areas.types import AreaDefinition, AreaError
from citysteward.kernel.journal.actions import action, append, append_batch, unchanged
from citysteward.kernel.journal.types import Actor, Draft
from citysteward.lib.ids import uuid7
from citysteward.lib.trees import path_of, paths_of

__all__ = ["load_areas", "load_city"]


@action
def load_city(code: str, fact: CityFact, *, actor: Actor) -> bool:
    """Create or update a city as its manifest states it; whether anything changed."""
    city, _ = City.objects.get_or_create(code=code, defaults={"revision": uuid7()})
    values = {
        "name_en": fact.names.en,
        "name_zh": fact.names.zh,
        "root": fact.root,
        "calendar": fact.calendar,
        "currency": fact.currency,
    }
    if city.loaded_at is not None and all(
        getattr(city, name) == value for name, value in values.items()
    ):
        return unchanged(False)
    for name, value in values.items():
        setattr(city, name, value)
    city.loaded_at = city.loaded_at or timezone.now()
    city.save()
    append(CITY_LOADED, actor=actor, subject=f"city:{code}", payload=fact)
    return True


@action
def load_areas(
    city: str, wanted: Sequence[AreaDefinition], *, actor: Actor
) -> tuple[int, int, int]:
    """Add and change areas of a city as declared, in any order; no area is ever removed.

    Also the way to change a single one. Cases refer to areas, hence none goes. Returns how many
    were (created, changed, unchanged). Raises AreaError, and NoTree for parents that can't be.
    """
    City.objects.get_or_create(code=city, defaults={"revision": uuid7()})
    held = City.objects.select_for_update().get(code=city)
    known = {area.code: area for area in Area.objects.filter(city=held)}
    parents = {one.code: one.parent for one in wanted}
    if len(parents) != len(wanted):
        raise AreaError("a code stands twice among the areas")
    paths = paths_of(parents, {code: area.path for code, area in known.items()})
    _require_own(city, wanted)
    created: list[Area] = []
    changed: list[Area] = []
    for one in sorted(wanted, key=lambda one: paths[one.code].count(".")):
        area = known.get(one.code) or Area(code=one.code, city=held)
        parent = known[one.parent] if one.parent else None
        is_new, differs = area.pk is None, _apply(area, one, parent, paths[one.code])
        if is_new or differs:
            area.save()
            (created if is_new else changed).append(area)
        known[one.code] = area
    moved = _move_below(known, paths)
    if not created and not changed:
        return unchanged((0, 0, len(wanted)))
    held.revision = uuid7()
    held.save(update_fields=["revision"])
    append_batch(
        [
            *(Draft(AREA_ADDED, area.subject, _fact(area)) for area in created),
            *(Draft(AREA_CHANGED, area.subject, _fact(area)) for area in [*changed, *moved]),
        ],
        actor=actor,
    )
    return len(created), len(changed), len(wanted) - len(created) - len(changed)


def _require_own(city: str, wanted: Sequence[AreaDefinition]) -> None:
    """AreaError if another city already has one of the codes."""
    taken = (
        Area.objects.filter(code__in=[one.code for one in wanted])
        .exclude(city=city)
        .values_list("code", "city")
        .first()
    )
    if taken is not None:
        raise AreaError(f"the code {taken[0]} is one of {taken[1]}'s: put the city before it")


def _apply(area: Area, one: AreaDefinition, parent: Area | None, path: str) -> bool:
    """Give the area its declared values; whether any differs from before."""
    values: dict[str, Any] = {
        "level": one.level.value,
        "name_en": one.names.en,
        "name_zh": one.names.zh,
        "aliases": list(one.aliases),
        "parent_id": parent.pk if parent else None,
        "path": path,
        "outline": one.outline,
    }
    before = {name: getattr(area, name) for name in values}
    before["outline"] = bytes(before["outline"])
    for name, value in values.items():
        setattr(area, name, value)
    return before != values


def _move_below(known: Mapping[str, Area], paths: Mapping[str, str]) -> list[Area]:
    """Let areas that weren't declared follow a parent that moved; returns them."""
    by_pk = {area.pk: area for area in known.values()}
    moved = []
    for area in sorted(known.values(), key=lambda area: area.path.count(".")):
        if area.code in paths or area.parent_id is None:
            continue
        path = path_of(area.code, by_pk[area.parent_id].path)
        if path != area.path:
            area.path = path
            area.save(update_fields=["path"])
            moved.append(area)
    return moved


def _fact(area: Area) -> AreaFact:
    outline = bytes(area.outline)
    return AreaFact(
        city=area.city_id,
        code=area.code,
        level=area.level,
        names=area.names,
        parent=area.parent.code if area.parent else "",
        aliases=tuple(area.aliases),
        outline_sha256=hashlib.sha256(outline).hexdigest() if outline else "",
    )
