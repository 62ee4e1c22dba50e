"""Boston's file as cases: all of it, once, with nothing dropped and nothing invented.

What is expected is computed here from the file itself, not by the importer's own code.
"""

import csv
import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import shapely

from citysteward.grid.boston_311 import COLUMNS
from citysteward.kernel.areas import queries as areas
from citysteward.kernel.areas.models import Area
from citysteward.kernel.cases import actions
from citysteward.kernel.cases import queries as cases
from citysteward.kernel.cases.models import Case, Category, Finding, Task
from citysteward.kernel.cases.queries import CaseRow
from citysteward.kernel.journal import queries as journal
from citysteward.kernel.parties import queries as parties
from tests import city
from tests.databases import FreshDatabase
from tests.environment import ROOT
from tests.stories import boston as story

OUTLINES = ROOT / "packs/boston/areas/neighbourhoods.geojson"
GOOD = {
    "case_enquiry_id": "900001",
    "open_dt": "2015-07-01 08:30:00",
    "target_dt": "2015-07-15 08:30:00",
    "closed_dt": "",
    "on_time_status": "OVERDUE",
    "case_title": "Street Light Outages",
    "subject": "Public Works Department",
    "reason": "Street Lights",
    "type": "Street Light Outages",
    "queue": "PWDx_Street Light Outages",
    "location": "1 City Hall Square",
    "neighborhood": "Back Bay",
    "latitude": "42.3503",
    "longitude": "-71.0810",
    "source": "Constituent Call",
}


def csv_file(folder: Path, *changes: Mapping[str, str]) -> Path:
    """A later file: the good row once for each change, numbered from 900001."""
    path = folder / "later.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for i, change in enumerate(changes):
            writer.writerow({**GOOD, "case_enquiry_id": str(900_001 + i), **change})
    return path


def imported(number: int = 900_001) -> CaseRow:
    found = cases.case_by_number(str(number))
    assert found is not None
    return found


def entries() -> int:
    return len(journal.latest(limit=1_000_000))


@cache
def register() -> pl.DataFrame:
    return pl.read_parquet(city.FILE)


# -- the half-year


