"""Tables as CSV: what a city's officials write in a spreadsheet."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citysteward.kernel.cases.flow.errors import FeelError, TableError
from citysteward.kernel.cases.flow.feel_values import Value
from citysteward.kernel.cases.flow.table_csv import read_csv
from citysteward.kernel.cases.flow.tables import Aggregate, HitPolicy

ROUTING = (
    """\
hit,F
# decided by the mayor
category : text,area,hours,-> organisation : text,-> days,# why

Pothole|Sidewalk,-,-,Public Works,3,bylaw 12
Graffiti,"""
    '"""Roxbury"", ""Downtown"""'
    """,>= 8,Property Management,5,
not(Tree|Park),,,City Hall,days * 2,
Tree,,,Parks,
"""
)


def test_a_routing_table() -> None:
    table = read_csv("routing", ROUTING)
    assert table.hit is HitPolicy.FIRST
    assert table.decide({"category": "Sidewalk"}) == {"organisation": "Public Works", "days": 3}
    graffiti: dict[str, Value] = {"category": "Graffiti", "area": "Downtown", "hours": 9, "days": 4}
    assert table.decide(graffiti) == {"organisation": "Property Management", "days": 5}
    assert table.decide({**graffiti, "hours": 7})["organisation"] == "City Hall"
    assert table.decide({**graffiti, "hours": 7})["days"] == 8
    assert table.decide({"category": "Tree"}) == {"organisation": "Parks", "days": None}
    assert table.decide({"category": "Park"}) == {"organisation": None, "days": None}


def test_an_explanation_carries_the_file_line_and_the_note() -> None:
    (match,) = read_csv("routing", ROUTING).explain({"category": "Pothole"}).matched
    assert (match.rule, match.line, match.note) == (1, 5, "bylaw 12")


def test_chinese_tables_in_bytes_with_a_mark() -> None:
    text = "类别 : text,-> 部门 : text\n井盖|路灯,市政局\n-,城管局\n"
    table = read_csv("派遣", ("\ufeffhit,F\n" + text).encode())
    assert table.decide({"类别": "路灯"}) == {"部门": "市政局"}
    assert table.decide({"类别": "噪声"}) == {"部门": "城管局"}


def test_policies_and_priorities() -> None:
    text = "hit,{}\nscore,-> level : text(high|middle|low)\n> 0,low\n> 10,middle\n> 20,high\n"
    assert read_csv("t", text.format("P")).run({"score": 15}) == "middle"
    assert read_csv("t", text.format("O")).run({"score": 25}) == ["high", "middle", "low"]
    values = 'hit,P\nscore,"-> level : values(2, 1)"\n> 0,1\n> 10,2\n'
    assert read_csv("t", values).run({"score": 15}) == 2
    total = read_csv("t", "hit,C SUM\nscore,-> days\n> 0,1\n> 10,2\n")
    assert (total.hit, total.aggregate) == (HitPolicy.COLLECT, Aggregate.SUM)
    assert total.run({"score": 15}) == 3


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("", 1, 0, "no header"),
        ("hit,Q\na,-> b\n1,2\n", 1, 2, "must be U, A"),
        ("hit,U SUM\na,-> b\n1,2\n", 1, 2, "only C"),
        ("hit,C SUM MIN\na,-> b\n1,2\n", 1, 2, "only C"),
        ("a,b\n1,2\n", 1, 0, "begin one with '->'"),
        ("-> b\n1\n", 1, 0, "no column is an input"),
        ("a,,-> b\n1,,2\n", 1, 2, "no name"),
        ("a,-> \n1,2\n", 1, 2, "no name"),
        ("a,-> b\n", 1, 0, "no rules"),
        ("a,-> b\n1,2\n1,2,3\n", 3, 3, "more cells"),
        ("hit,U\na,-> b\n1,2\n[1..,2\n", 4, 1, "expected a value"),
        ("a,-> b\n\n# why\n1,2 +\n", 4, 2, "expected a value"),
        ('a,-> b\n"x\ny",(\n', 2, 1, "expected the end"),
        ('a,-> b\n"1,2\n', 2, 0, "quotation marks"),
        ("a b,-> c\n1,2\n", 1, 0, "expected the end"),
    ],
)
def test_faults_carry_line_column_and_remedy(
    text: str, line: int, column: int, message: str
) -> None:
    with pytest.raises(TableError, match=message) as caught:
        read_csv("t", text)
    assert (caught.value.line, caught.value.column) == (line, column)


def test_another_encoding_is_refused_with_its_line() -> None:
    with pytest.raises(TableError, match="line 2: the file is not UTF-8"):
        read_csv("t", "a,-> b\n1,路灯\n".encode("gb18030"))


@given(st.text(max_size=200))
def test_any_text_gives_a_table_or_an_error(text: str) -> None:
    try:
        table = read_csv("t", text)
    except FeelError:
        return
    try:
        table.run({})
    except FeelError:
        return


words = st.text(
    st.characters(exclude_characters="|", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8
).map(str.strip)


@given(
    words.filter(lambda word: word not in ("", "-") and not word.startswith(("#", "not", "hit")))
)
def test_a_word_in_a_text_column_matches_itself_only(word: str) -> None:
    file = io.StringIO()
    csv.writer(file).writerows([["kind : text", "-> answer : text"], [word, word]])
    table = read_csv("t", file.getvalue())
    assert table.run({"kind": word}) == word
    assert table.run({"kind": word + "x"}) is None
