"""Boston's categories and routing table: complete, well-formed, and what the cases say."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import shapely
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tools import boston_catalogue as boston
from tools.boston_catalogue import ANY, CATEGORIES, PACK, ROUTING, Duration, Targets

HAN = re.compile(r"[\u4e00-\u9fff]")
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
DURATION = re.compile(r"P([1-9]\d*(BD|D)|T[1-9]\d*H)")
DISTRICT_03, DISTRICT_07 = "PWDx_District 03: North", "PWDx_District 07: South"

CALENDAR = boston.massachusetts()


@pytest.fixture(scope="module")
def declared() -> dict[str, list[dict[str, Any]]]:
    loaded: dict[str, list[dict[str, Any]]] = yaml.safe_load(CATEGORIES.read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def table() -> list[dict[str, str]]:
    with ROUTING.open(encoding="utf-8", newline="") as file:
        assert file.readline() == "hit,F\n"
        assert tuple(next(csv.reader(file))) == boston.COLUMNS
        names = ("category", "area", "organisation", "unit", "deadline", "note")
        return list(csv.DictReader(file, names))


def pack_file(pattern: str) -> Path:
    """A file of the pack that is not this catalogue's own; skips where the pack lacks it."""
    found = next(iter(sorted(PACK.glob(pattern))), None)
    if found is None:
        pytest.skip(f"the pack has no {pattern}")
    return found


@pytest.fixture(scope="module")
def cases() -> pl.DataFrame:
    return pl.read_parquet(pack_file("data/*.parquet"))


def moments(*texts: str) -> boston.Moments:
    return np.array(texts, dtype="datetime64[s]")


# The catalogue


def test_the_catalogue_holds_all_reasons_and_types(declared: dict[str, Any]) -> None:
    aliases = [alias for one in declared["categories"] for alias in one["aliases"]]
    assert len(declared["groups"]) == 53
    assert len(set(aliases)) == 155
    # One type, "Call Log", occurs under two reasons that belong to two organisations.
    assert [alias for alias, number in Counter(aliases).items() if number > 1] == ["Call Log"]


def test_codes_are_unique_slugs_of_the_files_texts(declared: dict[str, Any]) -> None:
    for section in ("groups", "categories"):
        codes = [one["code"] for one in declared[section]]
        assert len(set(codes)) == len(codes)
        for one in declared[section]:
            expected = boston.slug(one["aliases"][0])
            if one["aliases"] == ["Call Log"]:
                expected = f"{one['group']}-{expected}"
            assert one["code"] == expected
    groups = {one["code"] for one in declared["groups"]}
    assert {one["group"] for one in declared["categories"]} == groups


def test_every_name_is_tidy_english_and_chinese(declared: dict[str, Any]) -> None:
    for one in declared["groups"] + declared["categories"]:
        english, chinese = one["names"]["en"], one["names"]["zh"]
        assert english == boston.tidy(english)
        assert english
        assert not HAN.search(english), one
        assert HAN.search(chinese), one


def test_names_are_told_apart_in_both_languages(declared: dict[str, Any]) -> None:
    for language in ("en", "zh"):
        names = Counter(one["names"][language] for one in declared["categories"])
        assert [name for name, number in names.items() if number > 1] == []


def test_public_categories_say_what_to_describe(declared: dict[str, Any]) -> None:
    public = [one for one in declared["categories"] if one["public"]]
    assert 25 <= len(public) <= 40
    for one in public:
        assert one["hint"]["en"].endswith(".")
        assert one["hint"]["zh"].endswith("。")
        assert len(one["hint"]["en"]) <= 90
        for language in ("en", "zh"):
            words = one["keywords"][language]
            assert len(words) >= 3
            assert len(set(words)) == len(words)
        assert all(HAN.search(word) for word in one["keywords"]["zh"])


def test_internal_categories_are_not_offered_to_citizens(declared: dict[str, Any]) -> None:
    internal = [one for one in declared["categories"] if not one["public"]]
    assert all("hint" not in one and "keywords" not in one for one in internal)
    hidden = {one["code"] for one in internal}
    assert {"pothole-repair-internal", "utility-call-in", "ocr-front-desk-interactions"} <= hidden


