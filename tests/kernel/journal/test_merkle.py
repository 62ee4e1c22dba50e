"""The tree against pymerkle and against the recursion that RFC 6962 defines."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from citysteward.kernel.journal import merkle

entries = st.lists(st.binary(max_size=40), min_size=1, max_size=70)


def by_definition(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, over leaf hashes."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    left, right = by_definition(leaves[:split]), by_definition(leaves[split:])
    return sha256(b"\x01" + left + right).digest()


@given(entries)
def test_the_root_is_that_of_pymerkle_and_of_the_definition(data: list[bytes]) -> None:
    oracle = InmemoryTree(algorithm="sha256")
    for entry in data:
        oracle.append_entry(entry)
    leaves = [merkle.leaf_hash(entry) for entry in data]
    assert merkle.root(leaves) == oracle.get_root() == by_definition(leaves)


def test_no_leaf_has_the_root_of_the_definition() -> None:
    assert merkle.root([]).hex() == (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )


def test_known_roots_of_certificate_transparency() -> None:
    """The vectors of the reference implementation's tests: eight inputs, roots at sizes 1 to 8."""
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657",
              "606162636465666768696a6b6c6d6e6f"]  # fmt: skip
    leaves = [merkle.leaf_hash(bytes.fromhex(text)) for text in inputs]
    roots = {
        1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    }
    assert {size: merkle.root(leaves[:size]).hex() for size in roots} == roots


@given(entries, st.data())
def test_every_leaf_is_proved_and_nothing_else(data: list[bytes], draw: st.DataObject) -> None:
    leaves = [merkle.leaf_hash(b"%d" % n + entry) for n, entry in enumerate(data)]
    size, root = len(leaves), merkle.root(leaves)
    index = draw.draw(st.integers(0, size - 1))
    path = merkle.inclusion_path(leaves, index)
    assert merkle.includes(leaves[index], index, size, path, root)
    assert not merkle.includes(merkle.leaf_hash(b"other"), index, size, path, root)
    assert not merkle.includes(leaves[index], index, size, [*path, root], root)
    assert not merkle.includes(leaves[index], size, size, path, root)
    assert not merkle.includes(leaves[index], -1, size, path, root)
    if path:
        assert not merkle.includes(leaves[index], index, size, path[:-1], root)
        other = draw.draw(st.integers(0, size - 1).filter(lambda n: n != index))
        assert not merkle.includes(leaves[index], other, size, path, root)


def test_there_is_no_path_from_outside_the_tree() -> None:
    for index in (-1, 1):
        with pytest.raises(IndexError):
            merkle.inclusion_path([bytes(32)], index)


def test_hashes_are_split_whole() -> None:
    hashes = [merkle.leaf_hash(b"%d" % n) for n in range(3)]
    assert merkle.split(b"".join(hashes)) == hashes
    with pytest.raises(ValueError, match="whole"):
        merkle.split(bytes(33))
