"""Decision tables as CSV files, written in any spreadsheet and saved as UTF-8.

    hit,F
    # who handles what, decided 2015-01-05
    category : text,area,hours,-> organisation : text,-> days,# why
    Pothole|Sidewalk,-,-,Public Works,3,bylaw 12
    Graffiti,not(null),>= 8,Property Management,5,

- The first line may hold the hit policy: `hit,` then U, A, F, P, R, O, C, `C SUM`, `C MIN`,
  `C MAX` or `C COUNT`. Without it the policy is U: exactly one rule may match.
- Lines whose first cell begins with `#`, and empty lines, are comments.
- The header names the columns: an S-FEEL expression is an input; `-> name` is an output; a
  column that begins with `#` is a note, kept with the rule.
- Cells of inputs are unary tests (`-` or nothing: anything), cells of outputs expressions.
- `: text` after a header makes the column's cells plain words, without quotes: in an input,
  alternatives stand between `|` and `not(a|b)` excludes them.
- `: text(high|middle|low)` or `: values("high", "low")` lists an output's values, the most
  important first, as P and O need them.
"""

import csv
import io
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from citysteward.kernel.cases.flow.errors import TableError
from citysteward.kernel.cases.flow.tables import (
    Aggregate,
    DecisionTable,
    HitPolicy,
    Input,
    Output,
    Rule,
)

MAX_BYTES = 5_000_000
ARROW = "->"
_TEXT_COLUMN = re.compile(r"(?P<head>.*?)\s*:\s*text\s*(?:\((?P<values>.*)\))?", re.DOTALL)
_VALUES_COLUMN = re.compile(r"(?P<head>.*?)\s*:\s*values\s*\((?P<values>.*)\)", re.DOTALL)
_EXCLUDED = re.compile(r"not\s*\((.*)\)", re.DOTALL)


@dataclass(frozen=True)
class _Column:
    """One column: its place in the file, what it is called, whether its cells are words."""

    place: int
    head: str
    words: bool
    values: str = ""


@dataclass(frozen=True)
class _Header:
    inputs: list[_Column]
    outputs: list[_Column]
    notes: list[int]
    width: int


def read_csv(name: str, text: str | bytes, names: Collection[str] = ()) -> DecisionTable:
    """The table in a CSV file. Raises TableError with line, column and remedy."""
    lines = _lines(_decoded(text))
    line, cells = next(lines, (1, []))
    hit, aggregate = HitPolicy.UNIQUE, Aggregate.LIST
    if cells and cells[0].strip().lower() == "hit":
        hit, aggregate = _policy(line, cells)
        line, cells = next(lines, (line, []))
    if not cells:
        raise TableError("the file has no header; its first line names the columns", line)
    header = _header(line, cells)
    rules = [_rule(number, row, header) for number, row in lines]
    if not rules:
        raise TableError("the table has no rules; add a line for each below the header", line)
    try:
        return DecisionTable(
            name,
            [Input(column.head) for column in header.inputs],
            [Output(column.head, column.values) for column in header.outputs],
            rules,
            hit=hit,
            aggregate=aggregate,
            names=names,
        )
    except TableError as error:
        # A fault without a place of its own is the header's.
        raise TableError(error.message, error.line or line, error.column) from error


def _decoded(text: str | bytes) -> str:
    if len(text) > MAX_BYTES:
        raise TableError(f"the file is larger than {MAX_BYTES // 1_000_000} MB")
    if isinstance(text, str):
        return text.removeprefix("\ufeff")
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = text[: error.start].count(b"\n") + 1
        raise TableError("the file is not UTF-8; save it as 'CSV UTF-8'", line) from error


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that count, each with the line on which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise TableError(f"{error}; check the quotation marks", line) from error
        if cells is None:
            return
        if any(cell.strip() for cell in cells) and not _is_comment(cells):
            yield line, cells


def _is_comment(cells: list[str]) -> bool:
    return cells[0].lstrip().startswith("#") and not any(
        cell.lstrip().startswith(ARROW) for cell in cells
    )


def _policy(line: int, cells: list[str]) -> tuple[HitPolicy, Aggregate]:
    words = " ".join(cells[1:]).upper().split()
    try:
        hit = HitPolicy(words[0])
        aggregate = Aggregate(words[1]) if len(words) > 1 else Aggregate.LIST
    except (IndexError, ValueError) as error:
        raise TableError(
            "the hit policy must be U, A, F, P, R, O, C or C with SUM, MIN, MAX or COUNT", line, 2
        ) from error
    if len(words) > 2 or (aggregate is not Aggregate.LIST and hit is not HitPolicy.COLLECT):
        raise TableError("only C may be followed by SUM, MIN, MAX or COUNT", line, 2)
    return hit, aggregate


def _header(line: int, cells: list[str]) -> _Header:
    inputs: list[_Column] = []
    outputs: list[_Column] = []
    notes: list[int] = []
    for place, cell in enumerate(cells):
        text = cell.strip()
        if text.startswith("#"):
            notes.append(place)
        elif text.startswith(ARROW):
            outputs.append(_column(line, place, text.removeprefix(ARROW).strip()))
        elif text:
            inputs.append(_column(line, place, text))
        elif any(other.strip() for other in cells[place:]):
            raise TableError(
                "the column has no name; begin it with # if it is a note", line, place + 1
            )
    if not outputs:
        raise TableError("no column is an output; begin one with '->', as in '-> days'", line)
    if not inputs:
        raise TableError("no column is an input", line)
    return _Header(inputs, outputs, notes, len(cells))


def _column(line: int, place: int, text: str) -> _Column:
    if match := _TEXT_COLUMN.fullmatch(text):
        column = _Column(place, match["head"], True, _quoted(match["values"]))
    elif match := _VALUES_COLUMN.fullmatch(text):
        column = _Column(place, match["head"], False, match["values"])
    else:
        column = _Column(place, text, False)
    if not column.head:
        raise TableError("the column has no name", line, place + 1)
    return column


def _rule(line: int, cells: list[str], header: _Header) -> Rule:
    for place, cell in enumerate(cells[header.width :]):
        if cell.strip():
            raise TableError(
                "the line has more cells than the header; put a cell with a comma in quotes",
                line,
                header.width + place + 1,
            )
    padded = [*cells, *[""] * (header.width - len(cells))]
    columns = [*header.inputs, *header.outputs]
    return Rule(
        inputs=tuple(_test(padded[column.place], column) for column in header.inputs),
        outputs=tuple(_result(padded[column.place], column) for column in header.outputs),
        line=line,
        note="; ".join(padded[place].strip() for place in header.notes if padded[place].strip()),
        columns=tuple(column.place + 1 for column in columns),
    )


def _test(cell: str, column: _Column) -> str:
    text = cell.strip()
    if not column.words or text in ("", "-"):
        return text
    if match := _EXCLUDED.fullmatch(text):
        return f"not({_quoted(match[1])})"
    return _quoted(text)


def _result(cell: str, column: _Column) -> str:
    text = cell.strip()
    return _literal(text) if column.words and text else text


def _quoted(text: str | None) -> str:
    return ", ".join(_literal(one) for one in _words(text))


def _literal(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _words(text: str | None) -> list[str]:
    return [one.strip() for one in (text or "").split("|") if one.strip()]
