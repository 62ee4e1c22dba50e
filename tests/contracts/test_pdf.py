"""The statement as PDF: tagged, in both languages, the same bytes each time."""

import io
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from citysteward.contracts import actions, pdf, queries, statement
from citysteward.contracts.statement import Statement
from citysteward.lib.dates import Period
from tests.contracts import boston


@pytest.fixture
def frozen(city: Path) -> Statement:
    """The statement of the first quarter, frozen."""
    kept = actions.appraise("boston-311", Period.parse("2015Q1"), actor=boston.TESTER)
    return statement.read(
        kept.result,
        kept.version.parsed(),
        kept.sha256,
        frozen_at=datetime(2016, 1, 14, 9, 30, tzinfo=UTC),
        frozen_by="Frank Osei",
    )


def text_of(content: bytes) -> str:
    pages = PdfReader(io.BytesIO(content)).pages
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))


def catalogue_of(content: bytes) -> Any:
    """The document's catalogue: a dictionary of dictionaries, as PDF nests them."""
    return PdfReader(io.BytesIO(content)).trailer["/Root"]


def tags(content: bytes) -> set[str]:
    """The structure types of the document's tag tree."""
    found: set[str] = set()
    waiting: list[Any] = [catalogue_of(content)["/StructTreeRoot"]["/K"]]
    while waiting:
        node = waiting.pop()
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            found.add(str(node.get("/S", "")))
            waiting += [node["/K"]] if "/K" in node else []
    return found


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_it_is_tagged_for_screen_readers(frozen: Statement, language: str) -> None:
    content = pdf.write(frozen, language)
    catalogue = catalogue_of(content)
    assert catalogue["/MarkInfo"]["/Marked"]
    assert str(catalogue["/Lang"]).lower().startswith(language[:2])
    assert b"pdfuaid" in content
    assert {"/H1", "/H2", "/Table", "/TR", "/TH", "/TD"} <= tags(content)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_figure_of_the_statement_is_in_it(frozen: Statement, language: str) -> None:
    text = text_of(pdf.write(frozen, language))
    for figure in (
        "9,840,000.00", "8,400,000.00", "1,440,000.00", "2,160,000.00", "26,788", "10,364",
        "24.3572", "66.6343", "78.6193", "47.8928", "0.40", "70.1822",
    ):  # fmt: skip
        assert figure in text
    assert frozen.sha256[:16] in text
    assert boston.ROOT[:16] in text.replace(" ", "")
    assert "Inspectional Services" in text


def test_the_languages_differ(frozen: Statement) -> None:
    english, chinese = text_of(pdf.write(frozen, "en")), text_of(pdf.write(frozen, "zh-hans"))
    assert "Payment statement, first quarter 2015" in english
    assert "Rectification ordered" in english
    assert "付费凭证" in chinese
    assert "责令整改" in chinese
    assert "Payment statement" not in chinese


def test_the_same_statement_gives_the_same_bytes(frozen: Statement) -> None:
    assert pdf.write(frozen, "en") == pdf.write(frozen, "en")


def test_a_preview_says_that_it_is_one(city: Path) -> None:
    outcome = queries.preview("boston-311", Period.parse("2015Q2"))
    shown = statement.read(outcome.text, outcome.basis.document, outcome.sha256)
    text = text_of(pdf.write(shown, "en"))
    assert "Preview" in text
    assert "11,425,662.28" in text
    assert "Rectification ordered" not in text


def test_without_a_chinese_font_it_says_what_to_install(
    frozen: Statement, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "families", lambda: frozenset({"DejaVu Sans"}))
    with pytest.raises(pdf.NoChineseFontError, match="fonts-noto-cjk"):
        pdf.write(frozen, "zh-hans")
    assert pdf.write(frozen, "en").startswith(b"%PDF")
