"""Every write on cities and areas."""

from collections.abc import Sequence

import shapely
from django.db.models import F
from django.utils import timezone
from shapely.geometry import shape

from citysteward.kernel.areas import events
from citysteward.kernel.areas.models import Area, City
from citysteward.kernel.areas.rules import label
from citysteward.kernel.areas.types import AreaSpec
from citysteward.kernel.journal.actions import action, append, unchanged
from citysteward.kernel.journal.types import Actor
from citysteward.lib.words import Words


@action
def load_city(
    code: str, *, names: Words, area: str, calendar: str, currency: str, actor: Actor
) -> bool:
    """Create or update a city; whether anything changed."""
    values = {
        "words": names.model_dump(),
        "area_code": area,
        "calendar": calendar,
        "currency": currency,
    }
    city = City.objects.filter(code=code).first()
    if city is not None and all(getattr(city, key) == value for key, value in values.items()):
        return unchanged(False)
    City.objects.update_or_create(
        code=code, defaults=values, create_defaults={**values, "loaded_at": timezone.now()}
    )
    append(
        events.CITY_LOADED,
        actor=actor,
        subject=f"city:{code}",
        payload=events.CityLoaded(area=area, calendar=calendar, currency=currency),
    )
    return True


@action
def load_areas(city: str, specs: Sequence[AreaSpec], *, actor: Actor) -> tuple[int, int]:
    """Create and update areas, parents before children; returns (created, changed).

    An area that the pack no longer has stays, because cases point to it.
    """
    known = {area.code: area for area in Area.objects.filter(city_id=city)}
    created = changed = 0
    for position, spec in enumerate(specs):
        values = _values(spec, known.get(spec.parent), position)
        area = known.get(spec.code)
        if area is None:
            known[spec.code] = Area.objects.create(code=spec.code, city_id=city, **values)
            created += 1
        elif _differs(area, values):
            for key, value in values.items():
                setattr(area, key, value)
            area.save()
            changed += 1
    if not created and not changed:
        return unchanged((0, 0))
    _note(city, created, changed, actor)
    return created, changed


@action
def add_area(city: str, spec: AreaSpec, *, actor: Actor) -> None:
    """Add one area that a file of another system brings."""
    parent = Area.objects.get(code=spec.parent)
    Area.objects.create(code=spec.code, city_id=city, **_values(spec, parent, Area.objects.count()))
    _note(city, 1, 0, actor)


def _note(city: str, created: int, changed: int, actor: Actor) -> None:
    City.objects.filter(code=city).update(areas_version=F("areas_version") + 1)
    append(
        events.AREAS_LOADED,
        actor=actor,
        subject=f"city:{city}",
        payload=events.AreasLoaded(created=created, changed=changed),
    )


def _values(spec: AreaSpec, parent: Area | None, position: int) -> dict[str, object]:
    return {
        "level": spec.level,
        "words": spec.names.model_dump(),
        "aliases": list(spec.aliases),
        "parent": parent,
        "path": f"{parent.path}.{label(spec.code)}" if parent else label(spec.code),
        "outline": shapely.to_wkb(shape(spec.outline)) if spec.outline else None,
        "position": position,
    }


def _differs(area: Area, values: dict[str, object]) -> bool:
    def plain(value: object) -> object:
        return bytes(value) if isinstance(value, memoryview) else value

    return any(plain(getattr(area, key)) != value for key, value in values.items())
