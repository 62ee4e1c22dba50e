"""Which area holds a point: against brute force, and the ties."""

import random

import shapely
from shapely.geometry import MultiPolygon, Point, Polygon, box

from citysteward.kernel.areas.rules import Locator, Outlined, lineage


def brute_force(areas: list[Outlined], point: tuple[float, float]) -> str | None:
    """The rule as it is told: the deepest, then the smallest, then the first by code."""
    holding = [area for area in areas if area.geometry.intersects(Point(point))]
    ranked = sorted(holding, key=lambda area: (-area.depth, area.geometry.area, area.code))
    return ranked[0].code if ranked else None


def test_many_points_agree_with_brute_force() -> None:
    chance = random.Random(2015)
    areas = [
        Outlined(
            f"area-{i}",
            chance.randint(1, 3),
            Point(chance.uniform(0, 10), chance.uniform(0, 10)).buffer(chance.uniform(0.3, 2)),
        )
        for i in range(40)
    ]
    points = [(chance.uniform(-1, 11), chance.uniform(-1, 11)) for _ in range(2_000)]
    assert Locator(areas).locate(points) == [brute_force(areas, point) for point in points]


def test_the_deepest_area_wins_whatever_its_size() -> None:
    city = Outlined("city", 1, box(0, 0, 1, 1))
    grid = Outlined("grid", 2, box(0, 0, 9, 9))
    assert Locator([city, grid]).locate([(0.5, 0.5)]) == ["grid"]


def test_a_border_belongs_to_the_first_by_code() -> None:
    west, east = Outlined("b-west", 1, box(0, 0, 1, 1)), Outlined("a-east", 1, box(1, 0, 2, 1))
    assert Locator([west, east]).locate([(1.0, 0.5)]) == ["a-east"]


def test_a_hole_is_outside() -> None:
    ring = Polygon(box(0, 0, 4, 4).exterior, [box(1, 1, 3, 3).exterior])
    islands = MultiPolygon([ring, box(10, 10, 11, 11)])
    assert Locator([Outlined("ring", 1, islands)]).locate([(2, 2), (10.5, 10.5)]) == [None, "ring"]


def test_no_areas_and_no_points() -> None:
    assert Locator([]).locate([(0, 0)]) == [None]
    assert Locator([Outlined("a", 1, shapely.box(0, 0, 1, 1))]).locate([]) == []


def test_lineage_stops_at_the_root_and_at_a_circle() -> None:
    assert lineage({"c": "b", "b": "a", "a": ""}, "c") == ["c", "b", "a"]
    assert lineage({"a": "b", "b": "a"}, "a") == ["a", "b"]
