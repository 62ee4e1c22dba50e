"""Reading the City of Boston's 311 export: any file of its 25 columns, Parquet or CSV.

Times are local, without zone; they are read in America/New_York, the first of two ambiguous ones,
and those that the clock change skips an hour later. Source: City of Boston, 311 Service Requests.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from citysteward.kernel.cases.types import Channel
from citysteward.lib.words import Words

ZONE = "America/New_York"
NOWHERE = (42.3594, -71.0587)
"""The point that the city writes when it knows no place (8,752 rows of the first half of 2015)."""

TIMES = ("open_dt", "target_dt", "closed_dt")
TEXTS = (
    "on_time_status", "closure_reason", "case_title", "subject", "reason", "type", "queue",
    "location", "neighborhood", "source",
)  # fmt: skip
COLUMNS = ("case_enquiry_id", *TIMES, *TEXTS, "latitude", "longitude")
LONGEST_NAME = 200
"""What a name can hold; the file's longest has 56 signs."""
VERDICTS = ("ONTIME", "OVERDUE")

CHANNELS = {
    "Constituent Call": Channel.PHONE,
    "Citizens Connect App": Channel.APP,
    "Self Service": Channel.WEB,
    "Employee Generated": Channel.STAFF,
    "City Worker App": Channel.STAFF,
}


class UnreadableFile(Exception):
    """The file as a whole is not of this shape; `words` say what is missing."""

    def __init__(self, words: Words) -> None:
        super().__init__(words.en)
        self.words = words


@dataclass(frozen=True)
class Refused:
    """A row that was not taken: its line (CSV: of the file; Parquet: of the table), and why."""

    line: int
    field: str
    value: str
    reason: Words


@dataclass(frozen=True)
class Row:
    """One row of the export; times in UTC; texts stripped, empty where the file has none."""

    source_id: str
    opened_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    verdict: str | None
    closure_reason: str
    title: str
    subject: str
    reason: str
    type: str
    queue: str
    address: str
    neighborhood: str
    channel: Channel
    longitude: float | None
    latitude: float | None
    place_unknown: bool


def read(path: Path) -> tuple[pl.DataFrame, list[Refused]]:
    """The file's good rows as a table with UTC times, and what was refused, by line.

    Raises UnreadableFile when the file as a whole cannot be read or lacks columns.
    """
    try:
        frame, torn = _csv(path) if path.suffix.lower() == ".csv" else (_parquet(path), [])
    except (pl.exceptions.PolarsError, OSError, csv.Error) as error:
        raise UnreadableFile(
            Words(
                en=f"{path.name} cannot be read as Parquet or CSV. Give it the right ending, or "
                "export it again.",
                zh=f"无法按 Parquet 或 CSV 读取 {path.name}。请检查扩展名或重新导出。",
            )
        ) from error
    good, refused = _sorted_out(frame)
    return good, sorted(torn + refused, key=lambda one: one.line)


def _parquet(path: Path) -> pl.DataFrame:
    frame = pl.read_parquet(path)
    _require_columns(path, frame.columns)
    return frame.select(COLUMNS).with_row_index("line", offset=1)


def _csv(path: Path) -> tuple[pl.DataFrame, list[Refused]]:
    """Row by row, so that one torn row costs only itself."""
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        reader = csv.reader(file)
        header = next(reader, [])
        _require_columns(path, header)
        places = [header.index(name) for name in COLUMNS]
        kept: list[list[str]] = []
        lines: list[int] = []
        torn: list[Refused] = []
        last = reader.line_num
        for fields in reader:
            first, last = last + 1, reader.line_num
            if not fields:
                continue
            problem = _torn(fields, len(header))
            if problem is not None:
                torn.append(Refused(first, "", _shown(fields[0]), problem))
                continue
            kept.append([fields[place] for place in places])
            lines.append(first)
    columns = {name: [row[i] for row in kept] for i, name in enumerate(COLUMNS)}
    frame = pl.DataFrame(columns, schema=dict.fromkeys(COLUMNS, pl.String))
    return frame.with_columns(pl.Series("line", lines, dtype=pl.UInt32)), torn


def _torn(fields: list[str], expected: int) -> Words | None:
    if len(fields) != expected:
        return Words(
            en=f"has {len(fields)} fields instead of {expected}; look for a missing quote or comma",
            zh=f"有 {len(fields)} 个字段，应为 {expected} 个，请检查引号或逗号是否缺失",
        )
    if any("\udc80" <= sign <= "\udcff" for text in fields for sign in text):
        return Words(
            en="is not UTF-8; save the file as UTF-8", zh="不是 UTF-8 编码，请另存为 UTF-8"
        )
    return None


def _require_columns(path: Path, present: list[str]) -> None:
    missing = ", ".join(name for name in COLUMNS if name not in present)
    if missing:
        raise UnreadableFile(
            Words(
                en=f"{path.name} lacks the columns {missing}. Export all columns of the 311 file.",
                zh=f"{path.name} 缺少列：{missing}。请导出 311 文件的全部列。",
            )
        )


