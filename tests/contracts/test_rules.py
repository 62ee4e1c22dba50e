"""The arithmetic of an appraisal: a contract's own numbers, and what holds for any contract."""

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citysteward.contracts import rules
from citysteward.contracts.types import (
    Band,
    Clause,
    Curve,
    CurvePoint,
    NothingToAppraiseError,
    Scored,
    Terms,
)


def curve(*points: tuple[str, int]) -> Curve:
    return Curve(tuple(CurvePoint(Fraction(value), Fraction(score)) for value, score in points))


BOSTON = Terms(
    currency="USD",
    amount=Decimal("12000000.00"),
    fixed_share=Fraction("0.70"),
    clauses=(
        Clause("on_time_rate", Fraction(50), curve(("0.50", 0), ("0.80", 100))),
        Clause("open_overdue_rate", Fraction(30), curve(("0.05", 100), ("0.25", 0))),
        Clause("median_hours_to_close", Fraction(20), curve(("24", 100), ("240", 0))),
    ),
    bands=(
        Band(Fraction(80), Fraction(1)),
        Band(Fraction(70), Fraction("0.80"), Fraction("0.02")),
        Band(Fraction(60), Fraction("0.60"), Fraction("0.02")),
        Band(Fraction(0), Fraction("0.40"), rectification=True),
    ),
)


def boston(on_time: int, overdue: int, left: int, cases: int, half_seconds: int) -> Scored:
    return rules.appraise(
        BOSTON,
        {
            "on_time_rate": Fraction(on_time, on_time + overdue),
            "open_overdue_rate": Fraction(left, cases),
            "median_hours_to_close": Fraction(half_seconds, 7200),
        },
    )


FIRST = boston(10_364, 7_721, 3_127, 26_788, 505_312)
SECOND = boston(17_502, 7_903, 2_535, 31_331, 548_144)


def shown(value: Fraction, places: int = 4) -> str:
    return f"{Decimal(round(value * 10**places)).scaleb(-places)}"


def test_the_first_quarter_of_2015() -> None:
    assert [shown(clause.score) for clause in FIRST.clauses] == ["24.3572", "66.6343", "78.6193"]
    assert shown(FIRST.total) == "47.8928"
    assert FIRST.coefficient == Fraction("0.40")
    assert FIRST.rectification
    assert FIRST.payment.fixed == Decimal("8400000.00")
    assert FIRST.payment.due == Decimal("9840000.00")


def test_the_second_quarter_of_2015() -> None:
    assert shown(SECOND.total) == "72.0231"
    assert shown(SECOND.coefficient, 6) == "0.840462"
    assert not SECOND.rectification
    assert SECOND.payment.performance == Decimal("3025662.28")
    assert SECOND.payment.not_earned == Decimal("574337.72")
    assert SECOND.payment.due == Decimal("11425662.28")


@pytest.mark.parametrize(
    ("total", "expected"),
    [
        ("100", "1"),
        ("80", "1"),
        ("79.5", "0.99"),
        ("70", "0.80"),
        ("69.5", "0.79"),
        ("60", "0.60"),
        ("59.999", "0.40"),
        ("0", "0.40"),
    ],
)
def test_coefficients_of_the_bands(total: str, expected: str) -> None:
    band = rules.band_of(BOSTON.bands, Fraction(total))
    assert rules.coefficient(band, Fraction(total)) == Fraction(expected)


@pytest.mark.parametrize("edge", [80, 70])
def test_the_coefficient_does_not_jump_where_the_bands_meet(edge: int) -> None:
    below = Fraction(edge) - Fraction(1, 10**12)
    band = rules.band_of(BOSTON.bands, below)
    upper = rules.band_of(BOSTON.bands, Fraction(edge))
    assert upper is not band
    step = rules.coefficient(upper, Fraction(edge)) - rules.coefficient(band, below)
    assert 0 <= step <= Fraction(1, 10**12)


def test_below_sixty_the_coefficient_falls_at_once() -> None:
    band = rules.band_of(BOSTON.bands, Fraction(60) - Fraction(1, 10**12))
    assert band.base == Fraction("0.40")
    assert band.rectification


