"""Every read of the contracts context: contracts, their periods, appraisals computed and frozen."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from citysteward.contracts import appraisals
from citysteward.contracts.appraisals import Appraised, Basis
from citysteward.contracts.documents import ContractDocument
from citysteward.contracts.models import Appraisal, Contract
from citysteward.contracts.statement import Statement, read
from citysteward.contracts.types import OutsideTermError, PeriodState, UnknownContractError
from citysteward.kernel.journal import queries as journal
from citysteward.kernel.parties import queries as parties
from citysteward.lib.dates import Period
from citysteward.lib.words import Words
from citysteward.performance import queries as performance
from citysteward.performance.types import Grouping, Scope


@dataclass(frozen=True)
class PeriodRow:
    """A payment period of a contract, how far it is, and its frozen appraisal if there is one."""

    period: Period
    state: PeriodState
    appraisal: Appraisal | None


@dataclass(frozen=True)
class FrozenPeriod:
    """A frozen period in short, for lists."""

    contract: str
    words: Words
    period: str
    currency: str
    due: Decimal
    rectification: bool


@dataclass(frozen=True)
class Recomputed:
    """A frozen appraisal computed again on its own seal.

    `same_bytes`: the result is the frozen one, byte for byte. `same_root`: the journal's seal of
    that number still has the root that was frozen.
    """

    appraisal: Appraisal
    sha256: str
    same_bytes: bool
    same_root: bool

    @property
    def holds(self) -> bool:
        """Whether the frozen figures are still what the sealed journal gives."""
        return self.same_bytes and self.same_root


def contracts(city: str | None = None) -> list[Contract]:
    """All contracts, or those of a city, by code."""
    found = Contract.objects.select_related("current").order_by("code")
    return list(found if city is None else found.filter(city=city))


def contract(code: str) -> Contract:
    """The contract of this code; UnknownContractError names the ones there are."""
    found = Contract.objects.select_related("current").filter(code=code).first()
    if found is None:
        known = ", ".join(Contract.objects.order_by("code").values_list("code", flat=True))
        raise UnknownContractError(
            f"No contract is called {code!r}; there are: {known or 'none, load a pack'}."
        )
    return found


def observed_at(city: str) -> datetime | None:
    """The observation time (UTC) of the city's first contract, None without a contract."""
    first = next(iter(contracts(city)), None)
    return None if first is None else first.text.observed_at


def periods(code: str, now: datetime) -> list[PeriodRow]:
    """Every payment period of the contract, in order, and how far each is at `now` (aware)."""
    held = contract(code)
    document = held.text
    kept = {found.period: found for found in held.appraisals.all()}
    months = _months_with_cases(held.city, document)
    return [
        PeriodRow(
            period,
            _state(
                period, str(period) in kept, any(day in period for day in months), document, now
            ),
            kept.get(str(period)),
        )
        for period in document.periods
    ]


def _months_with_cases(city: str, document: ContractDocument) -> list[date]:
    """The first days of the months of the term in which cases were opened."""
    spans = document.periods
    scope = Scope(
        city=city,
        start=spans[0].start,
        end=spans[-1].end,
        as_of=document.observed_at,
        filters=document.filter,
    )
    table = performance.indicators(scope, Grouping.MONTH, ("cases",))
    return [Period.parse(month.key).start for month in table if month["cases"].cases]


def _state(
    period: Period, is_frozen: bool, has_cases: bool, document: ContractDocument, now: datetime
) -> PeriodState:
    if is_frozen:
        return PeriodState.FROZEN
    start, end = period.bounds(document.zone)
    if now < start:
        return PeriodState.TO_COME
    if now < end:
        return PeriodState.RUNNING
    return PeriodState.OPEN if has_cases else PeriodState.EMPTY


