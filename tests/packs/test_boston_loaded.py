"""Boston's pack as loaded: every case finds its area, organisation and working time."""

from collections import Counter
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import shapely
from django.conf import settings as django_settings
from pytest_django import Settings

from citysteward.kernel.areas import queries as areas
from citysteward.kernel.areas import registry as areas_registry
from citysteward.kernel.calendar import queries as calendars
from citysteward.kernel.calendar import registry as calendar_registry
from citysteward.kernel.journal.types import Actor
from citysteward.kernel.parties import queries as parties
from citysteward.kernel.parties import registry as parties_registry
from citysteward.kernel.parties.types import Kind, Role
from citysteward.lib.packs import PackReader, silent

PACK = Path(django_settings.SOURCE).parents[1] / "packs" / "boston"
LOADER = Actor("test:loader")
NOWHERE = (42.3594, -71.0587)
CHECKS = (
    calendar_registry.check,
    areas_registry.check,
    parties_registry.check_organisations,
    parties_registry.check_people,
)
LOADS = (
    calendar_registry.load,
    areas_registry.load,
    parties_registry.load_organisation_file,
    parties_registry.load_people,
)


@pytest.fixture(scope="module")
def cases() -> pl.DataFrame:
    return pl.read_parquet(PACK / "data" / "boston_311_2015_h1.parquet")


@pytest.fixture
def boston(db: None, settings: Settings) -> PackReader:
    settings.CITYSTEWARD_DEMO = True
    pack = PackReader(PACK)
    for load in LOADS:
        load(pack, LOADER, silent)
    return pack


def test_nothing_is_wrong_with_the_pack() -> None:
    pack = PackReader(PACK)
    assert [finding for check in CHECKS for finding in check(pack)] == []


def test_loading_it_again_changes_nothing(boston: PackReader) -> None:
    for load in LOADS:
        report = load(boston, LOADER, silent)
        assert (report.created, report.changed) == (0, 0)
        assert report.unchanged > 0


def test_every_case_has_the_area_that_the_file_or_its_point_says(
    boston: PackReader, cases: pl.DataFrame
) -> None:
    tree = areas.tree("boston")
    named = [tree.named(name) if name else None for name in cases["neighborhood"]]
    longitudes, latitudes = cases["longitude"].to_numpy(), cases["latitude"].to_numpy()
    nowhere = (latitudes == NOWHERE[0]) & (longitudes == NOWHERE[1])
    points = tree.locate_arrays(np.where(nowhere, np.nan, longitudes), latitudes)
    source = Counter(
        "file" if by_name else "outline" if by_point else "none"
        for by_name, by_point in zip(named, points, strict=True)
    )
    assert len(cases) == 58_119
    assert int(nowhere.sum()) == 8_752
    assert source == {"file": 51_754, "outline": 52, "none": 6_313}
    # Every name of the file is known: no name was dropped silently.
    assert [a for a, name in zip(named, cases["neighborhood"], strict=True) if name and not a] == []
    given = Counter(
        by_name or by_point or "" for by_name, by_point in zip(named, points, strict=True)
    )
    # The file's 23 names, and two parts of Downtown that only a point can tell.
    assert len(set(given) - {""}) == 25
    assert given["boston-west-end"] == 1
    assert given["boston"] == 1_026
    assert given["boston-dorchester"] == 6_989 + 1
    assert given["boston-downtown-financial-district"] == 3_363
    assert given["boston-downtown"] == 9
    assert given["boston-chestnut-hill"] == 4


def test_every_point_is_located_as_by_looking_at_every_outline(
    boston: PackReader, cases: pl.DataFrame
) -> None:
    tree = areas.tree("boston")
    points = list(cases.select("longitude", "latitude").iter_rows())
    found = tree.locate(points)
    assert sum(one is not None for one in found) == 58_099
    outlined = {code: outline for code in tree.codes if (outline := tree.outline(code))}
    assert len(outlined) == 25
    for i in range(0, len(points), 97):
        holders = [c for c, o in outlined.items() if o.intersects(shapely.Point(points[i]))]
        best = min(holders, key=lambda code: (-len(tree.lineage(code)), code), default=None)
        assert found[i] == best


def test_the_tree_of_areas(boston: PackReader) -> None:
    everything = areas.areas("boston")
    assert len(everything) == 1 + 31
    assert len(areas.outlines("boston")["features"]) == 25
    assert areas.subtree("boston-allston-brighton") == {
        "boston-allston-brighton", "boston-allston", "boston-brighton",
    }  # fmt: skip
    assert areas.lineage("boston-chinatown") == [
        "boston-chinatown", "boston-downtown-financial-district", "boston",
    ]  # fmt: skip


def test_every_subject_and_queue_is_an_organisation(
    boston: PackReader, cases: pl.DataFrame
) -> None:
    chart = parties.chart("boston")
    subjects, queues = cases["subject"].unique(), cases["queue"].unique()
    assert (len(subjects), len(queues)) == (16, 140)
    departments = {chart.named(subject, Kind.DEPARTMENT) for subject in subjects}
    units = {chart.named(queue, Kind.UNIT) for queue in queues}
    assert None not in departments | units
    assert (len(departments), len(units)) == (16, 140)
    assert len(parties.organisations("boston", Kind.UNIT)) == 140


def test_the_people_of_the_demonstration(boston: PackReader) -> None:
    personas = parties.personas()
    assert len(personas) >= 10
    assert {role for one in personas for role in one.roles} == set(Role)
    assert all(one.names.zh and one.note.zh and one.post.zh for one in personas)


def test_without_demo_mode_nobody_is_made(db: None, settings: Settings) -> None:
    settings.CITYSTEWARD_DEMO = False
    report = parties_registry.load_people(PackReader(PACK), LOADER, silent)
    assert (report.created, report.changed, report.unchanged) == (0, 0, 0)


def test_short_targets_of_the_city_agree_with_the_calendar(
    boston: PackReader, cases: pl.DataFrame
) -> None:
    """Requests that the city gives two working days, of all months: to the minute."""
    clock = calendars.calendar("boston")
    rows = cases.filter(
        (pl.col("type") == "Street Light Outages")
        & pl.col("target_dt").is_not_null()
        & (pl.col("open_dt") >= pl.datetime(2015, 3, 1))
    )
    local = rows.select(
        pl.col("open_dt", "target_dt").dt.replace_time_zone(
            "America/New_York", ambiguous="earliest", non_existent="null"
        )
    )
    lengths = Counter(
        round(clock.working_seconds(opened, target) / 3600 / 8.5, 1)
        for opened, target in local.iter_rows()
    )
    (days, count), *_ = lengths.most_common(1)
    assert days == int(days)
    assert count > 0.9 * len(local)
    due = [clock.add(opened, f"P{int(days)}BD") for opened, _ in local.iter_rows()]
    agree = sum(
        abs((one - target).total_seconds()) < 15 * 60
        for one, target in zip(due, local["target_dt"], strict=True)
    )
    assert agree > 0.9 * len(local)
