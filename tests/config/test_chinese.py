"""Every text of the product has its Chinese, which is one and the same wherever it stands."""

from collections import defaultdict
from pathlib import Path

import pytest
from django.utils import translation

import citysteward
from tests.messages import Text, Translation, placeholders, texts_of, translations_of

SOURCE = Path(citysteward.__file__).parent
WANTED = texts_of(SOURCE)
KEPT = translations_of(SOURCE)


def test_every_text_is_translated() -> None:
    assert len(WANTED) > 600
    whole = {one.text for one in KEPT if one.is_whole}
    assert {f"{text} ({WANTED[text].name})" for text in WANTED.keys() - whole} == set()


def test_no_translation_is_left_over() -> None:
    assert {one.text for one in KEPT} - WANTED.keys() == set()


def test_what_is_filled_in_is_the_same_on_both_sides() -> None:
    assert [one for one in KEPT if not one.keeps_placeholders] == []


def test_rooms_do_not_differ_about_a_text() -> None:
    """Django merges all catalogues into one: of two translations only one would be seen."""
    said: defaultdict[tuple[str, str], set[tuple[str, ...]]] = defaultdict(set)
    for one in KEPT:
        said[one.text.context, one.text.id].add(one.chinese)
    assert {text: chinese for text, chinese in said.items() if len(chinese) > 1} == {}


def test_the_reader_gets_what_the_catalogues_say() -> None:
    with translation.override("zh-hans"):
        for one in KEPT:
            text = one.text
            shown = (
                translation.npgettext(text.context, text.id, text.plural, 2)
                if text.plural and text.context
                else translation.ngettext(text.id, text.plural, 2)
                if text.plural
                else translation.pgettext(text.context, text.id)
                if text.context
                else translation.gettext(text.id)
            )
            assert shown == one.chinese[0], one


PAGE = """{% load i18n %}{% translate "Seen" %}{% translate "Open" context "case" %}
{% blocktranslate count n=n %}{{ n }} day{% plural %}{{ n }} days{% endblocktranslate %}
{% tag "good" _("In an argument") %}"""
CODE = """from django.utils.translation import gettext_lazy as said, pgettext_lazy as _, ngettext
a = said("Joined " "up"), _("case", "Closed"), ngettext("%(n)s case", "%(n)s cases", 2)
b = other("Not ours")
"""
CATALOGUE = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

msgid "Seen"
msgstr "已阅"

msgctxt "case"
msgid "Closed"
msgstr ""

#, fuzzy
msgid "Joined up"
msgstr "相连"

msgid "%(n)s case"
msgid_plural "%(n)s cases"
msgstr[0] "%(number)s 件"
"""


def test_a_missing_text_would_be_found(tmp_path: Path) -> None:
    folder = tmp_path / "locale/zh_Hans/LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(CATALOGUE, encoding="utf-8")
    (tmp_path / "page.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "code.py").write_text(CODE, encoding="utf-8")
    kept = translations_of(tmp_path)
    missing = texts_of(tmp_path).keys() - {one.text for one in kept if one.is_whole}
    assert missing == {
        Text("Open", "case"),
        Text("%(n)s day", "", "%(n)s days"),
        Text("In an argument"),
        Text("Joined up"),
        Text("Closed", "case"),
    }
    assert [one.text.id for one in kept if not one.keeps_placeholders] == ["%(n)s case"]


def test_a_text_put_together_as_it_runs_is_refused(tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text(
        "from django.utils.translation import gettext as _\na = _(f'{1} case')\n"
    )
    with pytest.raises(TypeError, match=r"code\.py:2"):
        texts_of(tmp_path)


def test_placeholders_are_compared_as_they_are_filled() -> None:
    assert placeholders("%(a)s%% of {b} %s") == ["%(a)s", "%s", "{b}"]
    swapped = Translation(Text("%(a)s of %(b)s"), ("%(b)s 中的 %(a)s",), Path())
    assert swapped.keeps_placeholders
