"""Identifiers of the PRC and their check digits.

统一社会信用代码 (GB 32100-2015), the 组织机构代码 in it (GB 11714-1997), 居民身份证 and the
cards of the same form (GB 11643-1999). Written here because python-stdnum refuses valid codes
that begin with Y, N or A and residence permits of 81, 82, 83 and 9x, and leaves the organisation
code's own check digit out.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from citysteward.lib.words import Words

# GB 32100: no I, O, S, V, Z. The position in it is the value of a sign.
_CREDIT_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_CREDIT_FORM = re.compile(rf"[1-9ANY][{_CREDIT_SIGNS}][0-9]{{6}}[{_CREDIT_SIGNS}]{{10}}")

# GB 11714: 0-9 then A-Z, eight signs and the check sign.
_ORGANISATION_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ORGANISATION_FORM = re.compile(r"[0-9A-Z]{8}[0-9X]")

# GB 11643: ISO 7064 MOD 11-2.
_PERSON_WEIGHTS = tuple(pow(2, 17 - place, 11) for place in range(17))
_PERSON_CHECKS = "10X98765432"
_PERSON_FORM = re.compile(r"[0-9]{17}[0-9X]")
# Provinces of GB/T 2260; 81, 82, 83 are residence permits of Hong Kong, Macao and Taiwan people.
# fmt: off
_PROVINCES = frozenset({
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34",
    "35", "36", "37", "41", "42", "43", "44", "45", "46", "50", "51", "52",
    "53", "54", "61", "62", "63", "64", "65", "71", "81", "82", "83",
})
# fmt: on
_EARLIEST_BIRTH = date(1850, 1, 1)


class BadIdentifier(ValueError):
    """Not a valid identifier; `words` say what is wrong and what to do."""

    def __init__(self, words: Words) -> None:
        super().__init__(words.en)
        self.words = words


@dataclass(frozen=True)
class ResidentNumber:
    """A valid citizen's or resident's number and what it says."""

    number: str
    region: str
    """Six digits: where it was first issued; for a foreigner's card 9 and other signs."""
    birth: date
    female: bool


def credit_code(text: str) -> str:
    """A unified social credit code in its plain form. Raises BadIdentifier."""
    code = _plain(text)
    if not _CREDIT_FORM.fullmatch(code):
        raise BadIdentifier(
            Words(
                en="A unified social credit code has 18 digits and capital letters, without "
                "I, O, S, V and Z: check it against the licence.",
                zh="统一社会信用代码为18位数字或大写字母（不含I、O、S、V、Z），请对照证照核对。",
            )
        )
    if code[17] != credit_check(code[:17]):
        raise BadIdentifier(_mistyped("unified social credit code", "统一社会信用代码"))
    organisation_code(code[8:17])
    return code


def organisation_code(text: str) -> str:
    """An organisation code of nine signs, the hyphen optional. Raises BadIdentifier."""
    code = _plain(text).replace("-", "")
    if not _ORGANISATION_FORM.fullmatch(code):
        raise BadIdentifier(
            Words(
                en="An organisation code has eight digits or capital letters and a check sign.",
                zh="组织机构代码为8位数字或大写字母加1位校验码。",
            )
        )
    if code[8] != organisation_check(code[:8]):
        raise BadIdentifier(_mistyped("organisation code", "组织机构代码"))
    return code


def resident_number(text: str, *, on: date) -> ResidentNumber:
    """A number of 18 places of an identity card or residence permit. Raises BadIdentifier.

    `on` is today where the person is: nobody is born later.
    """
    number = _plain(text)
    if not _PERSON_FORM.fullmatch(number) or not _known_region(number):
        raise BadIdentifier(
            Words(
                en="An identity number has 17 digits and a check sign (a digit or X), and begins "
                "with the place of issue: check it against the card.",
                zh="身份证件号码为17位数字加1位校验码（数字或X），前两位为签发地，请对照证件核对。",
            )
        )
    birth = _birth(number[6:14], on)
    if number[17] != resident_check(number[:17]):
        raise BadIdentifier(_mistyped("identity number", "身份证件号码"))
    return ResidentNumber(number, number[:6], birth, female=int(number[16]) % 2 == 0)


def credit_check(first: str) -> str:
    """The 18th sign that belongs to the first 17 of a unified social credit code."""
    total = _weighed([_CREDIT_SIGNS.index(sign) for sign in first], _CREDIT_WEIGHTS)
    return _CREDIT_SIGNS[-total % 31]


def organisation_check(first: str) -> str:
    """The ninth sign that belongs to the first eight of an organisation code."""
    values = [_ORGANISATION_SIGNS.index(sign) for sign in first]
    return "0123456789X"[-_weighed(values, _ORGANISATION_WEIGHTS) % 11]


def resident_check(first: str) -> str:
    """The 18th sign that belongs to the first 17 digits of an identity number."""
    return _PERSON_CHECKS[_weighed([int(digit) for digit in first], _PERSON_WEIGHTS) % 11]


def _weighed(values: Sequence[int], weights: Sequence[int]) -> int:
    return sum(value * weight for value, weight in zip(values, weights, strict=True))


def _known_region(number: str) -> bool:
    # A foreigner's permanent residence card begins with 9 and goes on with the issuing place.
    return number[:2] in _PROVINCES or number[0] == "9"


def _birth(digits: str, on: date) -> date:
    try:
        birth = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        birth = date.max
    if not _EARLIEST_BIRTH <= birth <= on:
        raise BadIdentifier(
            Words(
                en=f"The date of birth in the number, {digits}, can't be: check it.",
                zh=f"号码中的出生日期 {digits} 有误，请核对。",
            )
        )
    return birth


def _plain(text: str) -> str:
    return re.sub(r"\s", "", text).upper()


def _mistyped(en: str, zh: str) -> Words:
    return Words(
        en=f"The check sign does not fit: a sign of the {en} is mistyped.",
        zh=f"{zh}校验位不符，请检查是否输错。",
    )
