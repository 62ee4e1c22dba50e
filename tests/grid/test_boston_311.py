"""Reading the city's export: what is taken, what is refused, and by which line."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from citysteward.grid import boston_311
from citysteward.grid.boston_311 import COLUMNS, UnreadableFile

FILE = Path(__file__).parents[2] / "packs/boston/data/boston_311_2015_h1.parquet"

GOOD = {
    "case_enquiry_id": "101",
    "open_dt": "2015-02-01 08:30:00",
    "target_dt": "2015-02-03 08:30:00",
    "closed_dt": "",
    "on_time_status": "OVERDUE",
    "subject": "Public Works Department",
    "reason": "Street Lights",
    "type": "Street Light Outages",
    "queue": "PWDx_Street Light Outages",
    "latitude": "42.3",
    "longitude": "-71.1",
}


def csv_file(folder: Path, *changes: dict[str, str], tail: Sequence[str] = ()) -> Path:
    """A CSV file with the header on line 1 and one row per change of the good row."""
    lines = [",".join(COLUMNS)]
    for change in changes:
        row = {**GOOD, **change}
        lines.append(",".join(f'"{row.get(name, "")}"' for name in COLUMNS))
    path = folder / "cases.csv"
    path.write_text("\n".join([*lines, *tail]) + "\n", encoding="utf-8")
    return path


def test_the_half_year_is_taken_whole() -> None:
    frame, refused = boston_311.read(FILE)
    rows = list(boston_311.rows(frame))
    assert (len(rows), refused) == (58_119, [])
    assert sum(row.place_unknown for row in rows) == 8_752
    assert sum(row.closed_at is not None and row.closed_at < row.opened_at for row in rows) == 84
    assert sum(row.verdict is None for row in rows) == 102


def test_csv_of_the_same_rows_reads_the_same(tmp_path: Path) -> None:
    frame, _ = boston_311.read(FILE)
    path = tmp_path / "same.csv"
    frame.select(COLUMNS).head(2_000).write_csv(path)
    again, refused = boston_311.read(path)
    assert refused == []
    assert list(boston_311.rows(again)) == list(boston_311.rows(frame.head(2_000)))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"case_enquiry_id": "12a"}, "case_enquiry_id"),
        ({"case_enquiry_id": ""}, "case_enquiry_id"),
        ({"open_dt": ""}, "open_dt"),
        ({"open_dt": "2015-13-01 08:30:00"}, "open_dt"),
        ({"target_dt": "soon"}, "target_dt"),
        ({"closed_dt": "2015-02-30 08:30:00"}, "closed_dt"),
        ({"on_time_status": "LATE"}, "on_time_status"),
        ({"latitude": "north"}, "latitude"),
        ({"longitude": "-710.58"}, "longitude"),
        ({"latitude": "nan"}, "latitude"),
    ],
)
def test_a_malformed_row_is_refused_by_line_and_the_rest_goes_in(
    tmp_path: Path, change: dict[str, str], field: str
) -> None:
    path = csv_file(tmp_path, {}, {"case_enquiry_id": "102", **change}, {"case_enquiry_id": "103"})
    frame, refused = boston_311.read(path)
    assert [row.source_id for row in boston_311.rows(frame)] == ["101", "103"]
    assert [(one.line, one.field) for one in refused] == [(3, field)]
    assert refused[0].reason.en
    assert refused[0].reason.zh


def test_a_number_twice_in_one_file_is_refused_the_second_time(tmp_path: Path) -> None:
    frame, refused = boston_311.read(csv_file(tmp_path, {}, {}))
    assert frame.height == 1
    assert [(one.line, one.value) for one in refused] == [(3, "101")]


def test_a_torn_row_costs_only_itself(tmp_path: Path) -> None:
    frame, refused = boston_311.read(csv_file(tmp_path, {}, tail=["104,torn"]))
    assert frame.height == 1
    assert [one.line for one in refused] == [3]


def test_bytes_that_are_not_utf8_are_refused_by_row(tmp_path: Path) -> None:
    path = csv_file(tmp_path, {}, {"case_enquiry_id": "102", "location": "Caf"})
    path.write_bytes(path.read_bytes().replace(b"Caf", b"Caf\xe9"))
    frame, refused = boston_311.read(path)
    assert frame.height == 1
    assert [one.line for one in refused] == [3]


def test_a_quoted_line_break_does_not_shift_the_lines(tmp_path: Path) -> None:
    path = csv_file(tmp_path, {"closure_reason": "first\nsecond"}, {"case_enquiry_id": "x"})
    _, refused = boston_311.read(path)
    assert [one.line for one in refused] == [4]


def test_a_file_without_the_columns_says_which(tmp_path: Path) -> None:
    path = tmp_path / "other.parquet"
    pl.DataFrame({"case_enquiry_id": [1]}).write_parquet(path)
    with pytest.raises(UnreadableFile, match="open_dt"):
        boston_311.read(path)


def test_a_file_of_another_kind_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "photo.parquet"
    path.write_bytes(b"\xff\xd8\xff")
    with pytest.raises(UnreadableFile, match="cannot be read"):
        boston_311.read(path)


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        ("2015-07-01 12:00:00", datetime(2015, 7, 1, 16, tzinfo=UTC)),
        ("2015-01-01 12:00:00", datetime(2015, 1, 1, 17, tzinfo=UTC)),
        # 2014-11-02 01:30 happened twice; the first is still summer time.
        ("2014-11-02 01:30:00", datetime(2014, 11, 2, 5, 30, tzinfo=UTC)),
        # 2015-03-08 02:30 did not happen; it is read an hour later.
        ("2015-03-08 02:30:00", datetime(2015, 3, 8, 7, 30, tzinfo=UTC)),
    ],
)
def test_local_times_are_read_on_boston_s_clock(tmp_path: Path, local: str, utc: datetime) -> None:
    frame, _ = boston_311.read(csv_file(tmp_path, {"open_dt": local}))
    (row,) = boston_311.rows(frame)
    assert row.opened_at == utc
