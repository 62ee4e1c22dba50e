"""Every read of cities and areas."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import shapely
from shapely.geometry import mapping

from citysteward.kernel.areas.models import Area, City
from citysteward.kernel.areas.rules import Locator, LonLat, Outlined, depth
from citysteward.kernel.areas.rules import lineage as lineage_in
from citysteward.kernel.areas.types import CityView, NoCity, OutlinedArea
from citysteward.kernel.calendar import queries as calendar

CACHED_VERSIONS = 8


def site_city() -> CityView:
    """The city that this installation serves: the first that was loaded. Raises NoCity."""
    found = City.objects.first()
    if found is None:
        raise NoCity("No city is loaded. Load a pack: citysteward load boston")
    return _view(found)


def city(code: str) -> CityView | None:
    """A loaded city, or None."""
    found = City.objects.filter(code=code).first()
    return _view(found) if found else None


def cities() -> list[CityView]:
    """All loaded cities, the first loaded first."""
    return [_view(found) for found in City.objects.all()]


def _view(found: City) -> CityView:
    return CityView(
        code=found.code,
        names=found.names,
        area=found.area_code,
        calendar=found.calendar,
        currency=found.currency,
        zone=calendar.calendar(found.calendar).zone,
    )


def area(code: str) -> Area:
    """The area with this code; raises Area.DoesNotExist."""
    return Area.objects.get(code=code)


def area_or_none(code: str) -> Area | None:
    """The area with this code, if there is one."""
    return Area.objects.filter(code=code).first()


def areas(city_code: str) -> list[Area]:
    """All areas of a city in the pack's order, without their outlines."""
    return list(Area.objects.filter(city_id=city_code).defer("outline"))


def subtree(code: str) -> set[str]:
    """The codes of an area and of all below it; empty for an unknown code."""
    found = Area.objects.filter(code=code).only("path").first()
    if found is None:
        return set()
    return set(Area.objects.filter(path__within=found.path).values_list("code", flat=True))


def lineage(code: str) -> list[str]:
    """The codes of an area and of all above it, nearest first."""
    rows = Area.objects.filter(city__areas__code=code).values_list("code", "parent__code")
    return lineage_in({child: parent or "" for child, parent in rows}, code)


def by_alias(city_code: str) -> dict[str, Area]:
    """Areas by the exact texts that other systems call them by."""
    return {alias: found for found in areas(city_code) for alias in found.aliases}


def locate(city_code: str, points: Sequence[LonLat]) -> list[str | None]:
    """The code of the area that holds each (longitude, latitude), in degrees WGS 84; None outside
    all outlines."""
    return _snapshot(city_code, _version(city_code)).locator.locate(points)


def outlined(city_code: str) -> tuple[OutlinedArea, ...]:
    """The areas that have an outline, as GeoJSON geometries."""
    return _snapshot(city_code, _version(city_code)).outlined


def outlines(city_code: str) -> dict[str, Any]:
    """The same as a GeoJSON FeatureCollection."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"code": one.code, "names": one.names.model_dump()},
                "geometry": one.geometry,
            }
            for one in outlined(city_code)
        ],
    }


class _Snapshot:
    """One version of a city's outlines, ready to be searched and drawn."""

    def __init__(self, city_code: str) -> None:
        found = Area.objects.filter(city_id=city_code, outline__isnull=False)
        shapes = [(one, shapely.from_wkb(bytes(one.outline or b""))) for one in found]
        self.locator = Locator(
            [Outlined(one.code, depth(one.path), geometry) for one, geometry in shapes]
        )
        self.outlined = tuple(
            OutlinedArea(one.code, one.names, mapping(geometry)) for one, geometry in shapes
        )


def _version(city_code: str) -> int:
    return City.objects.values_list("areas_version", flat=True).get(code=city_code)


@lru_cache(maxsize=CACHED_VERSIONS)
def _snapshot(city_code: str, version: int) -> _Snapshot:
    del version  # part of the key: a changed area makes a new snapshot
    return _Snapshot(city_code)