def frozen(city: str, operators: Collection[str] | None = None) -> list[FrozenPeriod]:
    """What was frozen under the city's contracts, the latest period first.

    `operators` narrows it to the contracts of these organisations (codes).
    """
    found = Appraisal.objects.filter(contract__city=city).select_related("version", "contract")
    if operators is not None:
        found = found.filter(contract__operator__in=operators)
    return [
        FrozenPeriod(
            contract=one.contract_id,
            words=one.version.parsed().words,
            period=one.period,
            currency=one.currency,
            due=one.due,
            rectification=one.rectification,
        )
        for one in found.order_by("-starts", "contract")
    ]


def appraisal(code: str, period: Period) -> Appraisal | None:
    """The frozen appraisal of the period, or None."""
    return (
        Appraisal.objects.select_related("contract", "version")
        .filter(contract_id=code, period=str(period))
        .first()
    )


def preview(
    code: str, period: Period, *, as_of: datetime | None = None, seal: int | None = None
) -> Appraised:
    """The period computed under the contract's present text, and frozen by nobody.

    `as_of` (aware) is by default the contract's observation time, `seal` the last one that the
    lake holds. Raises UnknownContractError, OutsideTermError, NothingToAppraiseError.
    """
    held = contract(code)
    document = held.text
    require_period(document, period)
    version = held.current.sha256 if held.current else ""
    moment = as_of or document.observed_at
    return appraisals.compute(Basis(held.city, document, version, period, moment, seal))


def require_period(document: ContractDocument, period: Period) -> None:
    """OutsideTermError unless `period` is one that the contract pays for."""
    paid = document.periods
    if period not in paid:
        raise OutsideTermError(
            f"{period} is no payment period of {document.code}: it pays every"
            f" {document.payment.every} from {paid[0]} to {paid[-1]}."
        )


def trial(
    code: str, period: Period, *, as_of: datetime | None = None, seal: int | None = None
) -> Statement:
    """The statement that a preview makes; see `preview` for what it takes and raises."""
    outcome = preview(code, period, as_of=as_of, seal=seal)
    return read(
        outcome.text,
        outcome.basis.document,
        outcome.sha256,
        name_of=performance.group_names(outcome.basis.city, Grouping.ORGANISATION),
    )


def statement(code: str, period: Period) -> Statement:
    """The period's statement: what was frozen, or else a preview (`frozen_at` is None).

    Raises as `preview` does.
    """
    frozen = appraisal(code, period)
    if frozen is None:
        return trial(code, period)
    return read(
        frozen.result,
        frozen.version.parsed(),
        frozen.sha256,
        frozen_at=frozen.frozen_at,
        frozen_by=frozen.frozen_by,
        name_of=performance.group_names(frozen.contract.city, Grouping.ORGANISATION),
    )


def party_names(shown: Statement) -> dict[str, Words]:
    """The names of a statement's operator and payer, by code."""
    return party_names_of(shown.operator, shown.payer)


def party_names_of(*codes: str) -> dict[str, Words]:
    """The names of organisations by code; one that is not loaded goes by its code."""
    found = {code: parties.organisation(code) for code in codes}
    return {code: org.names if org else Words(en=code) for code, org in found.items()}


def computed(frozen: Appraisal) -> Appraised:
    """A frozen appraisal computed again: its own version of the contract, moment and seal."""
    basis = Basis(
        city=frozen.contract.city,
        document=frozen.version.parsed(),
        version=frozen.version.sha256,
        period=frozen.span(),
        as_of=frozen.as_of,
        seal=frozen.seal_number,
    )
    return appraisals.compute(basis, afresh=True)


def recompute(frozen: Appraisal) -> Recomputed:
    """Compute a frozen appraisal again and compare it with what was frozen, byte for byte."""
    again = computed(frozen)
    seal = journal.seal(frozen.seal_number)
    return Recomputed(
        appraisal=frozen,
        sha256=again.sha256,
        same_bytes=again.text == frozen.result and again.sha256 == frozen.sha256,
        same_root=seal is not None and seal.root_hex == frozen.seal_root,
    )
