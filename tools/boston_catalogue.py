"""Boston's catalogue and routing table, derived from the city's own cases.

    python -m tools.boston_catalogue CASES.parquet OUTLINES.geojson [--check]

`packs/boston/categories.yaml` is kept by hand, for its words; this adds an entry for each group
and category of the cases that it lacks, with the Chinese left empty for a translator.
`packs/boston/procedures/service-request/routing.csv` is written anew. `--check` writes nothing
and fails where either file would change. How each value is inferred, and how well it fits:
`packs/boston/SOURCES.md`.
"""

import argparse
import csv
import io
import json
import re
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import holidays
import numpy as np
import numpy.typing as npt
import polars as pl
import shapely
import yaml

PACK = Path(__file__).parents[1] / "packs" / "boston"
CATEGORIES = PACK / "categories.yaml"
ROUTING = PACK / "procedures" / "service-request" / "routing.csv"
# The head of a decision table: the first rule that matches decides, all cells are plain words.
HIT_POLICY = ("hit", "F")
COLUMNS = (
    "category : text",
    "area : text",
    "-> organisation : text",
    "-> unit : text",
    "-> deadline : text",
    "# note",
)
ANY = "-"

CITY = "boston"
# The city's "no place known": 8,752 cases lie on this one point.
NO_PLACE = (42.3594, -71.0587)

# The city's offices count working time from 08:30 to 17:00: a case that comes in after hours
# gets a target at 08:30, one that comes in during them a target at its own time of day.
OFFICE_OPENS = 8 * 3600 + 30 * 60
OFFICE_CLOSES = 17 * 3600
DAY = 86_400
HOUR = 3600
# Crews file some cases minutes after the clock has started.
TOLERANCE = 15 * 60
# The city counts short times in working days, this many at most, and longer ones in days.
LONGEST_WORKING = 45
# Around midday of 16 February 2015 (Presidents' Day) the city replaced its targets.
STANDARDS_SINCE = datetime(2015, 2, 17)  # noqa: DTZ001 - the file's times are local, without zone

# Where a case waits to be given to another department; nobody works from it.
TRANSIT = "INFO_Reallocation From Dept"
# Queues that divide the city among themselves.
DISTRICTS = ("PWDx_District ", "BTDT_District ", "PARK_Maintenance_Region ")
# A category is worked by district if most of its cases are, and there are enough to tell.
DISTRICT_SHARE, DISTRICT_CASES = 0.5, 30
# A district is responsible for an area if it clearly holds most of what districts do there.
AREA_SHARE, AREA_CASES = 0.6, 5

Seconds = npt.NDArray[np.int64]
Moments = npt.NDArray[np.datetime64]


@dataclass(frozen=True)
class Duration:
    """A time allowed: working days (BD), days on the wall clock (D) or hours (H)."""

    number: int
    unit: str

    def __str__(self) -> str:
        return f"P{'T' if self.unit == 'H' else ''}{self.number}{self.unit}"

    @property
    def words(self) -> str:
        unit = {"BD": "working day", "D": "day", "H": "hour"}[self.unit]
        return f"{self.number} {unit}{'' if self.number == 1 else 's'}"


@dataclass(frozen=True)
class Targets:
    """Openings and the targets that the city gave them: local times without zone."""

    opened: Moments
    target: Moments
    calendar: np.busdaycalendar

    def fits(self, duration: Duration) -> int:
        """How many of the targets the duration explains."""
        miss = (self.target - due(self.opened, duration, self.calendar)).astype("timedelta64[s]")
        return int((np.abs(miss.astype(np.int64)) <= TOLERANCE).sum())

    def share(self, duration: Duration) -> str:
        return f"{duration.words} fits {self.fits(duration) / len(self.target):.0%}"


@dataclass(frozen=True)
class Category:
    """A category of categories.yaml, with the exact texts by which the cases name it."""

    code: str
    reason: str
    type: str


Row = tuple[str, str, str, str, str, str]


def slug(text: str) -> str:
    """The pack's code for a text of the file: "Parks & Recreation" is `parks-recreation`."""
    return re.sub(r"[^a-z0-9]+", "-", re.sub("['’]", "", text.lower())).strip("-")