def test_the_catalogue_covers_every_case(cases: pl.DataFrame) -> None:
    text = CATEGORIES.read_text(encoding="utf-8")
    assert {(one.reason, one.type) for one in boston.catalogue(text)} == set(
        cases.select("reason", "type").rows()
    )
    assert boston.completed(text, cases) == text


def test_what_the_catalogue_lacks_is_added_and_the_rest_stays() -> None:
    text = (
        "# ours\ngroups:\n  - code: trees\n    names: {en: Trees, zh: 树木}\n"
        '    aliases: ["Trees"]\n\ncategories:\n  - code: call-log\n    group: trees\n'
        "    names: {en: Call, zh: 来电}\n"
        '    aliases: ["Call Log"]\n    public: true\n'
    )
    rows = [("Trees", "Call Log"), ("Sky", "Call Log"), ("Sky", 'Low  "Cloud"')]
    added = boston.completed(text, pl.DataFrame(rows, schema=["reason", "type"], orient="row"))
    assert added.startswith(text.split("\n\n", maxsplit=1)[0])
    found = yaml.safe_load(added)
    assert [one["code"] for one in found["groups"]] == ["trees", "sky"]
    assert [one["code"] for one in found["categories"]] == [
        "call-log",
        "sky-call-log",
        "low-cloud",
    ]
    assert found["categories"][2]["names"] == {"en": 'Low "Cloud"', "zh": ""}
    assert found["categories"][2]["aliases"] == ['Low  "Cloud"']


# The table


def test_each_category_ends_with_its_row_for_the_whole_city(
    declared: dict[str, Any], table: list[dict[str, str]]
) -> None:
    codes = {one["code"] for one in declared["categories"]}
    last = {row["category"]: number for number, row in enumerate(table)}
    assert set(last) == codes
    for number, row in enumerate(table):
        assert (row["area"] == ANY) == (number == last[row["category"]])
    places = Counter((row["category"], row["area"]) for row in table)
    assert set(places.values()) == {1}


def test_the_table_holds_codes_and_durations_only(table: list[dict[str, str]]) -> None:
    for row in table:
        for field in ("category", "organisation", "unit"):
            assert SLUG.fullmatch(row[field]), row
        assert row["area"] == ANY or SLUG.fullmatch(row["area"].removeprefix("boston-")), row
        assert row["deadline"] == "" or DURATION.fullmatch(row["deadline"]), row
        assert row["note"]


def test_a_category_has_one_organisation_and_one_deadline(table: list[dict[str, str]]) -> None:
    for field in ("organisation", "deadline"):
        values = {(row["category"], row[field]) for row in table}
        assert len(values) == len({row["category"] for row in table})


@pytest.mark.parametrize(
    ("category", "area", "unit", "deadline"),
    [
        ("street-light-outages", ANY, "pwdx-street-light-outages", "P10BD"),
        ("graffiti-removal", ANY, "prop-graf-graffitiremoval", "P45BD"),
        ("heat-excessive-insufficient", ANY, "isd-housing-internal", "P30D"),
        ("traffic-signal-repair", ANY, "btdt-traffic-signal-repair", "P180D"),
        ("ground-maintenance", "boston-south-end", "park-maintenance-region-5", "P5BD"),
        ("pick-up-dead-animal", "boston-hyde-park", "pwdx-district-08-hyde-park", "P1BD"),
        ("pick-up-dead-animal", ANY, "pwdx-pick-up-dead-animals", "P1BD"),
        ("schedule-a-bulk-item-pickup-ss", ANY, "pwdx-schedule-a-bulk-item-pickup", ""),
    ],
)
def test_known_rows(
    table: list[dict[str, str]], category: str, area: str, unit: str, deadline: str
) -> None:
    found = [row for row in table if (row["category"], row["area"]) == (category, area)]
    assert [(row["unit"], row["deadline"]) for row in found] == [(unit, deadline)]


