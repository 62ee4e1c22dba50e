"""Loading areas into the database, and finding them again."""

import pytest

from citysteward.kernel.areas import queries
from citysteward.kernel.areas.actions import load_areas
from citysteward.kernel.areas.models import Area
from citysteward.kernel.areas.types import AreaDefinition, AreaError, Level, UnknownArea
from citysteward.kernel.journal import queries as journal
from citysteward.kernel.journal.types import Actor
from citysteward.lib.trees import NoTree
from citysteward.lib.words import Words

from .test_rules import box

pytestmark = pytest.mark.django_db

LOADER = Actor("test:loader")


def area(code: str, parent: str = "", outline: bytes = b"", **values: object) -> AreaDefinition:
    return AreaDefinition(
        code=code,
        level=Level.CITY if not parent else Level.NEIGHBOURHOOD,
        names=Words(en=code.title(), zh="区划"),
        parent=parent,
        outline=outline,
        **values,  # type: ignore[arg-type]  # aliases only
    )


TOWN = [
    area("t-east", "t", box(10, 0, 20, 10), aliases=("East / Far East",)),
    area("t-west-corner", "t-west", box(0, 0, 2, 2)),
    area("t-west", "t", box(0, 0, 10, 10)),
    area("t"),
]


def test_loading_twice_changes_nothing_and_writes_nothing() -> None:
    assert load_areas("t", TOWN, actor=LOADER) == (4, 0, 0)
    (entry,) = journal.entries_of("area:t-east")
    assert (entry.kind, entry.actor) == ("area.added", "test:loader")
    assert entry.data()["aliases"] == ["East / Far East"]
    assert load_areas("t", TOWN, actor=LOADER) == (0, 0, 4)
    assert len(journal.entries_of("area:t-east")) == 1


def test_what_was_loaded_is_found() -> None:
    load_areas("t", TOWN, actor=LOADER)
    assert queries.area("t-west").names == Words(en="T-West", zh="区划")
    assert queries.subtree("t-west") == {"t-west", "t-west-corner"}
    assert queries.lineage("t-west-corner") == ["t-west-corner", "t-west", "t"]
    assert queries.locate("t", [(1, 1), (5, 5), (99, 99)]) == ["t-west-corner", "t-west", None]
    assert queries.named("t", "East / Far East") == "t-east"
    assert [one.code for one in queries.areas("t")] == ["t", "t-east", "t-west", "t-west-corner"]
    assert [one.code for one in queries.areas("t", Level.CITY)] == ["t"]
    assert list(Area.objects.filter(path__within="t.t_west").values_list("code", flat=True)) == [
        "t-west",
        "t-west-corner",
    ]


def test_outlines_are_geojson() -> None:
    load_areas("t", TOWN, actor=LOADER)
    collection = queries.outlines("t")
    assert [one["id"] for one in collection["features"]] == ["t-east", "t-west", "t-west-corner"]
    east = collection["features"][0]
    assert east["properties"]["parent"] == "t"
    assert east["geometry"]["type"] == "Polygon"


def test_a_change_is_seen_at_once_and_told() -> None:
    load_areas("t", TOWN, actor=LOADER)
    assert queries.locate("t", [(15, 5)]) == ["t-east"]
    moved = area("t-east", "t", box(30, 0, 40, 10))
    assert load_areas("t", [moved], actor=LOADER) == (0, 1, 0)
    assert queries.locate("t", [(15, 5), (35, 5)]) == [None, "t-east"]
    kinds = [entry.kind for entry in journal.entries_of("area:t-east")]
    assert kinds == ["area.added", "area.changed"]


def test_parts_follow_a_parent_that_moves() -> None:
    load_areas("t", TOWN, actor=LOADER)
    load_areas("t", [area("t-west", "t-east", box(0, 0, 10, 10))], actor=LOADER)
    assert queries.lineage("t-west-corner") == ["t-west-corner", "t-west", "t-east", "t"]
    assert Area.objects.get(code="t-west-corner").path == "t.t_east.t_west.t_west_corner"
    assert journal.entries_of("area:t-west-corner")[-1].kind == "area.changed"


@pytest.mark.parametrize(
    ("areas", "message"),
    [
        ([area("t"), area("t")], "stands twice"),
        ([area("a", "b"), area("b", "a")], "circle"),
        ([area("a", "a")], "circle"),
        ([area("a", "nowhere")], "isn't there"),
    ],
)
def test_refuses_what_is_no_tree(areas: list[AreaDefinition], message: str) -> None:
    with pytest.raises((AreaError, NoTree), match=message):
        load_areas("t", areas, actor=LOADER)
    assert not Area.objects.exists()


def test_two_cities_cannot_share_a_code() -> None:
    load_areas("t", TOWN, actor=LOADER)
    with pytest.raises(AreaError, match="put the city before it"):
        load_areas("u", [area("t")], actor=LOADER)


def test_what_is_not_there_is_unknown() -> None:
    for ask in (queries.area, queries.subtree, queries.lineage):
        with pytest.raises(UnknownArea):
            ask("nowhere")
    assert queries.area_or_none("nowhere") is None
    assert queries.locate("nowhere", [(1, 1)]) == [None]
    assert queries.outlines("nowhere")["features"] == []