@pytest.mark.slow
class TestTheHalfYear:
    """58,119 cases, looked at from every side in one database."""

    def test_it_is_all_there_and_only_once(self, boston_full: FreshDatabase) -> None:
        self._counts()
        self._findings()
        self._areas()
        self._work_lists()
        self._again()

    def _counts(self) -> None:
        rows = register()
        assert Case.objects.count() == rows.height == 58_119
        assert set(Case.objects.values_list("number", flat=True)) == {
            str(number) for number in rows["case_enquiry_id"]
        }
        opened = rows.filter(pl.col("closed_dt").is_null()).height
        assert Case.objects.filter(status="open").count() == opened == 8_993
        assert Task.objects.filter(state="open").count() == Task.objects.count() == opened
        assert Case.objects.filter(suspended_at=city.SNAPSHOT).count() == 102
        overdue = rows.filter(
            pl.col("closed_dt").is_null()
            & pl.col("on_time_status").is_not_null()
            & (pl.col("target_dt") <= datetime(2016, 1, 13))  # noqa: DTZ001 - the file's own
        ).height
        assert Case.objects.filter(escalated_at=city.SNAPSHOT).count() == overdue
        kinds = Counter(entry.kind for entry in journal.latest(limit=1_000_000))
        assert {kind: kinds[kind] for kind in kinds if kind.startswith(("case.", "import."))} == {
            "case.opened": 58_119,
            "case.closed": 58_119 - opened,
            "case.suspended": 102,
            "case.escalated": overdue,
            "import.finished": 1,
        }
        states = journal.lake_report()
        (held,) = [state.rows for state in states if state.dataset == "case_facts"]
        assert held == 58_119 + (58_119 - opened) + 102 + overdue

    def _findings(self) -> None:
        rows = register()
        nowhere = (pl.col("latitude") == 42.3594) & (pl.col("longitude") == -71.0587)
        counted = {found.kind: found.cases for found in cases.finding_counts("boston")}
        assert counted["closed_before_opened"] == 84
        assert (
            counted["closed_before_opened"]
            == rows.filter(pl.col("closed_dt") < pl.col("open_dt")).height
        )
        assert counted["place_unknown"] == rows.filter(nowhere).height == 8_752
        assert not Case.objects.filter(longitude=-71.0587, latitude=42.3594).exists()
        of_no_area = Case.objects.filter(area=None)
        assert counted["area_unknown"] == of_no_area.filter(longitude=None).count()
        assert counted["outside_areas"] == of_no_area.exclude(longitude=None).count()

    def _areas(self) -> None:
        """The file's neighbourhood, else the polygon of the place, else unknown."""
        outlines = _outlines()
        found = dict(Case.objects.values_list("number", "area__code"))
        aliases = {alias: area.code for area in _pack_areas() for alias in area.aliases}
        wrong = []
        for row in register().iter_rows(named=True):
            said = (row["neighborhood"] or "").strip()
            place = (row["longitude"], row["latitude"])
            expected: set[str | None]
            if said:
                expected = {aliases[said]}
            elif place == (-71.0587, 42.3594):
                expected = {None}
            else:
                point = shapely.Point(*place)
                expected = {code for code, shape in outlines if shape.covers(point)}
                expected = expected or {None}
            if found[str(row["case_enquiry_id"])] not in expected:
                wrong.append((row["case_enquiry_id"], said, place, expected))
        assert wrong == []

    def _work_lists(self) -> None:
        """Every open case waits with its department, and with nobody else."""
        waiting = register().filter(pl.col("closed_dt").is_null())
        per_subject = dict(waiting.group_by("subject").len().iter_rows())
        for who, subject in (
            ("paul", "Public Works Department"),
            ("ines", "Inspectional Services"),
        ):
            own = cases.work_list(story.persona(who), "boston")
            assert own.count() == per_subject[subject]
            assert {task.case.organisation_id for task in own} == {own[0].organisation_id}
        assert cases.work_list(story.persona("cheng"), "boston").count() == 0
        assert cases.work_list(story.persona("dora"), "boston").count() == 0
        names = Task.objects.values_list("organisation__aliases", flat=True)
        assert Counter(aliases[0] for aliases in names) == Counter(per_subject)

    def _again(self) -> None:
        before = entries()
        report = city.import_boston()
        assert (report.rows, report.added, report.known) == (58_119, 0, 58_119)
        assert (report.refused, report.findings, report.new_names) == ([], {}, {})
        assert entries() == before
        assert Case.objects.count() == 58_119


def _outlines() -> list[tuple[str, Any]]:
    by_name = {area.names.en: area.code for area in _pack_areas()}
    by_code = {area.code: area.code for area in _pack_areas()}
    found = []
    for feature in json.loads(OUTLINES.read_text())["features"]:
        values = [str(value) for value in feature["properties"].values()]
        code = next(
            (names[value] for value in values for names in (by_code, by_name) if value in names),
            None,
        )
        assert code, feature["properties"]
        found.append((code, shapely.from_geojson(json.dumps(feature["geometry"]))))
    return found


def _pack_areas() -> list[Area]:
    return areas.areas("boston")


# -- later files


def test_new_names_are_added_journalled_and_told(boston_db: None, tmp_path: Path) -> None:
    path = csv_file(
        tmp_path,
        {"type": "Robot Outages", "reason": "Robots", "queue": "ROBO_Robots", "subject": "Robots"},
        {"neighborhood": "Atlantis"},
        {},
    )
    before = entries()
    report = city.import_boston(path)
    assert (report.rows, report.added, report.known) == (3, 3, 0)
    assert report.new_names == {
        "neighborhood": ["Atlantis"],
        "subject": ["Robots"],
        "queue": ["ROBO_Robots"],
        "type": ["('Robots', 'Robot Outages')"],
    }
    robot = imported()
    assert robot.category.names.en == "Robot Outages"
    assert not robot.category.public
    assert story.whose(robot) == ("robots", "robo-robots")
    organisation = parties.organisation("robo-robots")
    assert organisation is not None
    assert organisation.parent is not None
    assert organisation.parent.code == "robots"
    drowned = imported(900_002)
    assert drowned.area is not None
    assert drowned.area.names.en == "Atlantis"
    kinds = Counter(entry.kind for entry in journal.latest(limit=entries() - before))
    assert kinds["categories.loaded"] == 1
    assert kinds["import.finished"] == 1
    again = city.import_boston(path)
    assert (again.added, again.known, again.new_names) == (0, 3, {})


