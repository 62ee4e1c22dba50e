from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citysteward.lib.money import places, quantise


@pytest.mark.parametrize(
    ("amount", "currency", "paid"),
    [
        ("1.005", "USD", "1.00"),
        ("1.015", "USD", "1.02"),
        ("-1.005", "CNY", "-1.00"),
        ("11425662.2799", "USD", "11425662.28"),
        ("0.5", "JPY", "0"),
        ("1.5", "JPY", "2"),
        ("1.0005", "KWD", "1.000"),
        ("123456789012345678901234567890.125", "CNY", "123456789012345678901234567890.12"),
    ],
)
def test_amounts_are_rounded_half_to_even_in_the_currency(
    amount: str, currency: str, paid: str
) -> None:
    assert str(quantise(Decimal(amount), currency)) == paid


@given(
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**40), max_value=10**40),
    st.sampled_from(["USD", "CNY", "JPY", "KWD"]),
)
def test_rounding_moves_an_amount_by_half_a_unit_at_most(amount: Decimal, currency: str) -> None:
    paid = quantise(amount, currency)
    with localcontext(prec=60):  # scaling rounds to the context's digits, 28 by default
        exact = int(paid.scaleb(places(currency)))
        assert paid == Decimal(exact).scaleb(-places(currency))
    # Compared as fractions: Decimal's own subtraction would round.
    numerator, denominator = amount.as_integer_ratio()
    unit = 10 ** places(currency)
    assert 2 * abs(numerator * unit - exact * denominator) <= denominator


@pytest.mark.parametrize("wrong", ["NaN", "Infinity", "-Infinity"])
def test_what_is_not_an_amount_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        quantise(Decimal(wrong), "USD")


@pytest.mark.parametrize("wrong", ["", "usd", "US", "US$", "元"])
def test_what_is_not_a_currency_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="ISO 4217"):
        places(wrong)
