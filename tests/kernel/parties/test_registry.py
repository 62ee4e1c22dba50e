"""What is wrong with a pack's organisations and people is said by line."""

from pathlib import Path

import pytest

from citysteward.kernel.parties.registry import check_organisations, check_people
from citysteward.lib.packs import PackReader

ORGANISATIONS = """\
organisations:
  - code: city
    kind: government
    names: {en: City, zh: 市政府}
  - code: roads
    kind: department
    parent: city
    names: {en: Roads, zh: 道路局}
    aliases: [Roads]
    credit_code: 91350100M000100Y43
  - code: night-crew
    kind: unit
    parent: roads
    names: {en: Night crew}
    aliases: [Roads]
"""
PEOPLE = """\
people:
  - code: ada
    names: {en: Ada, zh: 艾达}
    phone: +1 617 555 0101
    email: ada@example.com
    posts:
      - {role: handler, organisation: roads, area: town}
  - code: ben
    names: {en: Ben}
    posts:
      - role: citizen
"""


def pack(folder: Path, *, organisations: str = ORGANISATIONS, people: str = PEOPLE) -> PackReader:
    (folder / "areas.yaml").write_text("areas: [{code: town}]")
    (folder / "organisations.yaml").write_text(organisations)
    (folder / "people.yaml").write_text(people)
    return PackReader(folder)


def test_good_files_and_none_at_all(tmp_path: Path) -> None:
    empty = PackReader(tmp_path)
    assert check_organisations(empty) == check_people(empty) == []
    good = pack(tmp_path)
    assert check_organisations(good) == check_people(good) == []


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("code: roads", "code: city", 5),
        ("kind: unit", "kind: department", 15),
        ("parent: city", "parent: nowhere", 7),
        ("parent: city", "parent: night-crew", 7),
        ("M000100Y43", "M000100Y44", 10),
        ("kind: government", "kind: kingdom", 3),
        ("code: night-crew", "code: Night Crew", 11),
    ],
)
def test_wrong_organisations(tmp_path: Path, old: str, new: str, line: int) -> None:
    found = check_organisations(pack(tmp_path, organisations=ORGANISATIONS.replace(old, new)))
    assert line in [one.line for one in found]
    assert all(one.file == "organisations.yaml" and one.message.zh for one in found)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("code: ben", "code: ada", 8),
        ("organisation: roads", "organisation: rods", 7),
        ("area: town", "area: twon", 7),
        ("role: citizen", "role: king", 11),
        ("+1 617 555 0101", "call me", 4),
        ("ada@example.com", "ada", 5),
    ],
)
def test_wrong_people(tmp_path: Path, old: str, new: str, line: int) -> None:
    found = check_people(pack(tmp_path, people=PEOPLE.replace(old, new)))
    assert [one.line for one in found] == [line]
    assert all(one.file == "people.yaml" and one.message.zh for one in found)
