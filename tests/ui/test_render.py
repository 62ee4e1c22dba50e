"""Values as HTML, in both languages."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from citysteward.lib.words import Words
from citysteward.ui import render
from citysteward.ui.types import (
    Bar,
    Link,
    Masked,
    Moment,
    Money,
    Noted,
    Percent,
    Tag,
)

BOSTON = ZoneInfo("America/New_York")
MIDNIGHT = datetime(2016, 1, 13, 5, tzinfo=UTC)


def test_a_moment_is_told_in_the_city_s_zone() -> None:
    stamp = '<time datetime="2016-01-13T00:00:00-05:00">'
    assert render.moment(MIDNIGHT, BOSTON) == f"{stamp}13 Jan 2016, 00:00</time>"
    with translation.override("zh-hans"):
        assert render.moment(MIDNIGHT, BOSTON) == f"{stamp}2016年1月13日 00:00</time>"
    with timezone.override(BOSTON):
        assert render.show(MIDNIGHT) == f"{stamp}13 Jan 2016, 00:00</time>"
    assert "05:00" in render.moment(MIDNIGHT)


def test_an_ambiguous_hour_says_which() -> None:
    """01:30 came twice on 1 November 2015 in Boston: the offset tells them apart."""
    first = render.moment(datetime(2015, 11, 1, 5, 30, tzinfo=UTC), BOSTON)
    second = render.moment(datetime(2015, 11, 1, 6, 30, tzinfo=UTC), BOSTON)
    assert "01:30:00-04:00" in first
    assert "01:30:00-05:00" in second


def test_a_day_is_a_day_in_every_zone() -> None:
    assert render.show(date(2015, 7, 4)) == '<time datetime="2015-07-04">4 Jul 2015</time>'


def test_words_missing_in_the_readers_language_are_tagged() -> None:
    assert render.text(Words(en="Lamp", zh="路灯")) == "Lamp"
    assert render.text(Words(zh="路灯")) == '<span lang="zh-Hans">路灯</span>'
    with translation.override("zh-hans"):
        assert render.text(Words(en="Lamp", zh="路灯")) == "路灯"
        assert render.text(Words(en="Lamp")) == '<span lang="en">Lamp</span>'


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        ("", "–"),
        (31331, "31,331"),
        (Decimal("11425662.28"), "11,425,662.28"),
        (True, "Yes"),
        (Percent(0.68892), "68.9%"),
        (Percent(None), "–"),
        (Tag("late", "Overdue"), '<span class="tag late">Overdue</span>'),
        (Link("Open", "/x?a=1&b=2"), '<a href="/x?a=1&amp;b=2">Open</a>'),
        (
            Noted(Link("A", "/a"), "of 3"),
            '<a href="/a">A</a><span class="note below">of 3</span>',
        ),
        (
            Money(Decimal(9840000), "USD"),
            '<span class="money">9,840,000.00<small> USD</small></span>',
        ),
        (Moment(None), "–"),
        (
            Moment(MIDNIGHT, BOSTON),
            '<time datetime="2016-01-13T00:00:00-05:00">13 Jan 2016, 00:00</time>',
        ),
    ],
)
def test_each_kind_of_value_has_one_look(value: object, shown: str) -> None:
    assert render.show(value) == shown


def test_money_is_named_in_the_readers_language() -> None:
    with translation.override("zh-hans"):
        assert "元</small>" in render.money(Money(Decimal(1), "CNY"))
        assert "EUR</small>" in render.money(Money(Decimal(1), "EUR"))


@given(st.text())
def test_nothing_that_people_wrote_becomes_markup(written: str) -> None:
    for value in (written, Words(en=written), Tag("good", written), Masked(written)):
        shown = render.show(value)
        assert "<script" not in shown
        inside = shown.count("<") == shown.count(">") and shown.count("<") in {0, 2, 4}
        assert inside


@given(
    value=st.decimals(-1000, 1000, allow_nan=False, places=3),
    maximum=st.decimals(0, 1000, places=3),
)
def test_a_bar_never_leaves_its_track(value: Decimal, maximum: Decimal) -> None:
    drawn = render.bar(Bar(value, maximum))
    width = float(drawn.split('bar-fill" width="')[1].split('"')[0])
    assert 0 <= width <= 100
    assert "style=" not in drawn


def test_figures_round_half_even() -> None:
    assert render.number(Decimal("0.125"), 2) == "0.12"
    assert render.number(Decimal("0.135"), 2) == "0.14"
    assert render.number(2.675, 2) == "2.68"