def test_malformed_rows_are_refused_by_line_and_the_rest_is_in(
    boston_db: None, tmp_path: Path
) -> None:
    path = csv_file(
        tmp_path,
        {},
        {"open_dt": "yesterday"},
        {"case_enquiry_id": "900001"},
        {"latitude": "north"},
        {"on_time_status": "LATE"},
        {},
    )
    report = city.import_boston(path)
    assert (report.rows, report.added, report.known) == (6, 2, 0)
    assert [(one.line, one.field) for one in report.refused] == [
        (3, "open_dt"), (4, "case_enquiry_id"), (5, "latitude"), (6, "on_time_status"),
    ]  # fmt: skip
    assert all(one.reason.en and one.reason.zh for one in report.refused)
    assert {case.number for case in Case.objects.all()} == {"900001", "900006"}
    (finished,) = journal.latest(kinds=["import.finished"])
    told = finished.data()
    assert (told["added"], told["known"], told["refused"]) == (2, 0, 4)


def test_a_file_with_nothing_good_changes_nothing(boston_db: None, tmp_path: Path) -> None:
    before = entries()
    report = city.import_boston(csv_file(tmp_path, {"open_dt": ""}))
    assert (report.rows, report.added, len(report.refused)) == (1, 0, 1)
    assert entries() == before


def test_where_it_is_comes_from_the_file_then_from_the_map(boston_db: None, tmp_path: Path) -> None:
    nowhere = {"latitude": "42.3594", "longitude": "-71.0587"}
    city.import_boston(
        csv_file(
            tmp_path,
            {"neighborhood": "Beacon Hill"},
            {"neighborhood": ""},
            {"neighborhood": "", **nowhere},
            {"neighborhood": "", "latitude": "42.2626", "longitude": "-71.8023"},
            {"neighborhood": "Beacon Hill", **nowhere},
        )
    )
    found = Case.objects.order_by("number").values_list("area__code", "longitude")
    assert list(found) == [
        ("boston-beacon-hill", -71.0810),
        ("boston-back-bay", -71.0810),
        (None, None),
        (None, -71.8023),
        ("boston-beacon-hill", None),
    ]
    findings = Finding.objects.order_by("case__number", "kind").values_list("case__number", "kind")
    assert list(findings) == [
        ("900003", "area_unknown"),
        ("900003", "place_unknown"),
        ("900004", "outside_areas"),
        ("900005", "place_unknown"),
    ]


def test_a_case_that_names_nobody_waits_with_the_dispatcher(
    boston_db: None, tmp_path: Path
) -> None:
    city.import_boston(csv_file(tmp_path, {"subject": "", "queue": "", "type": ""}))
    case = imported()
    assert case.category.code == "unstated"
    assert story.on_list("dora", case) == ["dispatch"]
    assert story.on_list("paul", case) == []
    case = story.finish(
        case, actions.Completion("send", organisation="inspectional-services"), "dora"
    )
    assert story.on_list("ines", case) == ["handle"]


def test_times_are_the_citys_own(boston_db: None, tmp_path: Path) -> None:
    city.import_boston(
        csv_file(
            tmp_path,
            {"open_dt": "2015-01-15 08:30:00"},
            {"open_dt": "2015-03-08 02:30:00", "closed_dt": "2015-11-01 01:30:00"},
        )
    )
    first, second = imported(), imported(900_002)
    assert first.opened_at == datetime(2015, 1, 15, 13, 30, tzinfo=UTC)
    assert second.opened_at == datetime(2015, 3, 8, 7, 30, tzinfo=UTC), "the clock skips 2:30"
    assert second.closed_at == datetime(2015, 11, 1, 5, 30, tzinfo=UTC), "the first of two 1:30"
    opened, closed = journal.entries_of(second.subject)
    assert (opened.occurred_at, closed.occurred_at) == (second.opened_at, second.closed_at)
    assert opened.actor == "import:boston-311"


