"""Plain values of the performance context: units, groupings, figures and tables of figures."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from citysteward.lib.errors import PlainError
from citysteward.lib.words import Words


class PerformanceError(PlainError):
    """The base of what this context refuses; the message names the field and the remedy."""


class UnknownMetricError(PerformanceError):
    """No metric of this name is declared in `performance.metrics`."""


class UnknownGroupingError(PerformanceError):
    """The grouping is not one of `Grouping`, or a filter names no column."""


class UnknownCityError(PerformanceError):
    """No pack with indicators is loaded for this city."""


class NotExportedError(PerformanceError):
    """The lake does not reach up to the seal asked for."""


class Unit(StrEnum):
    """What a figure counts in."""

    CASES = "cases"
    SHARE = "share"
    HOURS = "hours"
    STARS = "stars"


class Better(StrEnum):
    """Which direction is good; a mere volume has none."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


class Part(StrEnum):
    """Which cases of a figure: all it was computed from, or only those in a share's numerator."""

    WHOLE = "whole"
    NUMERATOR = "numerator"


class Grouping(StrEnum):
    """What a table of indicators may be grouped by."""

    NONE = "none"
    ORGANISATION = "organisation"
    UNIT = "unit"
    AREA = "area"
    CATEGORY = "category"
    PROCEDURE = "procedure"
    CHANNEL = "channel"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"

    @property
    def is_time(self) -> bool:
        """Whether the groups are stretches of local time, in order."""
        return self in {Grouping.DAY, Grouping.WEEK, Grouping.MONTH, Grouping.QUARTER}


@dataclass(frozen=True)
class Moment:
    """What was known: entries that occurred up to `as_of` (aware, UTC) and, with `seal`, only
    those in sealed segments up to that number."""

    as_of: datetime
    seal: int | None = None

    def __post_init__(self) -> None:
        if self.as_of.tzinfo is None:
            raise ValueError("as_of needs a time zone; read a local time in the city's zone first")


@dataclass(frozen=True)
class Selection:
    """The cases that a table of indicators is about.

    The cases of `city` opened from `start` up to, not including, `end` (aware instants), that
    match every one of `filters` (column name → accepted values; any one of them will do).
    """

    city: str
    start: datetime
    end: datetime
    filters: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Bucket:
    """One stretch of local time, as instants, with the label that it is grouped under."""

    key: str
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Figure:
    """One measured value.

    `value` is exact, None when there is nothing to measure. `numerator` and `cases` are counts
    of cases: `cases` those that the figure was computed from, `numerator` those of them that a
    share counts (equal to `cases` where the figure is no share).
    """

    metric: str
    value: Fraction | None
    cases: int
    numerator: int

    def decimal(self, places: int = 10) -> Decimal | None:
        """The value rounded half-even to `places` digits."""
        if self.value is None:
            return None
        scaled = round(self.value * 10**places)
        return Decimal(scaled).scaleb(-places)


@dataclass(frozen=True)
class Group:
    """The figures of one group; the key "" holds the cases for which the group is unknown."""

    key: str
    words: Words
    figures: Mapping[str, Figure]

    def __getitem__(self, metric: str) -> Figure:
        return self.figures[metric]


@dataclass(frozen=True)
class IndicatorTable:
    """The figures of a selection, whole and by group, as known at a moment.

    `start` and `end` are local dates of the city, [start, end).
    """

    city: str
    start: date
    end: date
    zone: str
    by: Grouping
    moment: Moment
    seal_root: str
    sealed_at: datetime | None
    metrics: tuple[str, ...]
    groups: tuple[Group, ...]
    total: Group

    def __iter__(self) -> Iterator[Group]:
        return iter(self.groups)

    def group(self, key: str) -> Group:
        """The group with this key; KeyError when no case falls in it."""
        for group in self.groups:
            if group.key == key:
                return group
        raise KeyError(key)


@dataclass(frozen=True)
class CaseRow:
    """One case behind a figure, as it stood at the moment asked for. Times are aware, UTC."""

    case_id: str
    number: str
    category: str
    organisation: str
    unit: str
    area: str
    opened_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    verdict: str


@dataclass(frozen=True)
class CasePage:
    """A page of the cases behind a figure, in order of opening; `total` counts them all."""

    total: int
    rows: tuple[CaseRow, ...]
    page: int
    size: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.size))


@dataclass(frozen=True)
class Scope:
    """What a table of indicators is asked for: a city's cases of a stretch of local dates.

    Cases opened from `start` until before `end`, in the zone of the city, that match `filters`;
    an area stands for everything within it. `as_of` (aware) and `seal` say what was known; left
    out, they are the city's observation time, once the period has passed by it, else now, and
    the last seal that the lake holds.
    """

    city: str
    start: date
    end: date
    as_of: datetime | None = None
    seal: int | None = None
    filters: Mapping[str, Collection[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Grouped:
    """How a table is grouped: `by`, and for areas under those of which `level` of the tree."""

    by: Grouping = Grouping.NONE
    level: str | None = None


@dataclass(frozen=True)
class Indicator:
    """An indicator of a city, as its pack names it."""

    code: str
    metric: str
    words: Words
    explained: Words
    filters: Mapping[str, Collection[str]]
    by: Grouping


@dataclass(frozen=True)
class VerdictComparison:
    """Our verdicts beside the source city's own, in cases.

    `compared` cases have a target, a running clock and a verdict of the city's; `equal` of them
    agree. Apart stand `no_target`, `suspended` and `without_reference` (the city never judged
    them: cases of our own). `different` lists numbers of cases that disagree, at most a hundred.
    """

    compared: int
    equal: int
    no_target: int
    suspended: int
    without_reference: int
    different: tuple[str, ...] = ()
