import pytest
from hypothesis import given
from hypothesis import strategies as st

from citysteward.lib.trees import NoTree, path_of, paths_of

codes = st.from_regex(r"[a-z0-9]{1,4}(-[a-z0-9]{1,4}){0,2}", fullmatch=True)


def test_paths_lead_from_the_root() -> None:
    parents = {"north-end": "downtown", "downtown": "boston", "boston": ""}
    assert paths_of(parents, {})["north-end"] == "boston.downtown.north_end"


def test_parents_may_be_there_already() -> None:
    assert paths_of({"b": "a"}, {"a": "z.a"}) == {"b": "z.a.b"}


@pytest.mark.parametrize("code", ["", "A", "a_b", "a.b", "-a", "a-", "a--b", "a b", "城", "a\n"])
def test_what_is_no_code_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="no code"):
        path_of(code)


@pytest.mark.parametrize(
    ("parents", "message"),
    [({"a": "a"}, "circle"), ({"a": "b", "b": "c", "c": "a"}, "circle"), ({"a": "x"}, "x, which")],
)
def test_what_is_no_tree_is_refused(parents: dict[str, str], message: str) -> None:
    with pytest.raises(NoTree, match=message):
        paths_of(parents, {})


@given(codes, codes)
def test_two_codes_never_share_a_path(one: str, other: str) -> None:
    assert (path_of(one) == path_of(other)) == (one == other)


@given(st.dictionaries(codes, codes, max_size=12))
def test_every_path_ends_with_its_own_code(parents: dict[str, str]) -> None:
    try:
        paths = paths_of(parents, {})
    except NoTree:
        return
    assert all(path.split(".")[-1] == path_of(code) for code, path in paths.items())
