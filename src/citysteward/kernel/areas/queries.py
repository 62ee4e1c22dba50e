"""Every read of areas that other rooms need.

What is asked of the tree is answered from memory; one small SELECT tells, in every process,
whether the tree in memory still holds.
"""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

import shapely

from citysteward.kernel.areas.models import Area, City
from citysteward.kernel.areas.rules import AreaTree, LonLat, Node
from citysteward.kernel.areas.types import CityView, Level, NoCity, OutlinedArea, UnknownArea
from citysteward.kernel.calendar import queries as calendar
from citysteward.lib.words import Words

__all__ = [
    "area",
    "area_or_none",
    "areas",
    "city",
    "lineage",
    "locate",
    "named",
    "outlined",
    "outlines",
    "site_city",
    "subtree",
    "tree",
]


def site_city() -> CityView:
    """The city that this installation serves: the first that was loaded. Raises NoCity."""
    found = City.objects.filter(loaded_at__isnull=False).order_by("loaded_at").first()
    if found is None:
        raise NoCity("No city is loaded. Load a pack first: citysteward load boston")
    return _view(found)


def city(code: str) -> CityView | None:
    """A loaded city, or None."""
    found = City.objects.filter(code=code, loaded_at__isnull=False).first()
    return _view(found) if found else None


def _view(found: City) -> CityView:
    return CityView(
        code=found.code,
        names=Words(en=found.name_en, zh=found.name_zh),
        root=found.root,
        calendar=found.calendar,
        currency=found.currency,
        zone=calendar.calendar(found.calendar).zone,
    )


def area(code: str) -> Area:
    """The area of this code. Raises UnknownArea."""
    found = area_or_none(code)
    if found is None:
        raise UnknownArea(f"no area {code!r} is loaded")
    return found


def area_or_none(code: str) -> Area | None:
    """The area of this code, if there is one; without its outline until that is asked for."""
    return Area.objects.defer("outline").select_related("parent").filter(code=code).first()


def areas(city: str, level: Level | None = None) -> list[Area]:
    """The city's areas (those of one level), parents before their parts; outlines deferred."""
    found = Area.objects.filter(city=city).defer("outline").select_related("parent")
    return list(found.filter(level=level.value) if level else found)


def tree(city: str) -> AreaTree:
    """The city's areas for looking up in bulk; empty if none are loaded.

    Take it once for many look-ups: it is immutable and stays as it was.
    """
    revision = City.objects.filter(code=city).values_list("revision", flat=True).first()
    return _built(city, revision) if revision is not None else AreaTree(())


def locate(city: str, lonlats: Sequence[LonLat]) -> list[str | None]:
    """The code of the area that holds each (longitude, latitude): the deepest with an outline.

    A border counts as inside; None outside the city or without a place.
    """
    return tree(city).locate(lonlats)


def named(city: str, text: str) -> str | None:
    """The code of the area that other systems call `text`, as the pack's aliases say."""
    return tree(city).named(text)


def subtree(code: str) -> set[str]:
    """The codes of the area and of everything in it. Raises UnknownArea."""
    return set(tree(_city_of(code)).subtree(code))


def lineage(code: str) -> list[str]:
    """The codes of the area and of all that it lies in, nearest first. Raises UnknownArea."""
    return tree(_city_of(code)).lineage(code)


def outlines(city: str, level: Level | None = None) -> dict[str, Any]:
    """The outlined areas (of one level) as a GeoJSON FeatureCollection in WGS 84.

    Each feature's properties: code, level, parent, en, zh.
    """
    known = tree(city)
    features = [
        {
            "type": "Feature",
            "id": one.code,
            "properties": {
                "code": one.code,
                "level": one.level,
                "parent": one.parent.code if one.parent else "",
                "en": one.name_en,
                "zh": one.name_zh,
            },
            "geometry": json.loads(shapely.to_geojson(outline)),
        }
        for one in areas(city, level)
        if one.code in known and (outline := known.outline(one.code)) is not None
    ]
    return {"type": "FeatureCollection", "features": features}


def outlined(city: str) -> tuple[OutlinedArea, ...]:
    """The city's areas that have an outline, ready to be drawn."""
    revision = City.objects.filter(code=city).values_list("revision", flat=True).first()
    return _drawn(city, revision) if revision is not None else ()


@lru_cache(maxsize=8)
def _drawn(city: str, revision: UUID) -> tuple[OutlinedArea, ...]:
    del revision  # of the key only, as above
    return tuple(
        OutlinedArea(
            code=feature["properties"]["code"],
            names=Words(en=feature["properties"]["en"], zh=feature["properties"]["zh"]),
            geometry=feature["geometry"],
        )
        for feature in outlines(city)["features"]
    )


def _city_of(code: str) -> str:
    city = Area.objects.filter(code=code).values_list("city", flat=True).first()
    if city is None:
        raise UnknownArea(f"no area {code!r} is loaded")
    return city


@lru_cache(maxsize=32)
def _built(city: str, revision: UUID) -> AreaTree:
    del revision  # of the key only: another revision is another tree
    rows = Area.objects.filter(city=city).select_related("parent")
    return AreaTree(
        Node(
            code=row.code,
            parent=row.parent.code if row.parent else "",
            aliases=tuple(row.aliases),
            outline=bytes(row.outline),
        )
        for row in rows
    )
