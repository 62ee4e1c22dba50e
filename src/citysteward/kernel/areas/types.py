"""The areas' words for other rooms."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from citysteward.kernel.areas.rules import AreaTree, LonLat
from citysteward.lib.words import Words


class Level(StrEnum):
    """How far down an area lies, from the province to the grid (网格)."""

    PROVINCE = "province"
    CITY = "city"
    DISTRICT = "district"
    NEIGHBOURHOOD = "neighbourhood"
    """A part of the city that people and files name: 街道 or 镇, or a neighbourhood."""
    QUARTER = "quarter"
    """A part of a neighbourhood: 社区 or 村."""
    GRID = "grid"


LEVEL_WORDS: Mapping[Level, Words] = {
    Level.PROVINCE: Words(en="Province", zh="省级"),
    Level.CITY: Words(en="City", zh="市级"),
    Level.DISTRICT: Words(en="District", zh="区县"),
    Level.NEIGHBOURHOOD: Words(en="Neighbourhood", zh="街道（镇）"),
    Level.QUARTER: Words(en="Quarter", zh="社区（村）"),
    Level.GRID: Words(en="Grid", zh="网格"),
}


class UnknownArea(LookupError):
    """No area of this code is loaded."""


class AreaError(ValueError):
    """Areas that cannot be: a code twice, or one that is another city's."""


class NoCity(LookupError):
    """No pack is loaded yet."""


@dataclass(frozen=True)
class CityView:
    """A loaded city: its codes, its names, its clock, its money (ISO 4217)."""

    code: str
    names: Words
    root: str
    calendar: str
    currency: str
    zone: ZoneInfo


@dataclass(frozen=True)
class OutlinedArea:
    """An area with its outline as a GeoJSON geometry, WGS 84."""

    code: str
    names: Words
    geometry: Mapping[str, Any]


@dataclass(frozen=True)
class AreaDefinition:
    """An area as it shall be; `outline` is WKB in WGS 84 longitude and latitude, b"" for none."""

    code: str
    level: Level
    names: Words
    parent: str = ""
    aliases: tuple[str, ...] = ()
    outline: bytes = b""


__all__ = [
    "LEVEL_WORDS",
    "AreaDefinition",
    "AreaError",
    "AreaTree",
    "CityView",
    "Level",
    "LonLat",
    "NoCity",
    "OutlinedArea",
    "UnknownArea",
]
