"""What other contexts know of areas."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from citysteward.lib.words import Words


class NoCity(Exception):
    """No pack is loaded yet."""


@dataclass(frozen=True)
class CityView:
    """A loaded city: its codes, its clock, its money."""

    code: str
    names: Words
    area: str
    calendar: str
    currency: str
    zone: ZoneInfo


@dataclass(frozen=True)
class AreaSpec:
    """An area as a pack or an import describes it. `outline`: GeoJSON geometry."""

    code: str
    level: str
    names: Words
    parent: str = ""
    aliases: tuple[str, ...] = ()
    outline: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class OutlinedArea:
    """An area with its outline as a GeoJSON geometry."""

    code: str
    names: Words
    geometry: Mapping[str, Any]
