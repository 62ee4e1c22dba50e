"""What is wrong with a pack's areas is said by file and line."""

import json
from pathlib import Path

import pytest

from citysteward.kernel.areas import queries
from citysteward.kernel.areas.registry import check, load
from citysteward.kernel.journal.types import Actor
from citysteward.lib.packs import PackReader, silent

GOOD = """\
outlines: shapes.geojson
areas:
  - code: town
    level: city
    names: {en: Town, zh: 镇}
  - code: town-east
    level: district
    parent: town
    names: {en: East, zh: 东区}
    aliases: [E, East]
    outline: East
  - code: town-west
    level: district
    parent: town
    names: {en: West, zh: 西区}
    outline: West
"""
SQUARE = [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]
CROSSED = [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]


def feature(name: str, coordinates: object, kind: str = "Polygon") -> str:
    geometry = {"type": kind, "coordinates": coordinates}
    return json.dumps({"type": "Feature", "properties": {"name": name}, "geometry": geometry})


def pack(folder: Path, text: str = GOOD, features: tuple[str, ...] = ()) -> PackReader:
    shapes = features or (feature("East", SQUARE), feature("West", SQUARE))
    (folder / "areas.yaml").write_text(text)
    (folder / "shapes.geojson").write_text(
        '{"type": "FeatureCollection", "features": [\n' + ",\n".join(shapes) + "\n]}"
    )
    return PackReader(folder)


def findings(reader: PackReader) -> list[tuple[str, int, str]]:
    found = check(reader)
    assert all(one.message.zh for one in found)
    return [(one.file, one.line, one.severity) for one in found]


def test_good_areas_and_none_at_all(tmp_path: Path) -> None:
    assert check(PackReader(tmp_path)) == []
    assert findings(pack(tmp_path)) == []


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("code: town-west", "code: town-east", 12),
        ("outline: West", "outline: West\n    aliases: [East]", 17),
        ("code: town\n    level: city", "code: town\n    level: planet", 4),
        ("code: town\n    level: city", "code: town\n    level: city\n    parent: nowhere", 5),
        ("code: town\n    level: city", "code: town\n    level: city\n    parent: town-east", 5),
        ("code: town-west", "code: Town West", 12),
    ],
)
def test_what_is_wrong_is_said_by_line(tmp_path: Path, old: str, new: str, line: int) -> None:
    found = findings(pack(tmp_path, GOOD.replace(old, new)))
    assert ("areas.yaml", line, "error") in found


def test_outlines_that_are_none(tmp_path: Path) -> None:
    crossed = pack(tmp_path, features=(feature("East", SQUARE), feature("West", CROSSED)))
    assert findings(crossed) == [("shapes.geojson", 3, "error")]
    point = pack(tmp_path, features=(feature("East", [0, 0], "Point"), feature("West", SQUARE)))
    assert findings(point) == [("shapes.geojson", 2, "error")]


def test_outlines_and_areas_that_miss_each_other(tmp_path: Path) -> None:
    shapes = (feature("East", SQUARE), feature("North", SQUARE))
    assert findings(pack(tmp_path, features=shapes)) == [
        ("areas.yaml", 16, "error"),
        ("shapes.geojson", 3, "warning"),
    ]
    shared = pack(tmp_path, GOOD.replace("outline: West", "outline: East"))
    assert ("areas.yaml", 16, "error") in findings(shared)


@pytest.mark.django_db
def test_loading_is_idempotent(tmp_path: Path) -> None:
    folder = tmp_path / "town"
    folder.mkdir()
    reader, actor = pack(folder), Actor("test:loader")
    assert load(reader, actor, silent).created == 3
    again = load(reader, actor, silent)
    assert (again.created, again.changed, again.unchanged) == (0, 0, 3)
    # Two outlines lie on each other: the first by code has the point.
    assert queries.locate("town", [(0.5, 0.5)]) == ["town-east"]
