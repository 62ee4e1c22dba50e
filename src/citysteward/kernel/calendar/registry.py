"""What the calendar declares at start-up: its verbs and its section of a pack."""

from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field

from citysteward.kernel.calendar import events, seeds
from citysteward.kernel.calendar.actions import CalendarDefinition, load_calendar
from citysteward.kernel.calendar.rules import CalendarError, DayEnd, read_hours
from citysteward.kernel.journal import registry as journal
from citysteward.kernel.journal.types import Actor
from citysteward.lib.packs import (
    LoadReport,
    PackFinding,
    PackReader,
    Progress,
    Section,
    register,
)
from citysteward.lib.words import Words, WordsField

FILE = "calendar.yaml"
Weekday = Literal[
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"
]  # fmt: skip
WEEKDAYS: tuple[Weekday, ...] = (
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
)  # fmt: skip


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SourceDef(_Strict):
    """Where the days off come from, and for which years."""

    name: str
    first_year: int = Field(ge=seeds.EARLIEST, le=seeds.LATEST)
    last_year: int = Field(ge=seeds.EARLIEST, le=seeds.LATEST)


class CalendarFile(_Strict):
    """`calendar.yaml`."""

    code: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)
    names: WordsField
    zone: str
    hours: dict[Weekday, tuple[str, ...]] = Field(min_length=1)
    holidays: SourceDef
    business_day_ends: DayEnd
    calendar_day_ends: DayEnd
    day_names: dict[str, WordsField] = {}


def declare_all() -> None:
    """Called once by the app's `ready`."""
    journal.declare(events.CALENDAR_LOADED)
    journal.declare(events.DAYS_EDITED)
    register(Section("calendar", order=10, check=check, load=load))


def check(pack: PackReader) -> list[PackFinding]:
    """Zones, hours and sources that don't exist, by line."""
    if not pack.exists(FILE):
        return []
    declared, found = pack.model(FILE, CalendarFile)
    if declared is None:
        return found
    for weekday, texts in declared.hours.items():
        try:
            read_hours(texts)
        except CalendarError as error:
            found.append(pack.finding(FILE, ("hours", weekday), _hours_words(error)))
    try:
        ZoneInfo(declared.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        words = Words(
            en=f"{declared.zone} is no time zone: write one like America/New_York.",
            zh=f"时区 {declared.zone} 不存在，请写作 Asia/Shanghai 这样的名称。",
        )
        found.append(pack.finding(FILE, ("zone",), words))
    found += _check_source(pack, declared.holidays)
    return found


def _check_source(pack: PackReader, source: SourceDef) -> list[PackFinding]:
    try:
        seed = seeds.seed(source.name, source.first_year, source.last_year)
    except seeds.UnknownSource as error:
        words = Words(
            en=f"The source of holidays can't be used: {error}.",
            zh="节假日来源无效：中国写 chinesecalendar，其他地区写 holidays:US-MA。",
        )
        return [pack.finding(FILE, ("holidays", "name"), words)]
    if seed.known_until.year < source.last_year:
        words = Words(
            en=f"After {seed.known_until} the holidays aren't announced yet: days follow the "
            "weekday and deadlines are shown as provisional.",
            zh=f"{seed.known_until} 之后的节假日安排尚未公布：暂按星期推算，时限显示为“暂定”。",
        )
        return [pack.finding(FILE, ("holidays", "last_year"), words, "warning")]
    return []


def _hours_words(error: CalendarError) -> Words:
    return Words(
        en=f"These working hours can't be: {error}.",
        zh="工作时间有误：请写作 08:30-12:00，先后排列，不得重叠。",
    )


def load(pack: PackReader, actor: Actor, progress: Progress) -> LoadReport:
    """Make the pack's calendar as declared."""
    if not pack.exists(FILE):
        return LoadReport()
    declared = pack.read_model(FILE, CalendarFile)
    source = declared.holidays
    created, changed, same = load_calendar(
        definition_of(declared),
        seeds.seed(source.name, source.first_year, source.last_year),
        actor=actor,
    )
    progress(1, 1)
    return LoadReport(created, changed, same)


def definition_of(declared: CalendarFile) -> CalendarDefinition:
    """The file as the action takes it."""
    return CalendarDefinition(
        code=declared.code,
        names=declared.names,
        zone=declared.zone,
        hours=tuple(declared.hours.get(weekday, ()) for weekday in WEEKDAYS),
        source=declared.holidays.name,
        business_day_ends=declared.business_day_ends,
        calendar_day_ends=declared.calendar_day_ends,
        day_names=declared.day_names,
    )