def tidy(text: str) -> str:
    """The file's text without its doubled spaces."""
    return " ".join(text.split())


# Deadlines


def massachusetts() -> np.busdaycalendar:
    """Monday to Friday without the public holidays of Massachusetts, for the targets' years."""
    days = holidays.country_holidays("US", subdiv="MA", years=range(2014, 2021))
    return np.busdaycalendar(holidays=np.array(sorted(days), dtype="datetime64[D]"))


def clock_start(opened: Moments, calendar: np.busdaycalendar) -> tuple[Moments, Seconds]:
    """Working day and second of it at which working time starts to run for each opening."""
    day = opened.astype("datetime64[D]")
    second = (opened - day).astype("timedelta64[s]").astype(np.int64)
    working = np.is_busday(day, busdaycal=calendar)
    late = working & (second >= OFFICE_CLOSES)
    during = working & ~late & (second >= OFFICE_OPENS)
    first = np.busday_offset(day + late, 0, roll="forward", busdaycal=calendar)
    return first, np.where(during, second, OFFICE_OPENS)


def due(opened: Moments, duration: Duration, calendar: np.busdaycalendar) -> Moments:
    """Local targets a duration after the openings, both without zone."""
    if duration.unit != "BD":
        seconds = duration.number * (DAY if duration.unit == "D" else HOUR)
        return opened + np.timedelta64(seconds, "s")
    first, second = clock_start(opened, calendar)
    day: Moments = np.busday_offset(first, duration.number, busdaycal=calendar)
    moment: Moments = day + second.astype("timedelta64[s]")
    return moment


def infer(targets: Targets) -> Duration:
    """The duration that explains most targets. Raises ValueError if none lies after its opening.

    Constant days are days on the wall clock: the city's targets keep the time of day over the
    change to summer time. At a tie the city's own habit decides: LONGEST_WORKING.
    """
    elapsed = (targets.target - targets.opened).astype("timedelta64[s]").astype(np.int64)
    first, _ = clock_start(targets.opened, targets.calendar)
    last = np.busday_offset(
        targets.target.astype("datetime64[D]"), 0, roll="backward", busdaycal=targets.calendar
    )
    counts = {
        "BD": np.busday_count(first, last, busdaycal=targets.calendar),
        "D": np.rint(elapsed / DAY).astype(np.int64),
        "H": np.rint(elapsed / HOUR).astype(np.int64),
    }
    choices = [
        Duration(number, unit)
        for unit, numbers in counts.items()
        for number, _ in Counter(numbers[numbers > 0].tolist()).most_common(3)
    ]
    if not choices:
        raise ValueError("no target lies after its opening")
    return max(choices, key=lambda one: (targets.fits(one), _habit(one)))


def _habit(duration: Duration) -> int:
    """The city's own way of counting, as a rank: the higher, the likelier."""
    if duration.unit == "BD":
        return 2 if duration.number <= LONGEST_WORKING else 0
    return 1 if duration.unit == "D" else 0


def deadline(cases: pl.DataFrame, calendar: np.busdaycalendar) -> tuple[str, str]:
    """A category's duration ("" for none) and the note that says how well it fits.

    It is the one in force at the end, even where an earlier one explains more of the cases.
    """
    recent = pl.col("open_dt") >= STANDARDS_SINCE
    timed = cases.filter(pl.col("target_dt").is_not_null())
    in_force = cases.filter(recent) if cases.filter(recent).height else cases
    if 2 * in_force["target_dt"].count() < in_force.height or timed.is_empty():
        return "", f"{timed.height} of {cases.height} cases have a target"
    late, early = (
        _targets(timed.filter(recent), calendar),
        _targets(timed.filter(~recent), calendar),
    )
    everything = _targets(timed, calendar)
    standard = infer(late if len(late.target) else everything)
    if 2 * early.fits(standard) >= len(early.target):
        return str(standard), f"{everything.share(standard)} of {timed.height}"
    return str(standard), (
        f"{late.share(standard)} of {len(late.target)} since {STANDARDS_SINCE:%Y-%m-%d}, "
        f"{early.share(infer(early))} of {len(early.target)} before"
    )