def codes_in(value: object) -> Iterator[str]:
    """Every `code` below a value read from YAML."""
    if isinstance(value, dict):
        if isinstance(value.get("code"), str):
            yield value["code"]
        for one in value.values():
            yield from codes_in(one)
    elif isinstance(value, list):
        for one in value:
            yield from codes_in(one)


@pytest.mark.parametrize(
    ("file", "fields"),
    [("areas.yaml", ("area",)), ("organisations.yaml", ("organisation", "unit"))],
)
def test_every_code_of_the_table_is_declared_in_the_pack(
    table: list[dict[str, str]], file: str, fields: tuple[str, ...]
) -> None:
    declared = yaml.safe_load(pack_file(file).read_text(encoding="utf-8"))
    used = {row[field] for row in table for field in fields} - {ANY}
    assert used - set(codes_in(declared)) == set()


def test_the_table_is_what_the_cases_say(cases: pl.DataFrame, table: list[dict[str, str]]) -> None:
    outlines = boston.read_outlines(pack_file("**/*.geojson"))
    categories = boston.catalogue(CATEGORIES.read_text(encoding="utf-8"))
    derived = boston.as_csv(boston.routing(cases, categories, outlines))
    assert ROUTING.read_text(encoding="utf-8") == derived


def test_the_deadlines_explain_the_citys_own_targets(
    cases: pl.DataFrame, table: list[dict[str, str]]
) -> None:
    text = CATEGORIES.read_text(encoding="utf-8")
    codes = {(one.reason, one.type): one.code for one in boston.catalogue(text)}
    deadlines = {row["category"]: row["deadline"] for row in table}
    timed = cases.filter(
        pl.col("open_dt") >= boston.STANDARDS_SINCE, pl.col("target_dt").is_not_null()
    )
    fits = 0
    for (reason, kind), mine in timed.group_by("reason", "type"):
        found = re.fullmatch(r"P(\d+)(BD|D)", deadlines[codes[str(reason), str(kind)]])
        if found:
            opened, target = (
                mine[name].to_numpy().astype("datetime64[s]") for name in ("open_dt", "target_dt")
            )
            fits += Targets(opened, target, CALENDAR).fits(Duration(int(found[1]), found[2]))
    assert fits / timed.height > 0.97


# Deadlines


@pytest.mark.parametrize(
    ("opened", "days", "expected"),
    [
        ("2015-01-01T00:20:09", 10, "2015-01-16T08:30:00"),  # New Year's Day counts from the 2nd
        ("2015-04-15T10:15:00", 3, "2015-04-21T10:15:00"),  # Patriots' Day is no working day
        ("2015-03-16T10:00:00", 1, "2015-03-17T10:00:00"),  # Evacuation Day is one
        ("2015-02-13T16:59:59", 1, "2015-02-17T16:59:59"),  # over Presidents' Day
        ("2015-03-06T17:00:00", 1, "2015-03-10T08:30:00"),  # closing time is after hours
        ("2015-03-09T08:29:59", 1, "2015-03-10T08:30:00"),
        ("2015-03-09T08:30:00", 1, "2015-03-10T08:30:00"),
    ],
)
def test_working_days_run_in_office_hours(opened: str, days: int, expected: str) -> None:
    due = boston.due(moments(opened), Duration(days, "BD"), CALENDAR)
    assert due.tolist() == moments(expected).tolist()


openings = st.datetimes(datetime(2015, 1, 1), datetime(2015, 12, 31)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0)
)


def walk(opened: datetime, days: int) -> datetime:
    """Working days counted one by one, as a clerk does."""

    def works(moment: datetime) -> bool:
        return bool(np.is_busday(np.datetime64(moment.date()), busdaycal=CALENDAR))

    if not works(opened) or opened.hour >= 17:
        opened = (opened + timedelta(days=1)).replace(hour=0, minute=0, second=0)
        while not works(opened):
            opened += timedelta(days=1)
    if (opened.hour, opened.minute) < (8, 30):
        opened = opened.replace(hour=8, minute=30, second=0)
    while days:
        opened += timedelta(days=1)
        days -= works(opened)
    return opened


