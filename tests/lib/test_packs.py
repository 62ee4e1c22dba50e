"""Reading packs: every fault is said by file and line, and hostile files do no harm."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from citysteward.lib import packs
from citysteward.lib.packs import LoadReport, PackError, PackFinding, PackReader, Section, sections
from citysteward.lib.packs.document import parse
from citysteward.lib.words import Words, WordsField

MANIFEST = """\
code: boston
names: {en: Boston, zh: 波士顿}
city: boston
calendar: us-ma
currency: USD
"""


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Thing(Strict):
    code: str
    names: WordsField = Words()
    kind: Literal["bureau", "unit"] = "bureau"
    weight: Decimal = Decimal(1)


class Things(Strict):
    things: list[Thing]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pack = tmp_path / "boston"
    pack.mkdir()
    (pack / "pack.yaml").write_text(MANIFEST, encoding="utf-8")
    return pack


@pytest.fixture
def own_sections(monkeypatch: pytest.MonkeyPatch) -> None:
    """No sections but those that the test registers."""
    monkeypatch.setattr("citysteward.lib.packs.loading._registered", {})


def only_finding(error: pytest.ExceptionInfo[PackError]) -> PackFinding:
    (finding,) = error.value.findings
    return finding


def test_values_are_those_of_yaml_1_2() -> None:
    text = "a: no\nb: 010\nc: 2015-01-02\nd: 0.10\ne: 511602\nf: true\ng:\nh: 1:30\ni: 1e3\n"
    assert parse(text, "x.yaml").value == {
        "a": "no",
        "b": "010",
        "c": "2015-01-02",
        "d": Decimal("0.10"),
        "e": 511602,
        "f": True,
        "g": None,
        "h": "1:30",
        "i": "1e3",
    }


def test_every_value_has_its_line() -> None:
    document = parse("a: 1\nb:\n  - x\n  - y:\n      - 2\n", "x.yaml")
    assert document.line(("a",)) == 1
    assert document.line(("b",)) == 2
    assert document.line(("b", 0)) == 3
    assert document.line(("b", 1, "y", 0)) == 5
    # What is not there is said at the nearest thing that is.
    assert document.line(("b", 1, "z")) == 4
    assert document.line(("c",)) == 1


@given(st.lists(st.sampled_from(["plain", "comment", "nested", "blank"]), max_size=30))
def test_lines_are_those_of_the_text(kinds: list[str]) -> None:
    lines: list[str] = []
    expected: dict[str, int] = {}
    for number, kind in enumerate(kinds):
        if kind in {"plain", "nested"}:
            expected[f"k{number}"] = len(lines) + 1
        lines += {
            "plain": [f"k{number}: 1"],
            "comment": ["# said in passing"],
            "nested": [f"k{number}:", "  - a", "  - b"],
            "blank": [""],
        }[kind]
    document = parse("\n".join(lines), "x.yaml")
    assert {name: document.line((name,)) for name in expected} == expected


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("things:\n  - names: {en: A}\n", 2, "things[1].code is missing"),
        ("things:\n  - code: a\n    colour: red\n", 3, "things[1].colour is not known here"),
        ("things:\n  - code: a\n  - code: 7\n", 3, "put a number in quotes"),
        ("things:\n  - code: a\n    kind: firm\n", 3, "must be 'bureau' or 'unit', not 'firm'"),
        ("things:\n  - code: a\n    weight: heavy\n", 3, "must be a number, not 'heavy'"),
        ("things: none\n", 1, "must be a list"),
        ("things: []\nthings: []\n", 2, "things stands twice"),
        ("things: [\n", 2, "This is not YAML"),
        ("\nthings:\n - &a {code: x}\n - *a\n", 3, "Anchors and aliases"),
        ("things:\n - !!python/object/apply:os.system [echo]\n", 2, "is not allowed"),
        ("things:\n - code: !!binary aGk=\n", 2, "is not allowed"),
        ("? {a: b}\n: c\n", 1, "A name must be a plain text"),
        ("things: " + "[" * 5000 + "]" * 5000, 1, "Values may nest"),
        ("", 1, "the file must be a mapping"),
    ],
)
def test_a_fault_is_said_by_line_with_a_remedy(
    folder: Path, text: str, line: int, says: str
) -> None:
    (folder / "things.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(PackError) as error:
        PackReader(folder).read_model("things.yaml", Things)
    finding = only_finding(error)
    assert (finding.file, finding.line) == ("things.yaml", line)
    assert says in finding.message.en
    assert finding.message.zh


def test_all_faults_of_a_file_are_said_at_once(folder: Path) -> None:
    text = "things:\n  - code: 1\n  - kind: unit\n  - code: c\n    kind: x\n"
    (folder / "things.yaml").write_text(text, encoding="utf-8")
    parsed, findings = PackReader(folder).model("things.yaml", Things)
    assert parsed is None
    assert [finding.line for finding in findings] == [2, 3, 5]


@pytest.mark.parametrize("path", ["../secret", "/etc/passwd", "link", "a/../../secret", "a\0b"])
def test_nothing_outside_the_pack_is_read(folder: Path, path: str) -> None:
    (folder.parent / "secret").write_text("secret")
    (folder / "link").symlink_to(folder.parent / "secret")
    with pytest.raises(PackError, match="leads out of the pack"):
        PackReader(folder).text(path)


def test_a_missing_a_large_and_a_wrongly_encoded_file_are_refused(folder: Path) -> None:
    with (folder / "large.csv").open("wb") as large:
        large.truncate(64 * 1024 * 1024 + 1)
    (folder / "latin.yaml").write_bytes("a: 1\nb: Zürich\n".encode("latin-1"))
    pack = PackReader(folder)
    with pytest.raises(PackError, match="missing"):
        pack.text("none.yaml")
    with pytest.raises(PackError, match="larger than 64 MB"):
        pack.text("large.csv")
    with pytest.raises(PackError, match=r"latin\.yaml:2: This is not UTF-8"):
        pack.yaml("latin.yaml")


def test_csv_rows_know_their_lines(folder: Path) -> None:
    (folder / "t.csv").write_text('\ufeffcode,kind\na,unit\n"b\nb",bureau\n\nc,unit\n', "utf-8")
    rows = PackReader(folder).csv("t.csv", Thing)
    assert [(row.line, row.value.code, row.value.kind) for row in rows] == [
        (2, "a", "unit"),
        (3, "b\nb", "bureau"),
        (6, "c", "unit"),
    ]


def test_csv_faults_are_said_by_line(folder: Path) -> None:
    (folder / "t.csv").write_text("code,kind\na,unit\nb\nc,firm\n", "utf-8")
    with pytest.raises(PackError) as error:
        PackReader(folder).csv("t.csv", Thing)
    assert [(found.line, found.message.en) for found in error.value.findings] == [
        (3, "This row has 1 cells, the header has 2."),
        (4, "kind must be 'bureau' or 'unit', not 'firm'."),
    ]


def feature(code: str) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"code": code, "note": '"features": ['},
        "geometry": {"type": "Point", "coordinates": [1, 2]},
    }


@given(st.lists(st.text('ab"\\{}[], \n汉', max_size=6), max_size=5), st.sampled_from([None, 0, 2]))
def test_geojson_features_know_their_lines(
    tmp_path_factory: pytest.TempPathFactory, codes: list[str], indent: int | None
) -> None:
    folder = tmp_path_factory.mktemp("pack")
    collection = {"type": "FeatureCollection", "features": [feature(code) for code in codes]}
    text = json.dumps(collection, indent=indent, ensure_ascii=False)
    (folder / "a.geojson").write_text(text, encoding="utf-8")
    features = PackReader(folder).geojson("a.geojson")
    assert [found.properties["code"] for found in features] == codes
    lines = text.split("\n")
    for found in features:
        assert "{" in lines[found.line - 1]
    if indent is not None:
        starts = [
            number
            for number, line in enumerate(lines, start=1)
            if line.strip() == "{" and number > 1 and "Feature" in lines[number]
        ]
        assert [found.line for found in features] == starts


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ('{"type": "FeatureCollection",\n "features": [\n {}]}', 3, "a GeoJSON Feature"),
        ("[]", 1, "FeatureCollection"),
        ("{\n  x", 2, "not JSON"),
        ("[" * 100_000, 1, "not JSON"),
    ],
)
def test_geojson_faults_are_said_by_line(folder: Path, text: str, line: int, says: str) -> None:
    (folder / "a.geojson").write_text(text)
    with pytest.raises(PackError) as error:
        PackReader(folder).geojson("a.geojson")
    assert only_finding(error).line == line
    assert says in only_finding(error).message.en


@pytest.mark.usefixtures("own_sections")
def test_sections_are_checked_and_loaded_in_order(folder: Path) -> None:
    calls: list[str] = []

    def section(name: str, order: int) -> Section:
        def load(pack: PackReader, actor: object, progress: packs.Progress) -> LoadReport:
            calls.append(f"{name} for {actor}")
            progress(1, 1)
            return LoadReport(created=1)

        return Section(name, order, check=lambda _: [], load=load)

    for name, order in (("procedures", 50), ("areas", 10)):
        packs.register(section(name, order))
    reports = packs.load_pack(PackReader(folder), actor="system:test")
    assert calls == ["areas for system:test", "procedures for system:test"]
    assert reports == {"areas": LoadReport(created=1), "procedures": LoadReport(created=1)}


@pytest.mark.usefixtures("own_sections")
def test_a_pack_with_an_error_is_not_loaded_but_one_with_a_warning_is(folder: Path) -> None:
    loaded: list[str] = []

    def load(pack: PackReader, actor: object, progress: packs.Progress) -> LoadReport:
        loaded.append(pack.code)
        return LoadReport()

    def check(pack: PackReader) -> list[PackFinding]:
        words = Words(en="Calendars end in 2026.")
        return [pack.finding("pack.yaml", ("calendar",), words, severity="warning")]

    packs.register(Section("calendar", 10, check=check, load=load))
    packs.load_pack(PackReader(folder), actor=None)
    assert loaded == ["boston"]

    (folder / "pack.yaml").write_text(MANIFEST.replace("code: boston", "code: bostom"))
    with pytest.raises(PackError, match=r"pack\.yaml:1: code must be boston"):
        packs.load_pack(PackReader(folder), actor=None)
    assert loaded == ["boston"]
    assert [(found.line, found.severity) for found in packs.check_pack(PackReader(folder))] == [
        (1, "error"),
        (4, "warning"),
    ]


@pytest.mark.usefixtures("own_sections")
def test_two_sections_cannot_have_one_name() -> None:
    first = Section("areas", 10, check=lambda _: [], load=lambda *_: LoadReport())
    packs.register(first)
    packs.register(first)
    with pytest.raises(ValueError, match="areas"):
        packs.register(Section("areas", 20, check=lambda _: [], load=lambda *_: LoadReport()))
    assert sections() == [first]
