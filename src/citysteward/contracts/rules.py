"""The arithmetic of an appraisal, pure and exact.

Values, scores, totals and coefficients are fractions from the counts of cases on, so nothing is
rounded on the way and no order of operations shows; money is rounded once, to cents, half-even.
"""

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from citysteward.contracts.types import (
    Band,
    Clause,
    ClauseResult,
    Curve,
    Measured,
    NothingToAppraiseError,
    Payment,
    Scored,
    Terms,
)
from citysteward.lib.money import places


def score(curve: Curve, value: Fraction) -> Fraction:
    """The score of `value` on `curve`: linear between its points, clipped to the outer ones."""
    points = curve.points
    if value <= points[0].value:
        return points[0].score
    for left, right in pairwise(points):
        if value <= right.value:
            along = (value - left.value) / (right.value - left.value)
            return left.score + along * (right.score - left.score)
    return points[-1].score


def band_of(bands: tuple[Band, ...], total: Fraction) -> Band:
    """The band with the highest floor that `total` reaches; the lowest one below all floors."""
    ordered = sorted(bands, key=lambda band: band.floor)
    reached = [band for band in ordered if band.floor <= total]
    return reached[-1] if reached else ordered[0]


def coefficient(band: Band, total: Fraction) -> Fraction:
    """The share of the performance part that `total` earns within `band`."""
    return band.base + band.slope * max(Fraction(0), total - band.floor)


def rounded(amount: Fraction, currency: str) -> Decimal:
    """An amount of money in whole smallest units of `currency` (cents), half-even."""
    digits = places(currency)
    return Decimal(round(amount * 10**digits)).scaleb(-digits)


def payment(terms: Terms, earned: Fraction) -> Payment:
    """The money of a period whose performance part earned the coefficient `earned`.

    The performance part available is what the fixed part leaves, so that both always add up.
    """
    fixed = rounded(Fraction(terms.amount) * terms.fixed_share, terms.currency)
    available = terms.amount - fixed
    performance = rounded(Fraction(available) * earned, terms.currency)
    return Payment(
        amount=terms.amount,
        fixed=fixed,
        performance_available=available,
        performance=performance,
        not_earned=available - performance,
        due=fixed + performance,
    )


def appraise(terms: Terms, measured: Measured) -> Scored:
    """Score what was measured and work out what is due.

    Raises NothingToAppraiseError where a clause has no value: any score made up in its place
    would pay, or withhold, money without a single case behind it.
    """
    weights = sum((clause.weight for clause in terms.clauses), Fraction(0))
    results = tuple(_result(clause, measured, weights) for clause in terms.clauses)
    total = sum((result.points for result in results), Fraction(0))
    band = band_of(terms.bands, total)
    earned = coefficient(band, total)
    return Scored(
        clauses=results,
        total=total,
        band=band,
        coefficient=earned,
        rectification=band.rectification,
        payment=payment(terms, earned),
    )


def _result(clause: Clause, measured: Measured, weights: Fraction) -> ClauseResult:
    value = measured.get(clause.metric)
    if value is None:
        raise NothingToAppraiseError(f"There are no cases to measure {clause.metric} on.")
    earned = score(clause.curve, value)
    return ClauseResult(
        metric=clause.metric,
        value=value,
        score=earned,
        weight=clause.weight,
        points=earned * clause.weight / weights,
    )
