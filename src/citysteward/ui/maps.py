"""Maps, described: outlines, points, clusters, shares by area. `ui/map.js` draws them.

No tile server is asked: outlines lie on plain paper. Longitudes and latitudes are WGS 84
degrees. Everything on a map is also in the list beside it, so the page works without script.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from citysteward.ui import render
from citysteward.ui.types import Table, Text, Tone

Bounds = tuple[float, float, float, float]
"""West, south, east, north."""


@dataclass(frozen=True)
class Outline:
    """An area's outline: GeoJSON geometry, name, an address to open, and the class of its colour.

    `step` 1 to 5 paints the area in that step of a choropleth, 0 leaves it plain.
    """

    code: str
    name: Text
    geometry: Mapping[str, Any]
    url: str = ""
    text: Text = ""
    step: int = 0


@dataclass(frozen=True)
class Point:
    """A point: where, what it says when clicked, what it opens, and its state."""

    longitude: float
    latitude: float
    text: Text
    url: str = ""
    tone: Tone = "brand"


@dataclass(frozen=True)
class LegendEntry:
    """A line of the legend: `style` is a swatch class (map-step-1 …, map-good …)."""

    style: str
    label: Text


@dataclass(frozen=True)
class Map:
    """A map. `clusters_url` answers GET ?bbox=west,south,east,north&zoom=n with JSON:

    {"points": [{"longitude": …, "latitude": …, "count": 12, "text": "…", "url": "…",
    "tone": "late"}]}; count 1 is a single point, more is a cluster that zooms in when clicked.
    `table` is the same in words, shown beside the map.
    """

    title: Text
    outlines: Sequence[Outline] = ()
    points: Sequence[Point] = ()
    clusters_url: str = ""
    bounds: Bounds | None = None
    legend: Sequence[LegendEntry] = ()
    table: Table | None = None
    source: Text = ""
    id: str = "map"

    def as_data(self) -> dict[str, Any]:
        """What the script reads, as JSON-able values in the reader's language."""
        return {
            "outlines": _features(self.outlines),
            "points": [_point(point) for point in self.points],
            "clusters": self.clusters_url,
            "bounds": self.bounds,
            "words": _words(),
        }


@dataclass(frozen=True)
class PlacePicker:
    """A place to be chosen: fills the bound fields `longitude` and `latitude` of a form."""

    longitude: BoundField
    latitude: BoundField
    label: Text
    outlines: Sequence[Outline] = ()
    bounds: Bounds | None = None
    id: str = field(default="place")

    def as_data(self) -> dict[str, Any]:
        """What the script reads."""
        return {
            "outlines": _features(self.outlines),
            "points": [],
            "clusters": "",
            "bounds": self.bounds,
            "picker": {
                "longitude": self.longitude.id_for_label,
                "latitude": self.latitude.id_for_label,
            },
            "words": _words(),
        }


def choropleth_step(value: float, breaks: Sequence[float]) -> int:
    """The step 1 to 5 of `value`; `breaks` are the (at most 4, rising) lower bounds of 2 to 5."""
    return 1 + sum(value >= bound for bound in breaks)


def _features(outlines: Sequence[Outline]) -> dict[str, Any]:
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": outline.geometry,
                "properties": {
                    "code": outline.code,
                    "name": render.plain(outline.name),
                    "text": render.plain(outline.text),
                    "url": outline.url,
                    "step": outline.step,
                },
            }
            for outline in outlines
        ],
    }


def _point(point: Point) -> dict[str, Any]:
    return {
        "longitude": point.longitude,
        "latitude": point.latitude,
        "count": 1,
        "text": render.plain(point.text),
        "url": point.url,
        "tone": point.tone,
    }


def _words() -> dict[str, str]:
    """The words that the script says."""
    return {
        "open": pgettext("on a map", "Open"),
        "zoomIn": _("Zoom in"),
        "zoomOut": _("Zoom out"),
        "cluster": _("%(count)s cases here; zoom in") % {"count": "{count}"},
        "chosen": _("Chosen place: %(place)s") % {"place": "{place}"},
        "noLocation": _("Your location could not be found. Point at the map or type coordinates."),
        "failed": _("The points could not be loaded. The list beside the map has them."),
    }
