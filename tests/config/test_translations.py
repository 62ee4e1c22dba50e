import gettext
import os
from pathlib import Path

import pytest

import citysteward
from citysteward.config.translations import compile_translations

CATALOGUE = """\
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

msgid "Rate the result"
msgstr "评价办理结果"

msgctxt "deadline"
msgid "%(days)s day"
msgid_plural "%(days)s days"
msgstr[0] "%(days)s 天"

#, fuzzy
msgid "Unsure"
msgstr "不确定"
"""


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    folder = tmp_path / "room" / "locale" / "zh_Hans" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(CATALOGUE, encoding="utf-8")
    return folder / "django.po"


def test_catalogues_are_compiled_for_gettext(tmp_path: Path, catalogue: Path) -> None:
    (compiled,) = compile_translations(tmp_path)
    assert compiled == catalogue.with_suffix(".mo")
    with compiled.open("rb") as file:
        translations = gettext.GNUTranslations(file)
    assert translations.gettext("Rate the result") == "评价办理结果"
    assert translations.npgettext("deadline", "%(days)s day", "%(days)s days", 3) == "%(days)s 天"
    assert translations.gettext("Unsure") == "Unsure"  # not yet confirmed by a person


def test_only_what_changed_is_compiled(tmp_path: Path, catalogue: Path) -> None:
    assert len(compile_translations(tmp_path)) == 1
    assert compile_translations(tmp_path) == []
    later = catalogue.with_suffix(".mo").stat().st_mtime_ns + 1_000_000
    os.utime(catalogue, ns=(later, later))
    assert len(compile_translations(tmp_path)) == 1
    assert [file.suffix for file in sorted(catalogue.parent.iterdir())] == [".mo", ".po"]


def test_our_own_catalogues_are_whole() -> None:
    compile_translations(Path(citysteward.__file__).parent)
    for catalogue in Path(citysteward.__file__).parent.rglob("*.po"):
        assert catalogue.with_suffix(".mo").exists()
