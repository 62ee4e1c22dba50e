import pytest
from hypothesis import given
from hypothesis import strategies as st

from citysteward.lib import crypto

KEY, OTHER_KEY = bytes(range(32)), bytes(32)
PLACE = "person:1/phone"


@given(st.text(min_size=1, max_size=200))
def test_opens_what_was_sealed(text: str) -> None:
    sealed = crypto.seal(KEY, text, place=PLACE)
    assert crypto.unseal(KEY, sealed, place=PLACE) == text
    assert text.encode() not in sealed or len(text) < 4


def test_nothing_stays_nothing() -> None:
    assert crypto.seal(KEY, "", place=PLACE) == b""
    assert crypto.unseal(KEY, b"", place=PLACE) == ""


def test_the_same_text_is_sealed_differently_each_time() -> None:
    assert crypto.seal(KEY, "x", place=PLACE) != crypto.seal(KEY, "x", place=PLACE)


def test_opens_neither_elsewhere_nor_with_another_key() -> None:
    sealed = crypto.seal(KEY, "13800138000", place=PLACE)
    with pytest.raises(crypto.CannotOpen):
        crypto.unseal(KEY, sealed, place="person:2/phone")
    with pytest.raises(crypto.CannotOpen):
        crypto.unseal(OTHER_KEY, sealed, place=PLACE)


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_changed_byte_is_noticed(position: int, flip: int) -> None:
    sealed = bytearray(crypto.seal(KEY, "13800138000", place=PLACE))
    sealed[position % len(sealed)] ^= flip
    with pytest.raises(crypto.CannotOpen):
        crypto.unseal(KEY, bytes(sealed), place=PLACE)


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        crypto.seal(b"short", "x", place=PLACE)


def test_fingerprints_find_equals_for_one_purpose_only() -> None:
    one = crypto.fingerprint(KEY, "a@b.cn", purpose="sign-in")
    assert one == crypto.fingerprint(KEY, "a@b.cn", purpose="sign-in")
    assert one != crypto.fingerprint(KEY, "a@b.cn", purpose="search")
    assert one != crypto.fingerprint(OTHER_KEY, "a@b.cn", purpose="sign-in")
    assert len(one) == 64
