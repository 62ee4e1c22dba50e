"""Where points lie: borders, holes, overlaps, and 58,119 real ones against a slow oracle."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from citysteward.kernel.areas.rules import AreaTree, Node, outline_of, outline_problem


def box(west: float, south: float, east: float, north: float) -> bytes:
    return bytes(shapely.to_wkb(shapely.box(west, south, east, north)))


RING = bytes(
    shapely.to_wkb(shapely.box(0, 0, 9, 9).difference(shapely.box(3, 3, 6, 6)))
)  # fmt: skip
TREE = AreaTree(
    [
        Node("town", ""),
        Node("west", "town", ("West  Side", "The West"), box(0, 0, 10, 10)),
        Node("west-corner", "west", (), box(0, 0, 2, 2)),
        Node("east", "town", (), box(10, 0, 20, 10)),
        Node("overlap", "town", (), box(9, 0, 11, 5)),
        Node("unseen", "town"),
    ]
)


@pytest.mark.parametrize(
    ("point", "area"),
    [
        ((5, 5), "west"),
        ((1, 1), "west-corner"),  # the deepest of two
        ((2, 2), "west-corner"),  # its border is its own
        ((10, 7), "east"),  # a common border: the first by code
        ((9.5, 2), "overlap"),  # three hold it on one level: the first by code
        ((10.5, 2), "east"),
        ((20, 10), "east"),  # a corner is inside
        ((20.000001, 10), None),
        ((None, None), None),
        ((math.nan, 1.0), None),
        ((math.inf, 1.0), None),
    ],
)
def test_each_point_has_one_area(point: tuple[float | None, float | None], area: str) -> None:
    assert TREE.locate([point]) == [area]


def test_a_hole_is_outside_and_its_border_inside() -> None:
    tree = AreaTree([Node("ring", "", (), RING)])
    assert tree.locate([(4.5, 4.5), (3, 4), (1, 1)]) == [None, "ring", "ring"]


def test_no_points_and_no_areas() -> None:
    assert TREE.locate([]) == []
    assert AreaTree([]).locate([(1, 1)]) == [None]
    assert AreaTree([Node("town", "")]).locate([(1, 1)]) == [None]


def test_the_order_of_loading_makes_no_difference() -> None:
    nodes = [TREE._nodes[code] for code in TREE._nodes]
    points = [(x / 2, y / 2) for x in range(-1, 42) for y in range(-1, 22)]
    expected = TREE.locate(points)
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(len(nodes))
        assert AreaTree([nodes[i] for i in order]).locate(points) == expected


def test_above_and_below() -> None:
    assert TREE.lineage("west-corner") == ["west-corner", "west", "town"]
    assert TREE.subtree("west") == {"west", "west-corner"}
    assert TREE.subtree("town") == set(TREE.codes)
    assert TREE.codes[0] == "town"
    assert TREE.codes.index("west") < TREE.codes.index("west-corner")
    with pytest.raises(KeyError):
        TREE.subtree("nowhere")


def test_other_names_are_matched_but_for_spaces() -> None:
    assert TREE.named(" West Side ") == "west"
    assert TREE.named("the west") is None


def brute_force(tree: AreaTree, point: tuple[float, float]) -> str | None:
    """One shape after the other, with the rule written out once more."""
    holders = [
        code
        for code in tree.codes
        if (outline := tree.outline(code)) is not None
        and outline.distance(shapely.Point(point)) == 0
    ]
    return min(holders, key=lambda code: (-len(tree.lineage(code)), code), default=None)


@given(st.lists(st.tuples(*[st.integers(-2, 42).map(lambda n: n / 2)] * 2), max_size=40))
def test_locating_agrees_with_looking_at_every_shape(points: list[tuple[float, float]]) -> None:
    assert TREE.locate(points) == [brute_force(TREE, point) for point in points]


def test_columns_and_pairs_give_the_same() -> None:
    rng = np.random.default_rng(2015)
    longitudes, latitudes = rng.uniform(-1, 21, 500), rng.uniform(-1, 11, 500)
    pairs = list(zip(longitudes.tolist(), latitudes.tolist(), strict=True))
    assert TREE.locate_arrays(longitudes, latitudes) == TREE.locate(pairs)


SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]}


@pytest.mark.parametrize(
    ("geometry", "problem"),
    [
        (SQUARE, ""),
        ({"type": "Point", "coordinates": [0, 0]}, "it is a Point"),
        ({"type": "Polygon", "coordinates": []}, "empty"),
        ({"type": "Polygon", "coordinates": "x"}, "can't be read"),
        ({"type": "Polygon"}, "can't be read"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [9e5, 0], [9e5, 9], [0, 0]]]}, "degrees"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}, "cross"),
    ],
)
def test_says_why_a_shape_is_no_outline(geometry: object, problem: str) -> None:
    found = outline_problem(geometry)
    assert problem in found
    assert bool(found) == bool(problem)


def test_an_outline_is_the_same_whatever_point_it_begins_with() -> None:
    turned = {
        "type": "Polygon",
        "coordinates": [[[1, 1], [1, 0], [0, 0], [0, 1], [1, 1]]],
    }
    assert outline_of(SQUARE) == outline_of(turned)