def _targets(cases: pl.DataFrame, calendar: np.busdaycalendar) -> Targets:
    opened = cases["open_dt"].to_numpy().astype("datetime64[s]")
    return Targets(opened, cases["target_dt"].to_numpy().astype("datetime64[s]"), calendar)


# Responsible units


def located(cases: pl.DataFrame, outlines: Mapping[str, shapely.Geometry]) -> pl.Series:
    """The outlined neighbourhood that holds each case's point; null without a known place."""
    names = list(outlines)
    points = shapely.points(cases["longitude"].to_numpy(), cases["latitude"].to_numpy())
    found: list[str | None] = [None] * cases.height
    tree = shapely.STRtree(list(outlines.values()))
    for case, outline in zip(*tree.query(points, predicate="intersects"), strict=True):
        found[case] = names[outline]
    latitude, longitude = NO_PLACE
    nowhere = (pl.col("latitude") == latitude) & (pl.col("longitude") == longitude)
    placed = cases.select(~nowhere).to_series()
    known = [name if here else None for name, here in zip(found, placed, strict=True)]
    return pl.Series(known, dtype=pl.String)


def district_areas(
    cases: pl.DataFrame, outlines: Mapping[str, shapely.Geometry]
) -> dict[str, list[tuple[str, str, str]]]:
    """For each family of DISTRICTS, (area code, queue, note) where one queue is responsible.

    All cases that a family's districts hold are counted together: who is responsible for a
    place does not depend on what is reported there. An area is a neighbourhood as the file
    names it, or as the outlines do; a case counts once for each of the two.
    """
    named = cases.with_columns(area=pl.col("neighborhood"))
    drawn = cases.with_columns(area=located(cases, outlines)).filter(
        pl.col("area").ne_missing(pl.col("neighborhood"))
    )
    held = pl.concat([named, drawn]).filter(pl.col("area").is_not_null())
    areas: dict[str, list[tuple[str, str, str]]] = {family: [] for family in DISTRICTS}
    for family, found in areas.items():
        in_family = held.filter(pl.col("queue").str.starts_with(family))
        for area in sorted(set(in_family["area"]) - {CITY.title()}, key=slug):
            queues = in_family.filter(pl.col("area") == area)["queue"]
            queue, number = _most_usual(queues)
            if queues.len() >= AREA_CASES and number / queues.len() >= AREA_SHARE:
                share = f"holds {number / queues.len():.0%} of {queues.len()} district cases here"
                found.append((f"{CITY}-{slug(area)}", queue, share))
    return areas


def _most_usual(values: pl.Series) -> tuple[str, int]:
    """The value with most cases, first by alphabet among equals, and its number."""
    return min(Counter(values.to_list()).items(), key=lambda one: (-one[1], one[0]))


def _family(queue: str) -> str:
    return next((family for family in DISTRICTS if queue.startswith(family)), "")


def _department(queue: str) -> str:
    return queue.partition("_")[0]


def deciding_family(queues: pl.Series, own: str) -> str:
    """The family of districts that works a category of these cases; "" where none does.

    `own`: the department of the category's organisation, as the queues abbreviate it.
    """
    worked = queues.filter(queues != TRANSIT).to_list()
    family, number = Counter(map(_family, worked)).most_common(1)[0] if worked else ("", 0)
    enough = len(worked) >= DISTRICT_CASES and number >= DISTRICT_SHARE * len(worked)
    return family if enough and _department(family) == own else ""


def central_unit(queues: pl.Series, own: str, everywhere: Mapping[str, int]) -> str:
    """The queue of a category's cases wherever no area decides.

    The file says where cases ended, and many ended where they were passed on to. So: the queue
    that holds half of them; else the organisation's own that holds a tenth, or that is there for
    this category (half of its cases `everywhere` are of it); else its administration, to assign.
    """
    worked: list[str] = queues.filter(queues != TRANSIT).to_list()
    central = Counter(queue for queue in worked if not _family(queue))
    ranked = sorted(central.items(), key=lambda one: (-one[1], one[0]))
    if ranked and 2 * ranked[0][1] >= len(worked):
        return ranked[0][0]
    for queue, number in ranked:
        matters = 10 * number >= len(worked) or 2 * number >= everywhere[queue]
        if _department(queue) == own and matters:
            return queue
    administrations = [queue for queue in everywhere if queue.startswith(f"{own}_Administrat")]
    return min(administrations, default=_most_usual(queues)[0])