@given(openings, st.integers(1, 60))
def test_working_days_agree_with_counting_one_by_one(opened: datetime, days: int) -> None:
    due = boston.due(moments(opened.isoformat()), Duration(days, "BD"), CALENDAR)
    assert due.astype(object).tolist() == [walk(opened, days)]


@given(
    st.lists(openings, min_size=1, max_size=30),
    st.builds(Duration, st.integers(1, 45), st.sampled_from(["BD", "D", "H"])),
)
def test_a_duration_is_found_again_in_the_targets_it_made(
    opened: list[datetime], duration: Duration
) -> None:
    start = moments(*(moment.isoformat() for moment in opened))
    made = Targets(start, boston.due(start, duration, CALENDAR), CALENDAR)
    assert made.fits(boston.infer(made)) == len(opened)


def test_long_times_are_read_in_days_where_both_explain_them() -> None:
    opened = moments("2015-01-05T10:00:00")
    assert boston.infer(Targets(opened, opened + np.timedelta64(7, "D"), CALENDAR)).unit == "BD"
    assert (
        str(boston.infer(Targets(opened, opened + np.timedelta64(364, "D"), CALENDAR))) == "P364D"
    )


def test_targets_before_their_openings_have_no_duration() -> None:
    opened = moments("2015-01-05T10:00:00")
    with pytest.raises(ValueError, match="no target"):
        boston.infer(Targets(opened, opened - np.timedelta64(9, "D"), CALENDAR))


def timed(*rows: tuple[str, str | None]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["open_dt", "target_dt"], orient="row").with_columns(
        pl.all().str.to_datetime()
    )


OLD = ("2015-01-06T10:00:00", "2015-01-20T10:00:00")
NEW = ("2015-03-03T10:00:00", "2015-03-06T10:00:00")


def test_the_standard_in_force_wins_over_the_commoner_old_one() -> None:
    assert boston.deadline(timed(OLD, OLD, OLD, NEW), CALENDAR) == (
        "P3BD",
        "3 working days fits 100% of 1 since 2015-02-17, 9 working days fits 100% of 3 before",
    )


def test_a_standard_that_did_not_change_is_measured_on_all_cases() -> None:
    same = ("2015-01-06T10:00:00", "2015-01-09T10:00:00")
    assert boston.deadline(timed(same, NEW), CALENDAR) == ("P3BD", "3 working days fits 100% of 2")


def test_old_cases_alone_keep_the_old_standard() -> None:
    assert boston.deadline(timed(OLD), CALENDAR)[0] == "P9BD"


def test_no_target_is_no_deadline() -> None:
    untimed = ("2015-03-03T10:00:00", None)
    assert boston.deadline(timed(untimed, untimed, untimed, NEW), CALENDAR) == (
        "",
        "1 of 4 cases have a target",
    )


# Responsible units


def test_slugs() -> None:
    assert boston.slug("Mayor's 24 Hour Hotline") == "mayors-24-hour-hotline"
    assert boston.slug("PWDx_District 1C: Downtown") == "pwdx-district-1c-downtown"
    assert boston.slug("Sidewalk Repair (Make Safe)") == "sidewalk-repair-make-safe"


def test_a_case_without_a_known_place_lies_nowhere() -> None:
    city = {"Everywhere": shapely.box(-72, 42, -71, 43)}
    latitude, longitude = boston.NO_PLACE
    points = pl.DataFrame(
        {"latitude": [42.3, latitude, 10.0], "longitude": [-71.1, longitude, 10.0]}
    )
    assert boston.located(points, city).to_list() == ["Everywhere", None, None]


