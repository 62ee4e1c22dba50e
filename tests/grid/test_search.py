"""Finding a kind of problem by words of either language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citysteward.grid.search import Searchable, ranked, terms_of

LIGHT = Searchable(
    "light",
    ("Street light outage", "路灯不亮"),
    ("lamp", "dark", "路灯", "熄灭"),
    ("Street lights", "路灯照明", "Say which lamp is out."),
)
POTHOLE = Searchable("pothole", ("Pothole", "路面坑洼"), ("hole", "road", "坑", "破损"), ("Roads",))
GRAFFITI = Searchable("graffiti", ("Graffiti", "涂鸦"), ("paint", "wall", "墙面"))
OFFERED = (LIGHT, POTHOLE, GRAFFITI)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("street light", "light"),
        ("STREET LIGHTS", "light"),
        ("the lamp in my street is dark", "light"),
        ("路灯不亮了", "light"),
        ("我家门口的路灯坏了", "light"),
        ("holes in the road", "pothole"),
        ("路面有坑", "pothole"),
        ("ｇｒａｆｆｉｔｉ", "graffiti"),
        ("paint on a wall", "graffiti"),
    ],
)
def test_words_of_either_language_find_the_kind(text: str, first: str) -> None:
    assert ranked(text, OFFERED)[0] == first


@pytest.mark.parametrize("text", ["", "   ", "the in of", "的了", "xylophone", "！？", "🚲"])
def test_what_means_nothing_finds_nothing(text: str) -> None:
    assert ranked(text, OFFERED) == []


def test_a_name_weighs_more_than_a_keyword() -> None:
    by_name = Searchable("by-name", ("Paint",))
    by_keyword = Searchable("by-keyword", ("Colour",), ("paint",))
    assert ranked("paint", [by_keyword, by_name]) == ["by-name", "by-keyword"]


def test_the_start_of_a_word_is_enough_but_not_its_middle() -> None:
    assert ranked("graff", OFFERED) == ["graffiti"]
    assert ranked("hole", [Searchable("x", ("Pothole",))]) == []


@given(st.text(max_size=80))
def test_any_text_gives_each_kind_at_most_once(text: str) -> None:
    found = ranked(text, OFFERED)
    assert len(found) == len(set(found))
    assert set(found) <= {one.code for one in OFFERED}


@given(st.sampled_from(OFFERED), st.text(alphabet=" ,.!?，。", max_size=5))
def test_a_kind_is_found_by_its_own_name_whatever_the_punctuation(
    one: Searchable, tail: str
) -> None:
    for name in one.names:
        assert ranked(tail + name + tail, OFFERED)[0] == one.code


@given(st.text(max_size=60))
def test_terms_are_not_repeated(text: str) -> None:
    terms = terms_of(text)
    assert len(terms) == len(set(terms))
