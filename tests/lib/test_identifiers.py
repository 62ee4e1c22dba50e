"""Published codes of real institutions, and numbers made by the standards' own examples."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citysteward.lib import identifiers
from citysteward.lib.identifiers import BadIdentifier

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    "code",
    [
        "91350100M000100Y43",  # the example of GB 32100-2015
        "9144030071526726XG",  # 深圳市腾讯计算机系统有限公司: organisation code ends in X
        "91110000802100433B",  # 北京百度网讯科技有限公司
        " 91350100 m000100y43 ",
    ],
)
def test_takes_credit_codes_as_published(code: str) -> None:
    assert identifiers.credit_code(code) == code.replace(" ", "").upper()


@pytest.mark.parametrize("first", ["11", "N2", "Y1", "A1"])
def test_takes_every_kind_of_registering_body(first: str) -> None:
    organisation = "00001234"
    body = f"{first}341700{organisation}{identifiers.organisation_check(organisation)}"
    code = body + identifiers.credit_check(body)
    assert identifiers.credit_code(code) == code


@pytest.mark.parametrize(
    "code",
    [
        "", "91350100M000100Y44", "91350100M000100Y4", "01350100M000100Y43", "9135O100M000100Y43",
        "91350100M000100I43",
    ],
)  # fmt: skip
def test_refuses_other_credit_codes(code: str) -> None:
    with pytest.raises(BadIdentifier) as refused:
        identifiers.credit_code(code)
    assert refused.value.words.zh


def test_the_organisation_code_inside_has_a_check_sign_of_its_own() -> None:
    body = "91341700" + "000012340"  # 0 is not the check sign of 00001234
    assert identifiers.organisation_check("00001234") != "0"
    with pytest.raises(BadIdentifier, match="organisation code"):
        identifiers.credit_code(body + identifiers.credit_check(body))


def test_organisation_codes() -> None:
    # The example of GB 11714: D2143569-X.
    assert identifiers.organisation_code("D2143569-X") == "D2143569X"
    for bad in ("D2143569-1", "D214356-X", "D214356９X"):
        with pytest.raises(BadIdentifier):
            identifiers.organisation_code(bad)


def test_the_example_of_the_standard_for_identity_numbers() -> None:
    found = identifiers.resident_number("11010519491231002x", on=TODAY)
    assert (found.number, found.region) == ("11010519491231002X", "110105")
    assert (found.birth, found.female) == (date(1949, 12, 31), True)
    man = identifiers.resident_number("440524188001010014", on=TODAY)
    assert (man.birth.year, man.female) == (1880, False)


@pytest.mark.parametrize("region", ["810000", "820000", "830000", "911756", "341702"])
def test_takes_residence_permits_of_the_same_form(region: str) -> None:
    first = f"{region}19900307123"
    number = first + identifiers.resident_check(first)
    assert identifiers.resident_number(number, on=TODAY).birth == date(1990, 3, 7)


@pytest.mark.parametrize(
    ("number", "message"),
    [
        ("110105194912310021", "check sign"),
        ("11010519491231002", "17 digits"),
        ("010105194912310029", "17 digits"),
        ("11010519490231002X", "date of birth"),
        ("11010520491231002X", "date of birth"),
        ("11010517491231002X", "date of birth"),
    ],
)
def test_refuses_other_identity_numbers(number: str, message: str) -> None:
    with pytest.raises(BadIdentifier, match=message):
        identifiers.resident_number(number, on=TODAY)


@given(st.text("0123456789", min_size=17, max_size=17), st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_of_an_identity_number_is_noticed(
    first: str, place: int, step: int
) -> None:
    wrong = f"{first[:place]}{(int(first[place]) + step) % 10}{first[place + 1 :]}"
    assert identifiers.resident_check(wrong) != identifiers.resident_check(first)


@given(
    st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=17, max_size=17),
    st.integers(0, 16),
    st.integers(1, 30),
)
def test_one_wrong_sign_of_a_credit_code_is_noticed(first: str, place: int, step: int) -> None:
    signs = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    other = signs[(signs.index(first[place]) + step) % 31]
    wrong = f"{first[:place]}{other}{first[place + 1 :]}"
    assert identifiers.credit_check(wrong) != identifiers.credit_check(first)
