"""Plain values of the contracts context: clauses, measured results and statements."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from citysteward.lib.errors import PlainError


class ContractError(PlainError):
    """The base of what this context refuses; the message names the field and the remedy."""


class UnknownContractError(ContractError):
    """No contract of this code is loaded."""


class OutsideTermError(ContractError):
    """The period is not one of the contract's payment periods."""


class NothingToAppraiseError(ContractError):
    """An indicator of the contract has nothing to measure in the period."""


class AlreadyFrozenError(ContractError):
    """The period's appraisal is frozen; what was frozen is never replaced."""


class TooEarlyError(ContractError):
    """The moment of observation lies ahead; nothing can be frozen before it."""


class NoSealError(ContractError):
    """The journal has no seal yet, so there is nothing sealed to compute from."""


class PeriodState(StrEnum):
    """How far a payment period is: to come, running, over without a single case, open to be
    appraised, or frozen."""

    TO_COME = "to_come"
    RUNNING = "running"
    EMPTY = "empty"
    OPEN = "open"
    FROZEN = "frozen"


@dataclass(frozen=True)
class CurvePoint:
    """A measured value and the score that it earns."""

    value: Fraction
    score: Fraction


@dataclass(frozen=True)
class Curve:
    """Scores by measured value: straight lines between the points, flat beyond the outer ones."""

    points: tuple[CurvePoint, ...]


@dataclass(frozen=True)
class Band:
    """The coefficient from a total of `floor` up to the next band: `base` plus `slope` for each
    point above `floor`. `rectification` says that the operator must set things right."""

    floor: Fraction
    base: Fraction
    slope: Fraction = Fraction(0)
    rectification: bool = False


@dataclass(frozen=True)
class Clause:
    """One appraised indicator: a metric, its weight among the clauses, and its curve."""

    metric: str
    weight: Fraction
    curve: Curve


@dataclass(frozen=True)
class Terms:
    """What a contract pays for one period and how it is scored. `amount` is in `currency`."""

    currency: str
    amount: Decimal
    fixed_share: Fraction
    clauses: tuple[Clause, ...]
    bands: tuple[Band, ...]


@dataclass(frozen=True)
class ClauseResult:
    """What one clause measured and earned; `points` is score × weight ÷ all weights."""

    metric: str
    value: Fraction
    score: Fraction
    weight: Fraction
    points: Fraction


@dataclass(frozen=True)
class Payment:
    """A period's money, in whole cents: fixed + performance = due; due + not_earned = amount."""

    amount: Decimal
    fixed: Decimal
    performance_available: Decimal
    performance: Decimal
    not_earned: Decimal
    due: Decimal


@dataclass(frozen=True)
class Scored:
    """The outcome of scoring one period, exact; only the money is rounded, to cents."""

    clauses: tuple[ClauseResult, ...]
    total: Fraction
    band: Band
    coefficient: Fraction
    rectification: bool
    payment: Payment


Measured = Mapping[str, Fraction | None]
"""Measured values by metric; None where there was nothing to measure."""