def test_an_indicator_without_cases_is_not_scored() -> None:
    with pytest.raises(NothingToAppraiseError, match="on_time_rate"):
        rules.appraise(BOSTON, {"on_time_rate": None})


@pytest.mark.parametrize(
    ("amount", "expected"),
    [("0.005", "0.00"), ("0.015", "0.02"), ("0.025", "0.02"), ("-0.015", "-0.02"), ("1", "1.00")],
)
def test_cents_are_rounded_half_to_even(amount: str, expected: str) -> None:
    assert rules.rounded(Fraction(amount), "USD") == Decimal(expected)


def test_yen_have_no_cents() -> None:
    assert rules.rounded(Fraction("1.5"), "JPY") == Decimal(2)


values = st.fractions(min_value=-1000, max_value=1000, max_denominator=10**6)
scores = st.integers(0, 100).map(Fraction)


@st.composite
def curves(draw: st.DrawFn, *, rising: bool = False) -> Curve:
    places = sorted(draw(st.lists(values, min_size=2, max_size=6, unique=True)))
    heights = draw(st.lists(scores, min_size=len(places), max_size=len(places)))
    if rising:
        heights.sort()
    return Curve(tuple(CurvePoint(*pair) for pair in zip(places, heights, strict=True)))


@given(curves(), values)
def test_a_score_stays_within_the_curves_own_scores(line: Curve, value: Fraction) -> None:
    heights = [point.score for point in line.points]
    assert min(heights) <= rules.score(line, value) <= max(heights)


@given(curves())
def test_a_curve_passes_through_its_points_and_is_flat_outside(line: Curve) -> None:
    for point in line.points:
        assert rules.score(line, point.value) == point.score
    first, last = line.points[0], line.points[-1]
    assert rules.score(line, first.value - 1) == first.score
    assert rules.score(line, last.value + 1) == last.score


@given(curves())
def test_a_curve_is_straight_between_its_points(line: Curve) -> None:
    for left, right in pairwise(line.points):
        middle = (left.value + right.value) / 2
        assert rules.score(line, middle) == (left.score + right.score) / 2


@given(curves(rising=True), values, values)
def test_a_better_value_never_scores_less(line: Curve, one: Fraction, other: Fraction) -> None:
    low, high = sorted((one, other))
    assert rules.score(line, low) <= rules.score(line, high)


totals = st.fractions(min_value=0, max_value=100, max_denominator=10**9)


@given(totals, totals)
def test_a_higher_total_never_earns_less(one: Fraction, other: Fraction) -> None:
    low, high = sorted((one, other))
    earned = [rules.coefficient(rules.band_of(BOSTON.bands, total), total) for total in (low, high)]
    assert 0 <= earned[0] <= earned[1] <= 1


money = st.integers(0, 10**13).map(lambda amount: Decimal(amount).scaleb(-2))
shares = st.fractions(min_value=0, max_value=1, max_denominator=10**9)


@given(money, shares, shares)
def test_every_cent_is_accounted_for(amount: Decimal, fixed: Fraction, earned: Fraction) -> None:
    terms = Terms("USD", amount, fixed, BOSTON.clauses, BOSTON.bands)
    paid = rules.payment(terms, earned)
    assert paid.fixed + paid.performance == paid.due
    assert paid.due + paid.not_earned == paid.amount == amount
    assert paid.fixed + paid.performance_available == amount
    for part in (paid.fixed, paid.performance, paid.not_earned, paid.due):
        assert part >= 0
        assert part == part.quantize(Decimal("0.01"))


@given(values, values, values)
def test_the_total_is_the_weighted_mean_of_the_scores(
    rate: Fraction, left: Fraction, hours: Fraction
) -> None:
    measured = {"on_time_rate": rate, "open_overdue_rate": left, "median_hours_to_close": hours}
    outcome = rules.appraise(BOSTON, measured)
    weighted = sum(clause.score * clause.weight for clause in outcome.clauses)
    assert outcome.total == weighted / 100
    assert 0 <= outcome.total <= 100
