"""Pure rules of the tree: paths, and which area holds a point."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

LonLat = tuple[float, float]


def label(code: str) -> str:
    """A code as a label of an ltree path (before PostgreSQL 16 hyphens are not allowed)."""
    return code.replace("-", "_")


def depth(path: str) -> int:
    """How many steps an ltree path goes down."""
    return path.count(".") + 1


@dataclass(frozen=True)
class Outlined:
    """An outline to be searched, with what decides between several that hold a point."""

    code: str
    depth: int
    geometry: BaseGeometry


class Locator:
    """Finds the area of points; built once per version of a city's areas."""

    def __init__(self, areas: Sequence[Outlined]) -> None:
        # The first of the sorted areas that holds a point wins: the deepest, then the smallest.
        ranked = sorted(areas, key=lambda area: (-area.depth, area.geometry.area, area.code))
        self._codes = [area.code for area in ranked]
        self._tree = shapely.STRtree([area.geometry for area in ranked])

    def locate(self, points: Sequence[LonLat]) -> list[str | None]:
        """The code of the area that holds each point (borders included), None outside all."""
        if not points or not self._codes:
            return [None] * len(points)
        wanted = shapely.points(np.asarray(points, dtype=float))
        which, areas = self._tree.query(wanted, predicate="intersects")
        best = np.full(len(points), len(self._codes))
        np.minimum.at(best, which, areas)
        return [self._codes[i] if i < len(self._codes) else None for i in best]


def lineage(parents: Mapping[str, str], code: str) -> list[str]:
    """A code and all above it, nearest first."""
    found: list[str] = []
    while code and code not in found:
        found.append(code)
        code = parents.get(code, "")
    return found
