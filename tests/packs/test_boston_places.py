"""Boston's places, organisations, people and calendar: complete and as the data say."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import holidays
import polars as pl
import pytest
import shapely
import yaml

from tools import boston_places as places
from tools.boston_catalogue import ANY, PACK, ROUTING, read_outlines
from tools.boston_places import Place

HAN = re.compile(r"[\u4e00-\u9fff]")
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
CASES = PACK / "data" / "boston_311_2015_h1.parquet"
OUTLINES = PACK / "areas" / "neighbourhoods.geojson"
FILES = ("pack.yaml", "calendar.yaml", "areas.yaml", "organisations.yaml", "people.yaml")
ROLES = {
    "citizen", "handler", "dispatcher", "checker", "supervisor", "finance", "auditor",
    "administrator", "operator",
}  # fmt: skip

Entry = dict[str, Any]


def read(file: str) -> Any:
    return yaml.safe_load((PACK / file).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def cases() -> pl.DataFrame:
    return pl.read_parquet(CASES)


@pytest.fixture(scope="module")
def areas() -> list[Entry]:
    loaded: list[Entry] = read("areas.yaml")["areas"]
    return loaded


@pytest.fixture(scope="module")
def organisations() -> list[Entry]:
    loaded: list[Entry] = read("organisations.yaml")["organisations"]
    return loaded


@pytest.fixture(scope="module")
def people() -> list[Entry]:
    loaded: list[Entry] = read("people.yaml")["people"]
    return loaded


def codes(entries: list[Entry]) -> set[str]:
    return {one["code"] for one in entries}


def aliases(entries: list[Entry], *kinds: str) -> Counter[str]:
    """How often each exact text is declared, among entries of these levels or kinds."""
    return Counter(
        alias
        for one in entries
        if one.get("level", one.get("kind")) in kinds
        for alias in one["aliases"]
    )


# Words


def words_in(value: Any, at: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    """Every mapping of languages below a value, and where it is."""
    if isinstance(value, dict):
        if "en" in value or "zh" in value:
            yield at, value
        else:
            for key, one in value.items():
                yield from words_in(one, f"{at}.{key}")
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from words_in(one, f"{at}[{number}]")


@pytest.mark.parametrize("file", FILES)
def test_every_phrase_is_english_and_chinese(file: str) -> None:
    found = list(words_in(read(file)))
    assert found
    for at, words in found:
        assert set(words) == {"en", "zh"}, at
        assert words["en"], at
        assert words["en"] == " ".join(words["en"].split()), at
        assert not HAN.search(words["en"]), at
        assert HAN.search(words["zh"]), at


@pytest.mark.parametrize(
    ("file", "section"),
    [("areas.yaml", "areas"), ("organisations.yaml", "organisations"), ("people.yaml", "people")],
)
def test_each_entry_has_names_that_tell_it_apart(file: str, section: str) -> None:
    entries = read(file)[section]
    for language in ("en", "zh"):
        names = Counter(one["names"][language] for one in entries)
        assert [name for name, number in names.items() if number > 1] == []


# Areas and organisations


@pytest.mark.parametrize(
    ("file", "section", "roots"),
    [
        ("areas.yaml", "areas", {"boston"}),
        ("organisations.yaml", "organisations", {"city-of-boston", "city-services-operator"}),
    ],
)
def test_codes_are_unique_and_every_parent_comes_before(
    file: str, section: str, roots: set[str]
) -> None:
    entries = read(file)[section]
    seen: set[str] = set()
    for one in entries:
        assert SLUG.fullmatch(one["code"])
        assert one["code"] not in seen
        assert one["code"] in roots or one["parent"] in seen, one
        seen.add(one["code"])
    assert {one["code"] for one in entries if "parent" not in one} == roots


def test_kinds(areas: list[Entry], organisations: list[Entry]) -> None:
    assert Counter(one["level"] for one in areas) == {
        "city": 1,
        "district": 18,
        "neighbourhood": 13,
    }
    assert Counter(one["kind"] for one in organisations) == {
        "bureau": 4,
        "company": 1,
        "department": 16,
        "unit": 140,
    }


def test_every_neighbourhood_of_the_cases_is_one_area(
    cases: pl.DataFrame, areas: list[Entry]
) -> None:
    texts = set(cases["neighborhood"].drop_nulls())
    assert aliases(areas, "city", "district", "neighbourhood") == Counter(texts)


def test_every_subject_is_one_department(cases: pl.DataFrame, organisations: list[Entry]) -> None:
    assert aliases(organisations, "department") == Counter(set(cases["subject"]))


def test_every_queue_is_one_unit(cases: pl.DataFrame, organisations: list[Entry]) -> None:
    assert aliases(organisations, "unit") == Counter(set(cases["queue"]))
    assert aliases(organisations, "bureau", "company") == Counter()


def test_every_outline_is_one_area(areas: list[Entry]) -> None:
    used = Counter(one["outline"] for one in areas if "outline" in one)
    assert used == Counter(read_outlines(OUTLINES).keys())
    assert len(used) == 25


def test_outlines_lie_on_leaves(areas: list[Entry]) -> None:
    parents = {one["parent"] for one in areas if "parent" in one}
    assert [one["code"] for one in areas if "outline" in one and one["code"] in parents] == []
    leaves = codes(areas) - parents - {one["code"] for one in areas if "outline" in one}
    assert leaves == {"boston-chestnut-hill"}


@pytest.mark.parametrize(
    ("code", "level", "parent"),
    [
        ("boston-dorchester", "district", "boston"),
        ("boston-allston", "neighbourhood", "boston-allston-brighton"),
        ("boston-mattapan", "neighbourhood", "boston-greater-mattapan"),
        ("boston-west-end", "neighbourhood", "boston-downtown-financial-district"),
        ("boston-longwood", "neighbourhood", "boston-fenway-kenmore-audubon-circle-longwood"),
        ("boston-bay-village", "neighbourhood", "boston"),
    ],
)
def test_known_areas(areas: list[Entry], code: str, level: str, parent: str) -> None:
    (found,) = (one for one in areas if one["code"] == code)
    assert (found["level"], found["parent"]) == (level, parent)


@pytest.mark.parametrize(
    ("code", "parent"),
    [
        ("pwdx-general-comments", "public-works-department"),
        ("isd-administrative", "inspectional-services"),
        ("info01-genericeformforotherservicerequesttypes", "mayors-24-hour-hotline"),
        ("gen-needle-pickup", "mayors-24-hour-hotline"),
        ("public-works-department", "city-of-boston"),
    ],
)
def test_known_organisations(organisations: list[Entry], code: str, parent: str) -> None:
    (found,) = (one for one in organisations if one["code"] == code)
    assert found["parent"] == parent


def test_the_routing_table_names_declared_areas_departments_and_units(
    areas: list[Entry], organisations: list[Entry]
) -> None:
    with ROUTING.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[2:]
    by_kind = {
        kind: {one["code"] for one in organisations if one["kind"] == kind}
        for kind in ("department", "unit")
    }
    assert {row[1] for row in rows} - {ANY} <= codes(areas)
    assert {row[2] for row in rows} <= by_kind["department"]
    assert {row[3] for row in rows} <= by_kind["unit"]
    assert len(rows) > 156


# Against the data


def test_the_files_hold_what_the_data_say(capsys: pytest.CaptureFixture[str]) -> None:
    assert places.main([str(CASES), str(OUTLINES)]) == 0
    assert "hold what the cases say" in capsys.readouterr().out


def test_what_departs_from_the_data_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = places.AREAS.read_text(encoding="utf-8")
    changed = tmp_path / "areas.yaml"
    changed.write_text(text.replace('["Chestnut Hill"]', "[]"), encoding="utf-8")
    monkeypatch.setattr(places, "AREAS", changed)
    assert places.main([str(CASES), str(OUTLINES)]) == 1
    told = capsys.readouterr().out
    assert told.startswith("boston-chestnut-hill: expected ")
    assert told.count("\n") == 1


def test_departures_are_what_is_lacking_or_otherwise() -> None:
    here = Place("here", "unit", "top", ("Here",))
    moved = Place("here", "unit", "bottom", ("Here",))
    gone = Place("gone", "unit", "top", ("Gone",))
    own = Place("own", "bureau", "", ())
    assert places.departures([here, own], [here]) == []
    lacking, otherwise = places.departures([moved], [gone, here])
    assert lacking.startswith("gone: ")
    assert lacking.endswith("nothing")
    assert "parent='bottom'" in otherwise


def test_a_combined_name_is_the_parent_of_the_outlines_where_it_is_usual() -> None:
    outlines = {
        name: shapely.box(east, 10, east + 1, 11)
        for east, name in enumerate(("Ash", "Birch", "Cedar", "Alder"))
    }
    rows = [
        *[("Ash / Birch", 0.5)] * 3,
        *[("Ash", 0.5)] * 2,
        *[("Ash / Birch", 1.5)] * 2,
        # Of no neighbourhood: they say nothing, however many.
        *[("Boston", 1.5), (None, 1.5)] * 9,
        *[("Cedar", 2.5)] * 2,
        ("Ash / Birch", 2.5),
        ("Cedar", 3.5),
        ("Far", 30.0),
    ]
    named, east = zip(*rows, strict=True)
    cases = pl.DataFrame({"neighborhood": named, "longitude": east, "latitude": [10.5] * len(rows)})
    assert places.parents(cases, outlines) == {"Ash": "Ash / Birch", "Birch": "Ash / Birch"}
    found = {one.code: one for one in places.areas(cases, outlines)}
    assert found == {
        one.code: one
        for one in (
            Place("boston", "city", "", ("Boston",)),
            Place("boston-ash-birch", "district", "boston", ("Ash / Birch",)),
            Place("boston-cedar", "district", "boston", ("Cedar",), "Cedar"),
            Place("boston-far", "district", "boston", ("Far",)),
            Place("boston-ash", "neighbourhood", "boston-ash-birch", ("Ash",), "Ash"),
            Place("boston-birch", "neighbourhood", "boston-ash-birch", (), "Birch"),
            Place("boston-alder", "neighbourhood", "boston", (), "Alder"),
        )
    }


def test_the_point_of_no_known_place_is_in_no_area() -> None:
    around = {"Downtown": shapely.box(-72, 42, -71, 43)}
    there = {"neighborhood": ["Far"], "longitude": [-71.0587], "latitude": [42.3594]}
    assert places.parents(pl.DataFrame(there), around) == {}
    beside = there | {"longitude": [-71.0588]}
    assert places.parents(pl.DataFrame(beside), around) == {"Downtown": "Far"}


def test_a_queue_belongs_to_whom_it_is_named_for_else_to_where_its_cases_are() -> None:
    subjects = pl.Series(["Veterans", "Youthline", "Youthline"])
    assert places.owner("PWDx_Graffiti", subjects) == "Public Works Department"
    assert places.owner("INFO05_Alert Boston", subjects) == "Mayor's 24 Hour Hotline"
    assert places.owner("GEN_Needle_Pickup", subjects) == "Youthline"


def test_queues_are_named_for_departments_that_the_cases_have(cases: pl.DataFrame) -> None:
    assert set(places.OWNERS.values()) <= set(cases["subject"])
    queues = set(cases["queue"])
    for prefix in places.OWNERS:
        assert any(queue.startswith(prefix) for queue in queues), prefix


# Pack, people, calendar


def test_the_pack_names_its_own_area_and_calendar(areas: list[Entry]) -> None:
    pack, calendar = read("pack.yaml"), read("calendar.yaml")
    (city,) = (one["code"] for one in areas if one["level"] == "city")
    assert pack["code"] == PACK.name
    assert pack["city"] == city
    assert pack["calendar"] == calendar["code"]
    assert calendar["zone"] == "America/New_York"
    assert pack["currency"] == "USD"


def test_people_serve_declared_organisations_in_each_role(
    people: list[Entry], organisations: list[Entry]
) -> None:
    names = [one["code"] for one in people]
    assert len(set(names)) == len(names) == 11
    held = [membership for one in people for membership in one["posts"]]
    assert {one["role"] for one in held} == ROLES
    for membership in held:
        assert set(membership) <= {"role", "organisation", "area"}
        citizen = membership["role"] == "citizen"
        assert citizen or membership["organisation"] in codes(organisations)
    operators = {one["organisation"] for one in held if one["role"] == "operator"}
    companies = {one["code"] for one in organisations if one["kind"] == "company"}
    assert operators == companies


def test_whoever_checks_neither_handles_nor_operates(people: list[Entry]) -> None:
    """The check is independent only as long as nobody's own work is checked by him."""
    served: dict[str, set[str]] = {role: set() for role in ROLES}
    for one in people:
        for membership in one["posts"]:
            served[membership["role"]].add(membership.get("organisation", ""))
    for role in ("checker", "auditor", "finance"):
        assert not served[role] & (served["handler"] | served["operator"] | served["dispatcher"])