def test_an_imported_case_goes_on_as_if_it_had_been_opened_here(
    boston_db: None, tmp_path: Path
) -> None:
    """Overdue in the snapshot, it is escalated from then on; in time, when its hour comes."""
    later = {"target_dt": "2016-02-01 08:30:00", "on_time_status": "ONTIME"}
    city.import_boston(csv_file(tmp_path, {}, later, {"target_dt": "", "on_time_status": "ONTIME"}))
    overdue, running, untimed = (imported(900_001 + i) for i in range(3))
    assert overdue.escalated_at == city.SNAPSHOT
    assert [case.next_timer_at for case in (overdue, untimed)] == [None, None]
    assert running.escalated_at is None
    assert running.due_at == running.next_timer_at
    assert running.due_at is not None
    assert actions.due_cases(running.due_at) == [running.pk]
    actions.tick(running.pk, actor=story.TICKER, now=running.due_at)
    assert imported(900_002).escalated_at == running.due_at
    for case in (overdue, running, untimed):
        assert story.on_list("paul", case) == ["handle"]
        done = story.handle_and_close(case)
        assert done.status == "closed"
        assert story.verbs(done).count("case.escalated") == (0 if case == untimed else 1)
        facts = story.facts(done)
        assert [fact["seq"] for fact in facts] == list(range(1, done.seq + 1))


def test_a_suspended_case_runs_on_from_its_snapshot(boston_db: None, tmp_path: Path) -> None:
    city.import_boston(csv_file(tmp_path, {"on_time_status": ""}))
    case = imported()
    assert case.suspended_at == city.SNAPSHOT
    assert case.escalated_at is None
    assert actions.due_cases(city.SNAPSHOT) == []
    before = case.due_at
    actions.resume(case.pk, grounds="Goes on.", actor=story.persona("dora"))
    case = imported()
    assert before is not None
    ((since, until),) = case.suspensions
    stood_still = datetime.fromisoformat(until) - datetime.fromisoformat(since)
    assert datetime.fromisoformat(since) == city.SNAPSHOT
    assert case.due_at is not None
    assert abs((case.due_at - before - stood_still).total_seconds()) < 1
    assert story.waiting(case).due_at == case.due_at


def test_texts_longer_than_their_columns_are_cut(boston_db: None, tmp_path: Path) -> None:
    names = {name: name[0] * 300 for name in ("subject", "queue", "reason", "type", "neighborhood")}
    report = city.import_boston(
        csv_file(tmp_path, {"case_title": "t" * 500, "location": "l" * 500, **names})
    )
    assert report.added == 1
    case = imported()
    assert (len(case.title), len(case.address)) == (300, 300)
    assert case.category.aliases == ["t" * 200]
    assert case.area is not None
    assert case.area.aliases == ["n" * 200]
    assert story.whose(case) == ("s" * 80, "q" * 80)


def test_names_that_make_the_same_code_stay_apart(boston_db: None, tmp_path: Path) -> None:
    """As all names of another script do, of which no letter fits a code."""
    spellings = ("X Y", "X-Y", "道路", "公园")
    columns = ("subject", "queue", "type", "neighborhood")
    changes = [dict.fromkeys(columns, name) for name in spellings]
    city.import_boston(csv_file(tmp_path, *changes))
    found = [imported(900_001 + i) for i in range(len(spellings))]
    assert [case.area.names.en for case in found if case.area] == list(spellings)
    assert [case.unit.names.en for case in found if case.unit] == list(spellings)
    assert [case.organisation.names.en for case in found if case.organisation] == list(spellings)
    assert [case.category.names.en for case in found] == list(spellings)
    again = city.import_boston(csv_file(tmp_path, *changes, {"subject": "道路"}))
    assert (again.added, again.new_names) == (1, {})


def test_two_types_of_one_name_in_two_groups_are_two_categories(
    boston_db: None, tmp_path: Path
) -> None:
    changes = [{"type": "Call Log Two", "reason": reason} for reason in ("Group A", "Group B")]
    city.import_boston(csv_file(tmp_path, *changes))
    codes = list(Category.objects.filter(aliases=["Call Log Two"]).values_list("code", flat=True))
    assert codes == ["call-log-two", "group-b-call-log-two"]
    assert [imported(900_001 + i).category.group_names.en for i in range(2)] == [
        "Group A",
        "Group B",
    ]


def test_open_means_a_task_and_closed_means_none(boston_db: None, tmp_path: Path) -> None:
    city.import_boston(csv_file(tmp_path, {}, {"closed_dt": "2015-07-02 08:30:00"}))
    assert list(Task.objects.values_list("case__number", "node", "due_at")) == [
        ("900001", "handle", imported().due_at)
    ]
    closed = imported(900_002)
    assert (closed.status, closed.state, closed.next_timer_at) == ("closed", None, None)
