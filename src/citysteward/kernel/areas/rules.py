"""Where a point lies, and what lies below what: pure, over the areas of one city.

Points and outlines are longitude and latitude, WGS 84. A point on a border counts as inside. If
several outlines hold a point, the deepest area in the tree gets it, then the first by code: the
same answer every time, whatever the order of loading.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

LonLat = tuple[float | None, float | None]
_NO_OUTLINE = b""


@dataclass(frozen=True)
class Node:
    """One area of the tree; `outline` is WKB, b"" for none."""

    code: str
    parent: str
    aliases: tuple[str, ...] = ()
    outline: bytes = _NO_OUTLINE


class AreaTree:
    """The areas of a city, for looking up in bulk. Immutable once made."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self._nodes: Mapping[str, Node] = {node.code: node for node in nodes}

    def __contains__(self, code: str) -> bool:
        return code in self._nodes

    @property
    def codes(self) -> list[str]:
        """All codes, parents first, siblings by code."""
        return sorted(self._nodes, key=lambda code: self.lineage(code)[::-1])

    def lineage(self, code: str) -> list[str]:
        """The area and those above it, nearest first; KeyError if it isn't there."""
        chain = [code]
        while parent := self._nodes[chain[-1]].parent:
            chain.append(parent)
        return chain

    def subtree(self, code: str) -> frozenset[str]:
        """The area and all below it; KeyError if it isn't there."""
        found = {self._nodes[code].code}
        rows = [code]
        while rows:
            rows = [child for row in rows for child in self._children.get(row, ())]
            found.update(rows)
        return frozenset(found)

    def named(self, text: str) -> str | None:
        """The code of the area that other systems call `text` exactly, apart from spaces."""
        return self._by_alias.get(" ".join(text.split()))

    def locate(self, points: Sequence[LonLat]) -> list[str | None]:
        """The area that holds each point; None outside all outlines or without a place."""
        if not points:
            return []
        pairs = np.array(points, dtype=float)
        return self.locate_arrays(pairs[:, 0], pairs[:, 1])

    def locate_arrays(
        self, longitudes: npt.NDArray[np.float64], latitudes: npt.NDArray[np.float64]
    ) -> list[str | None]:
        """`locate` for columns of numbers; NaN means no place."""
        found: list[str | None] = [None] * len(longitudes)
        known = np.flatnonzero(np.isfinite(longitudes) & np.isfinite(latitudes))
        if not len(known) or not self._outlined:
            return found
        points = shapely.points(longitudes[known], latitudes[known])
        at, outline = self._index.query(points, predicate="intersects")
        # The outlines stand in order of preference: the first of each point is the answer.
        order = np.lexsort((outline, at))
        at, outline = at[order], outline[order]
        first = np.concatenate(([True], at[1:] != at[:-1])) if len(at) else np.array([], bool)
        for point, index in zip(known[at[first]], outline[first], strict=True):
            found[point] = self._outlined[index].code
        return found

    def outline(self, code: str) -> BaseGeometry | None:
        """The area's outline, if it has one; KeyError if the area isn't there."""
        wkb = self._nodes[code].outline
        return shapely.from_wkb(wkb) if wkb else None

    @cached_property
    def _children(self) -> Mapping[str, list[str]]:
        children: dict[str, list[str]] = {}
        for node in self._nodes.values():
            children.setdefault(node.parent, []).append(node.code)
        return children

    @cached_property
    def _by_alias(self) -> Mapping[str, str]:
        return {
            " ".join(alias.split()): node.code
            for node in self._nodes.values()
            for alias in node.aliases
        }

    @cached_property
    def _outlined(self) -> Sequence[Node]:
        outlined = [node for node in self._nodes.values() if node.outline]
        return sorted(outlined, key=lambda node: (-len(self.lineage(node.code)), node.code))

    @cached_property
    def _index(self) -> shapely.STRtree:
        outlines = shapely.from_wkb([node.outline for node in self._outlined])
        # Prepared once, so that 58,000 points cost no more than they must.
        shapely.prepare(outlines)
        return shapely.STRtree(outlines)


def outline_problem(geometry: object) -> str:
    """Why a GeoJSON geometry is no outline of an area, in English; "" if it is one."""
    try:
        shape = shapely.from_geojson(json.dumps(geometry))
    except (shapely.errors.GEOSException, ValueError, TypeError) as error:
        return f"its coordinates can't be read ({error})"
    if shape.geom_type not in {"Polygon", "MultiPolygon"}:
        return f"it is a {shape.geom_type}, not a Polygon or MultiPolygon"
    if shape.is_empty:
        return "it is empty"
    west, south, east, north = shape.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        return "its coordinates are not longitude and latitude in degrees"
    return "" if shape.is_valid else f"its rings cross: {shapely.is_valid_reason(shape)}"


def outline_of(geometry: object) -> bytes:
    """A GeoJSON geometry as WKB, in one form whatever order its points came in."""
    shape = shapely.from_geojson(json.dumps(geometry))
    return bytes(shapely.to_wkb(shapely.normalize(shape), byte_order=1))