def days_off(year: int) -> dict[date, str]:
    """The days that the calendar's source has, by the names under which it has them."""
    source = read("calendar.yaml")["holidays"]
    assert source["first_year"] <= year <= source["last_year"]
    country, subdivision = source["name"].removeprefix("holidays:").split("-")
    return dict(holidays.country_holidays(country, subdiv=subdivision, years=year))


def test_the_calendar_keeps_the_days_that_the_city_kept() -> None:
    weekdays = {day for day in days_off(2015) if day <= date(2015, 7, 4) and day.weekday() < 5}
    assert weekdays == {
        date(2015, 1, 1),
        date(2015, 1, 19),
        date(2015, 2, 16),
        date(2015, 4, 20),  # Patriots' Day; not 17 March, 17 June and 3 July
        date(2015, 5, 25),
    }


def test_the_calendar_works_on_weekdays_in_office_hours() -> None:
    calendar = read("calendar.yaml")
    assert list(calendar["hours"]) == ["monday", "tuesday", "wednesday", "thursday", "friday"]
    assert {tuple(hours) for hours in calendar["hours"].values()} == {("08:30-17:00",)}
    assert calendar["business_day_ends"] == "same_time"


def test_every_day_off_has_its_name_in_both_languages() -> None:
    calendar = read("calendar.yaml")
    source = calendar["holidays"]
    found = {
        name
        for year in range(source["first_year"], source["last_year"] + 1)
        for name in days_off(year).values()
    }
    assert found == set(calendar["day_names"])
