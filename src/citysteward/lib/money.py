"""Money: exact, in the smallest unit that its currency is paid in."""

from decimal import ROUND_HALF_EVEN, Context, Decimal

# ISO 4217: the currencies whose smallest unit is not a hundredth.
_PLACES = {
    "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
    "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0,
    "PYG": 0, "RWF": 0, "UGX": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
}  # fmt: skip


def places(currency: str) -> int:
    """How many decimal places amounts of `currency` (ISO 4217) are paid with.

    Raises ValueError if it is not three capital letters.
    """
    if len(currency) != 3 or not (currency.isascii() and currency.isalpha() and currency.isupper()):
        raise ValueError(f"{currency!r} is not an ISO 4217 currency code, such as CNY")
    return _PLACES.get(currency, 2)


def quantise(amount: Decimal, currency: str) -> Decimal:
    """`amount` in whole smallest units of `currency`, half to even. ValueError if not finite."""
    if not amount.is_finite():
        raise ValueError(f"{amount} is not an amount of money")
    unit = Decimal(1).scaleb(-places(currency))
    # The default context refuses results of more than 28 digits.
    wide = Context(prec=max(28, amount.adjusted() + places(currency) + 2))
    return amount.quantize(unit, rounding=ROUND_HALF_EVEN, context=wide)