def test_a_district_is_responsible_where_it_clearly_holds_most() -> None:
    def held(area: str | None, queue: str, number: int, latitude: float = 10.0) -> pl.DataFrame:
        row = {"neighborhood": area, "queue": queue, "latitude": latitude, "longitude": -71.5}
        return pl.DataFrame([row] * number, schema_overrides={"neighborhood": pl.String})

    cases = pl.concat(
        [
            held("Clear / Hill", DISTRICT_03, 6),
            held("Clear / Hill", DISTRICT_07, 4),
            held("Split", DISTRICT_03, 5),
            held("Split", DISTRICT_07, 5),
            held("Few", DISTRICT_03, boston.AREA_CASES - 1),
            held("Boston", DISTRICT_03, 50),
            held(None, DISTRICT_07, 5, latitude=42.5),
            held("Clear / Hill", "PWDx_Graffiti", 50),
        ]
    )
    found = boston.district_areas(cases, {"Drawn": shapely.box(-72, 42, -71, 43)})
    assert found["PWDx_District "] == [
        ("boston-clear-hill", DISTRICT_03, "holds 60% of 10 district cases here"),
        ("boston-drawn", DISTRICT_07, "holds 100% of 5 district cases here"),
    ]
    assert found["BTDT_District "] == []


def test_districts_decide_where_they_hold_most_cases_of_their_own_department() -> None:
    mostly = pl.Series([DISTRICT_03] * 20 + ["PWDx_Graffiti"] * 15 + [boston.TRANSIT] * 30)
    assert boston.deciding_family(mostly, "PWDx") == "PWDx_District "
    assert boston.deciding_family(mostly, "ISD") == ""
    assert boston.deciding_family(mostly[:25], "PWDx") == ""
    assert boston.deciding_family(pl.Series([boston.TRANSIT]), "PWDx") == ""


def test_the_unit_for_the_rest_of_the_city() -> None:
    everywhere = {"PWDx_Graffiti": 100, "PWDx_Potholes": 2, "PWDx_Administration": 9}
    graffiti, potholes, hotline = "PWDx_Graffiti", "PWDx_Potholes", "INFO_Hotline"

    def unit(**numbers: int) -> str:
        names = {"graffiti": graffiti, "potholes": potholes, "hotline": hotline}
        names |= {"district": DISTRICT_03, "transit": boston.TRANSIT}
        queues = [names[name] for name, number in numbers.items() for _ in range(number)]
        return boston.central_unit(pl.Series(queues), "PWDx", everywhere)

    assert unit(hotline=5, graffiti=4, transit=90) == hotline
    assert unit(hotline=5, graffiti=4, district=9) == graffiti
    assert unit(potholes=2, district=98) == potholes
    assert unit(graffiti=2, district=98) == "PWDx_Administration"
    assert unit(transit=3) == "PWDx_Administration"


def test_check_writes_nothing_and_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    row = {
        "reason": "Trees",
        "type": "Fallen  Tree",
        "subject": "Parks",
        "queue": "PARK_Trees",
        "neighborhood": "Boston",
        "open_dt": datetime(2015, 3, 3, 10),  # noqa: DTZ001 - local, as in the file
        "target_dt": datetime(2015, 3, 4, 10),  # noqa: DTZ001
        "latitude": 1.0,
        "longitude": 1.0,
    }
    pl.DataFrame([row]).write_parquet(tmp_path / "cases.parquet")
    (tmp_path / "outlines.json").write_text('{"features": []}')
    words = tmp_path / "categories.yaml"
    words.write_text("groups:\n\ncategories:\n")
    monkeypatch.setattr(boston, "CATEGORIES", words)
    monkeypatch.setattr(boston, "ROUTING", tmp_path / "routing.csv")
    arguments = [str(tmp_path / "cases.parquet"), str(tmp_path / "outlines.json")]

    assert boston.main([*arguments, "--check"]) == 1
    assert not (tmp_path / "routing.csv").exists()
    assert boston.main(arguments) == 0
    assert boston.main([*arguments, "--check"]) == 0
    assert "routing.csv written" in capsys.readouterr().out
    assert (tmp_path / "routing.csv").read_text() == (
        "hit,F\n"
        "category : text,area : text,-> organisation : text,-> unit : text,"
        "-> deadline : text,# note\n"
        "fallen-tree,-,parks,park-trees,P1BD,1 working day fits 100% of 1\n"
    )
