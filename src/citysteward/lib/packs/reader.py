"""Reading a pack's files, safely, with the line of whatever is wrong."""

import csv
import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError

from citysteward.lib.packs.document import Document, parse
from citysteward.lib.packs.findings import PackError, PackFinding, remedy
from citysteward.lib.words import Words

LARGEST_FILE = 64 * 1024 * 1024
"""Bytes; a larger file is data to import, not a part of a pack."""

ModelT = TypeVar("ModelT", bound=BaseModel)
Findings = list[PackFinding]


@dataclass(frozen=True)
class Row(Generic[ModelT]):
    """A row of a CSV file; `line` is where it begins."""

    line: int
    value: ModelT


@dataclass(frozen=True)
class Feature:
    """A feature of a GeoJSON file (RFC 7946); `line` is where it begins."""

    line: int
    properties: dict[str, Any]
    geometry: dict[str, Any]


class PackReader:
    """Reads the files of one pack. Paths are relative to its folder, with slashes.

    Every method that reads raises PackError, with file and line, on what it cannot read or may
    not: what lies outside the pack, is larger than 64 MB, is not UTF-8, or is not as declared.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self._documents: dict[str, Document] = {}

    @property
    def code(self) -> str:
        """The pack's code: the name of its folder."""
        return self.folder.name

    def exists(self, path: str) -> bool:
        """Whether the pack has this file."""
        return self._path(path).is_file()

    def list(self, folder: str = "", pattern: str = "*") -> Sequence[str]:
        """The names of the files directly in `folder` that match, sorted."""
        return sorted(entry.name for entry in self._entries(folder, pattern) if entry.is_file())

    def folders(self, folder: str = "") -> Sequence[str]:
        """The names of the folders directly in `folder`, sorted."""
        return sorted(entry.name for entry in self._entries(folder, "*") if entry.is_dir())

    def path(self, path: str) -> Path:
        """Where a file lies, for a library that reads it itself; it exists and is in bounds."""
        place = self._path(path)
        if not place.is_file():
            raise self._refusal(path, 0, en="This file is missing: add it.", zh="缺少此文件。")
        if place.stat().st_size > LARGEST_FILE:
            raise self._refusal(
                path,
                0,
                en="This file is larger than 64 MB: import it as data instead.",
                zh="文件超过 64 MB，请改用数据导入。",
            )
        return place

    def bytes(self, path: str) -> bytes:
        """A file's content."""
        return self.path(path).read_bytes()

    def text(self, path: str) -> str:
        """A text file's content, from UTF-8, without a byte order mark."""
        content = self.bytes(path)
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise self._refusal(
                path,
                content.count(b"\n", 0, error.start) + 1,
                en="This is not UTF-8: save the file in UTF-8.",
                zh="文件编码不是 UTF-8，请以 UTF-8 保存。",
            ) from error

    def yaml(self, path: str) -> Document:
        """A YAML file's plain value, with the lines."""
        if path not in self._documents:
            self._documents[path] = parse(self.text(path), path)
        return self._documents[path]

    def read_model(self, path: str, model: type[ModelT]) -> ModelT:
        """A YAML file as `model` declares it; raises PackError with every departure from it."""
        document = self.yaml(path)
        try:
            return model.model_validate(document.value)
        except ValidationError as error:
            raise PackError(
                [
                    PackFinding(path, document.line(details["loc"]), remedy(details))
                    for details in error.errors(include_url=False)
                ]
            ) from error

    def model(self, path: str, model: type[ModelT]) -> tuple[ModelT | None, Findings]:
        """For checks: the file as `model` declares it, or None and what is wrong with it."""
        try:
            return self.read_model(path, model), []
        except PackError as error:
            return None, [*error.findings]

    def csv(self, path: str, model: type[ModelT]) -> Sequence[Row[ModelT]]:
        """A CSV file with a header, each row as `model` declares it.

        Columns that the model does not know are refused as the model says; empty cells are "".
        """
        text = self.text(path)
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        rows: list[Row[ModelT]] = []
        wrong: list[PackFinding] = []
        header: list[str] = []
        line = 1
        try:
            for cells in reader:
                if not header:
                    header = [name.strip() for name in cells]
                elif cells:
                    try:
                        rows.append(Row(line, _row(header, cells, model)))
                    except ValidationError as error:
                        wrong.extend(
                            PackFinding(path, line, remedy(details))
                            for details in error.errors(include_url=False)
                        )
                line = reader.line_num + 1
        except csv.Error as error:
            raise self._refusal(
                path, line, en=f"This is not CSV: {error}.", zh=f"CSV 格式有误：{error}。"
            ) from error
        if wrong:
            raise PackError(wrong)
        return rows

    def geojson(self, path: str) -> Sequence[Feature]:
        """The features of a GeoJSON FeatureCollection; coordinates are the caller's to judge."""
        text = self.text(path)
        try:
            collection = json.loads(text)
        except (json.JSONDecodeError, RecursionError) as error:
            raise self._refusal(
                path,
                getattr(error, "lineno", 1),
                en=f"This is not JSON: {error}.",
                zh=f"JSON 格式有误：{error}。",
            ) from error
        features = collection.get("features") if isinstance(collection, dict) else None
        if not isinstance(features, list):
            raise self._refusal(
                path,
                1,
                en="This must be a GeoJSON FeatureCollection.",
                zh="应为 GeoJSON FeatureCollection。",
            )
        return [
            self._feature(path, line, feature)
            for line, feature in zip(_feature_lines(text, features), features, strict=True)
        ]

    def finding(
        self,
        path: str,
        location: Sequence[int | str],
        message: Words,
        severity: Literal["error", "warning"] = "error",
    ) -> PackFinding:
        """A finding about the value at `location` of a YAML file, such as ("term", "ends")."""
        return PackFinding(path, self.yaml(path).line(location), message, severity)

    def _feature(self, path: str, line: int, feature: Any) -> Feature:
        match feature:
            case {
                "type": "Feature",
                "geometry": {"type": str()} as geometry,
                "properties": dict(properties),
            }:
                return Feature(line, properties, geometry)
        raise self._refusal(
            path,
            line,
            en="This must be a GeoJSON Feature with a geometry and properties.",
            zh="应为带 geometry 和 properties 的 GeoJSON Feature。",
        )

    def _entries(self, folder: str, pattern: str) -> Sequence[Path]:
        place = self._path(folder)
        if not place.is_dir():
            return []
        return [entry for entry in place.glob(pattern) if not entry.name.startswith(".")]

    def _path(self, path: str) -> Path:
        # Resolved: neither `..`, nor an absolute path, nor a link leads out of the pack.
        try:
            place = (self.folder / path).resolve()
            inside = place.is_relative_to(self.folder)
        except (OSError, ValueError, RuntimeError):  # a loop of links, a NUL in the name
            inside = False
        if not inside:
            raise self._refusal(
                path, 0, en="This path leads out of the pack.", zh="此路径超出配置包范围。"
            )
        return place

    @staticmethod
    def _refusal(path: str, line: int, *, en: str, zh: str) -> PackError:
        return PackError([PackFinding(path, line, Words(en=en, zh=zh))])


