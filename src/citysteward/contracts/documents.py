"""What a pack's `contracts/<code>.yaml` may say, and the terms that follow from it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from citysteward.contracts.types import Band, Clause, Curve, CurvePoint, Terms
from citysteward.lib.dates import Period
from citysteward.lib.money import places
from citysteward.lib.words import Words, WordsField

FOLDER = "contracts"

MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}

Share = Annotated[Decimal, Field(ge=0, le=1)]
Score = Annotated[Decimal, Field(ge=0, le=100)]
Amount = Annotated[Decimal, Field(gt=0)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Term(_Strict):
    """First and last day of the contract, local dates, both inclusive."""

    first: date
    last: date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise ValueError("the term's last day must not come before its first")
        return self


class PaymentTerms(_Strict):
    """What is paid for each period: `amount` in `currency`, of which `fixed` in any case."""

    currency: str
    amount: Amount
    every: Literal["month", "quarter", "half", "year"]
    fixed: Share

    @model_validator(mode="after")
    def _payable(self) -> Self:
        digits = places(self.currency)
        if self.amount != round(self.amount, digits):
            raise ValueError(f"{self.currency} is paid with {digits} decimals")
        return self


class Observation(_Strict):
    """When the figures of a period are observed: at one moment, a local time of `zone`."""

    at: datetime
    zone: str

    @field_validator("at")
    @classmethod
    def _local(cls, at: datetime) -> datetime:
        if at.tzinfo is not None:
            raise ValueError("give the local time; the zone stands beside it")
        return at

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"{zone!r} is not an IANA time zone, such as Asia/Shanghai") from None
        return zone


class Point(_Strict):
    """A point of a curve: this measured value earns this score."""

    value: Decimal
    score: Score


class ClauseTerms(_Strict):
    """An appraised indicator: its metric, its weight in points of 100, and its curve."""

    metric: str
    words: WordsField | None = None
    weight: Annotated[Decimal, Field(gt=0, le=100)]
    curve: list[Point] = Field(min_length=2)

    @field_validator("curve")
    @classmethod
    def _ascending(cls, curve: list[Point]) -> list[Point]:
        values = [point.value for point in curve]
        if any(left >= right for left, right in pairwise(values)):
            raise ValueError("a curve's values must rise from point to point")
        return curve


class BandTerms(_Strict):
    """The coefficient of the performance part from a total of `floor` points up."""

    floor: Score = Field(alias="from")
    coefficient: Share
    per_point: Annotated[Decimal, Field(ge=0)] = Decimal(0)
    rectification: bool = False


class ContractDocument(_Strict):
    """The whole contract. `operator` is paid, `payer` pays (codes of organisations).

    `illustration` marks a contract that nobody signed: made up over real cases to show how one
    works; `note` says so to the reader.
    """

    code: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
    words: WordsField
    illustration: bool = False
    note: WordsField = Words()
    source: WordsField = Words()
    operator: str
    payer: str
    term: Term
    payment: PaymentTerms
    observation: Observation
    filter: dict[str, list[str]] = Field(default_factory=dict)
    indicators: list[ClauseTerms] = Field(min_length=1)
    coefficients: list[BandTerms] = Field(min_length=1)

    @field_validator("indicators")
    @classmethod
    def _weighed(cls, clauses: list[ClauseTerms]) -> list[ClauseTerms]:
        if sum(clause.weight for clause in clauses) != 100:
            raise ValueError("the weights of the indicators must add up to 100")
        if len({clause.metric for clause in clauses}) != len(clauses):
            raise ValueError("a metric can be appraised once only")
        return clauses

    @field_validator("coefficients")
    @classmethod
    def _complete(cls, bands: list[BandTerms]) -> list[BandTerms]:
        floors = sorted(band.floor for band in bands)
        if floors[0] != 0 or len(set(floors)) != len(floors):
            raise ValueError("the bands must begin at 0 and have a floor of their own each")
        ordered = sorted(bands, key=lambda band: band.floor)
        for below, above in zip(ordered, [*ordered[1:], None], strict=True):
            ceiling = above.floor if above else Decimal(100)
            highest = below.coefficient + below.per_point * (ceiling - below.floor)
            if highest > (above.coefficient if above else 1):
                raise ValueError("a higher total must never earn a lower coefficient, or over 1")
        return bands

    @model_validator(mode="after")
    def _whole_periods(self) -> Self:
        months = MONTHS[self.payment.every]
        starts, ends = self.term.first, self.term.last + timedelta(days=1)
        for day in (starts, ends):
            if day.day != 1 or (day.month - 1) % months:
                raise ValueError(f"the term must begin and end with a {self.payment.every}")
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which the contract's dates are read."""
        return ZoneInfo(self.observation.zone)

    @property
    def periods(self) -> list[Period]:
        """The payment periods of the term, in order."""
        term = Period(self.term.first, self.term.last + timedelta(days=1))
        return list(term.split(MONTHS[self.payment.every]))

    @property
    def observed_at(self) -> datetime:
        """The moment (UTC) as of which the contract's figures count."""
        return self.observation.at.replace(tzinfo=self.zone).astimezone(UTC)

    def terms(self) -> Terms:
        """The terms as exact numbers, for `rules`."""
        return Terms(
            currency=self.payment.currency,
            amount=self.payment.amount,
            fixed_share=Fraction(self.payment.fixed),
            clauses=tuple(
                Clause(
                    clause.metric,
                    Fraction(clause.weight),
                    Curve(
                        tuple(
                            CurvePoint(Fraction(point.value), Fraction(point.score))
                            for point in clause.curve
                        )
                    ),
                )
                for clause in self.indicators
            ),
            bands=tuple(
                Band(
                    Fraction(band.floor),
                    Fraction(band.coefficient),
                    Fraction(band.per_point),
                    band.rectification,
                )
                for band in sorted(self.coefficients, key=lambda band: -band.floor)
            ),
        )