def _sorted_out(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[Refused]]:
    parsed = frame.with_columns(
        pl.col("case_enquiry_id").cast(pl.String).str.strip_chars().alias("id"),
        *(_time(frame, name) for name in TIMES),
        *(_number(frame, name) for name in ("latitude", "longitude")),
        *(
            pl.col(name)
            .cast(pl.String)
            .str.replace_all("\x00", "", literal=True)
            .str.strip_chars()
            .replace("", None)
            .alias(f"{name}_")
            for name in TEXTS
        ),
    )
    refused: list[Refused] = []
    good = parsed
    for bad, field_name, reason in _rules():
        hit = good.filter(bad)
        refused += [
            Refused(row["line"], field_name, _shown(row[field_name]), reason)
            for row in hit.select("line", field_name).iter_rows(named=True)
        ]
        good = good.filter(~bad)
    return good, refused


def _time(frame: pl.DataFrame, name: str) -> pl.Expr:
    """The column as UTC instants, null where it cannot be read."""
    column = pl.col(name)
    if frame.schema[name] == pl.String:
        text = column.str.strip_chars().str.replace("T", " ")
        column = pl.coalesce(
            text.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us", strict=False),
            text.str.to_datetime("%Y-%m-%d %H:%M", time_unit="us", strict=False),
            text.str.to_datetime("%m/%d/%Y %I:%M:%S %p", time_unit="us", strict=False),
        )
    else:
        column = column.cast(pl.Datetime("us"))

    def local(naive: pl.Expr) -> pl.Expr:
        return naive.dt.replace_time_zone(ZONE, ambiguous="earliest", non_existent="null")

    skipped = local(column.dt.offset_by("1h"))
    return pl.coalesce(local(column), skipped).dt.convert_time_zone("UTC").alias(f"{name}_")


def _number(frame: pl.DataFrame, name: str) -> pl.Expr:
    column = pl.col(name)
    if frame.schema[name] == pl.String:
        column = column.str.strip_chars().replace("", None)
    return column.cast(pl.Float64, strict=False).alias(f"{name}_")


def _present(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.String).str.strip_chars().fill_null("") != ""


def _rules() -> list[tuple[pl.Expr, str, Words]]:
    """What makes a row malformed, with its field and the remedy; tried in order."""
    unreadable = Words(
        en="cannot be read as a time; write 2015-01-31 08:30:00",
        zh="无法识别为时间，请写作 2015-01-31 08:30:00",
    )
    outside = Words(en="is not a number in the range of its kind", zh="不是有效范围内的数值")
    return [
        (
            pl.col("id").fill_null("").str.contains(r"^\d+$").not_(),
            "case_enquiry_id",
            Words(en="is not a case number; give the number of the case",
                  zh="不是有效的办件编号，请填写编号"),
        ),
        (
            pl.col("id").is_first_distinct().not_(),
            "case_enquiry_id",
            Words(en="stands in this file already; keep one row per case",
                  zh="在本文件中重复，每个办件请只保留一行"),
        ),
        (pl.col("open_dt_").is_null() & _present("open_dt"), "open_dt", unreadable),
        (
            pl.col("open_dt_").is_null(),
            "open_dt",
            Words(en="is missing; a case needs the time when it was opened",
                  zh="缺失，办件必须有受理时间"),
        ),
        *(
            (pl.col(f"{name}_").is_null() & _present(name), name, unreadable)
            for name in ("target_dt", "closed_dt")
        ),
        (
            pl.col("on_time_status_").is_not_null()
            & pl.col("on_time_status_").is_in(VERDICTS).not_(),
            "on_time_status",
            Words(en="is neither ONTIME, OVERDUE nor empty", zh="须为 ONTIME、OVERDUE 或留空"),
        ),
        *(
            (
                _present(name)
                & (
                    pl.col(f"{name}_").is_null()
                    | pl.col(f"{name}_").is_nan()
                    | (pl.col(f"{name}_").abs() > limit)
                ),
                name,
                outside,
            )
            for name, limit in (("latitude", 90.0), ("longitude", 180.0))
        ),
    ]  # fmt: skip


def _name(value: str | None) -> str:
    """What becomes a name of an area, an organisation or a category."""
    return (value or "")[:LONGEST_NAME].strip()


def _shown(value: object) -> str:
    return "" if value is None else str(value)[:80]


def rows(frame: pl.DataFrame) -> Iterator[Row]:
    """The good rows, one by one."""
    for row in frame.iter_rows(named=True):
        place = (row["latitude_"], row["longitude_"])
        unknown = place == NOWHERE
        known = None not in place and not unknown
        yield Row(
            source_id=row["id"],
            opened_at=row["open_dt_"],
            due_at=row["target_dt_"],
            closed_at=row["closed_dt_"],
            verdict=row["on_time_status_"],
            closure_reason=row["closure_reason_"] or "",
            title=row["case_title_"] or "",
            subject=_name(row["subject_"]),
            reason=_name(row["reason_"]),
            type=_name(row["type_"]),
            queue=_name(row["queue_"]),
            address=row["location_"] or "",
            neighborhood=_name(row["neighborhood_"]),
            channel=CHANNELS.get(row["source_"] or "", Channel.IMPORT),
            longitude=place[1] if known else None,
            latitude=place[0] if known else None,
            place_unknown=unknown,
        )