def _row(header: Sequence[str], cells: Sequence[str], model: type[ModelT]) -> ModelT:
    if len(cells) != len(header):
        problem = PydanticCustomError(
            "row_length",
            "this row has {cells} cells, the header has {columns}",
            {"cells": len(cells), "columns": len(header)},
        )
        raise ValidationError.from_exception_data(
            model.__name__, [{"type": problem, "loc": (), "input": None}]
        )
    return model.model_validate(dict(zip(header, cells, strict=True)))


def _feature_lines(text: str, features: Sequence[Any]) -> Sequence[int]:
    """The line on which each feature begins, by decoding them one by one once more."""
    opening = re.search(r'"features"\s*:\s*\[', text)
    decoder = json.JSONDecoder()
    lines: list[int] = []
    line, counted, at = 1, 0, opening.end() if opening else len(text)
    for feature in features:
        at = _skip(text, at)
        try:
            value, end = decoder.raw_decode(text, at)
        except json.JSONDecodeError:
            break
        if value != feature:  # another list of that name came first
            break
        line += text.count("\n", counted, at)
        counted = at
        lines.append(line)
        at = end
    return [*lines, *[1] * (len(features) - len(lines))]


def _skip(text: str, at: int) -> int:
    between = re.compile(r"[\s,]*").match(text, at)
    return between.end() if between else at