# The two files


def catalogue(text: str) -> list[Category]:
    """The categories of categories.yaml, one for each pair of exact texts."""
    declared = yaml.safe_load(text)
    reasons = {group["code"]: group["aliases"] for group in declared["groups"] or ()}
    return [
        Category(one["code"], reason, alias)
        for one in declared["categories"] or ()
        for reason in reasons[one["group"]]
        for alias in one["aliases"]
    ]


def completed(text: str, cases: pl.DataFrame) -> str:
    """categories.yaml with an entry, still without Chinese, for each text that it lacks."""
    known = {(one.reason, one.type) for one in catalogue(text)}
    codes = {one.code for one in catalogue(text)}
    reasons = {one.reason for one in catalogue(text)}
    groups, entries = "", ""
    for reason, kind in sorted(set(cases.select("reason", "type").rows()) - known):
        if reason not in reasons:
            reasons.add(reason)
            groups += (
                f'  - code: {slug(reason)}\n    names: {{en: {_quoted(tidy(reason))}, zh: ""}}\n'
                f"    aliases: [{_quoted(reason)}]\n"
            )
        code = f"{slug(reason)}-{slug(kind)}" if slug(kind) in codes else slug(kind)
        codes.add(code)
        entries += (
            f"  - code: {code}\n    group: {slug(reason)}\n"
            f'    names: {{en: {_quoted(tidy(kind))}, zh: ""}}\n'
            f"    aliases: [{_quoted(kind)}]\n    public: false\n"
        )
    head, tail = text.split("\ncategories:\n")
    return f"{head}{groups}\ncategories:\n{tail}{entries}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def routing(
    cases: pl.DataFrame,
    categories: Sequence[Category],
    outlines: Mapping[str, shapely.Geometry],
) -> list[Row]:
    """Rows of routing.csv, first match first: each category's areas, then the rest of the city."""
    calendar = massachusetts()
    by_district = district_areas(cases, outlines)
    departments = {
        subject: _department(_most_usual(own["queue"])[0])
        for (subject,), own in cases.group_by("subject")
    }
    everywhere = Counter(cases["queue"].to_list())
    rows: list[Row] = []
    for category in sorted(categories, key=lambda one: one.code):
        mine = cases.filter(
            (pl.col("reason") == category.reason) & (pl.col("type") == category.type)
        )
        if mine.is_empty():
            continue
        subject, _ = _most_usual(mine["subject"])
        own = departments[subject]
        unit = central_unit(mine["queue"], own, everywhere)
        duration, fit = deadline(mine, calendar)
        head, family = (category.code, slug(subject)), deciding_family(mine["queue"], own)
        for area, queue, share in by_district.get(family, ()):
            rows.append((head[0], area, head[1], slug(queue), duration, share))
        rows.append((head[0], ANY, head[1], slug(unit), duration, fit))
    return rows


def as_csv(rows: Sequence[Row]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([HIT_POLICY, COLUMNS, *rows])
    return out.getvalue()


def read_outlines(path: Path) -> dict[str, shapely.Geometry]:
    """Outlines of a GeoJSON file by the property `name`."""
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    return {
        one["properties"]["name"]: shapely.from_geojson(json.dumps(one["geometry"]))
        for one in features
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("cases", type=Path, help="Parquet file of the city's cases")
    parser.add_argument("outlines", type=Path, help="GeoJSON file of the neighbourhoods")
    parser.add_argument("--check", action="store_true", help="write nothing, fail on a change")
    options = parser.parse_args(arguments)
    cases = pl.read_parquet(options.cases)
    words = completed(CATEGORIES.read_text(encoding="utf-8"), cases)
    table = as_csv(routing(cases, catalogue(words), read_outlines(options.outlines)))
    changed = 0
    for path, text in ((CATEGORIES, words), (ROUTING, table)):
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        changed += 1
        print(f"{path.name} {'differs' if options.check else 'written'}")
        if not options.check:
            path.write_text(text, encoding="utf-8")
    return 1 if options.check and changed else 0


if __name__ == "__main__":
    sys.exit(main())
