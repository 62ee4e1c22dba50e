"""Every write of the contracts context: loading contracts, freezing appraisals."""

import hashlib
from datetime import UTC, datetime
from typing import Literal

from citysteward.contracts import queries
from citysteward.contracts.appraisals import Appraised, canonical, exact
from citysteward.contracts.documents import ContractDocument
from citysteward.contracts.models import Appraisal, Contract, ContractVersion
from citysteward.contracts.registry import (
    APPRAISAL_FROZEN,
    CONTRACT_LOADED,
    RECTIFICATION_ORDERED,
    AppraisalFrozen,
    ContractLoaded,
    RectificationOrdered,
)
from citysteward.contracts.types import AlreadyFrozenError, NoSealError, TooEarlyError
from citysteward.kernel.journal.actions import action, append, unchanged
from citysteward.kernel.journal.types import Actor
from citysteward.lib.dates import Period

Outcome = Literal["created", "changed", "unchanged"]


@action
def load_contract(city: str, document: ContractDocument, *, actor: Actor) -> Outcome:
    """Keep `document` as the contract's present version; says what that changed.

    Earlier versions stay: an appraisal keeps the one that it was computed under.
    """
    text = canonical(document.model_dump(mode="json", by_alias=True))
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    known = Contract.objects.select_for_update().filter(code=document.code).first()
    if known is not None and known.current is not None and known.current.sha256 == sha256:
        return unchanged("unchanged")
    contract = known or Contract.objects.create(
        code=document.code, city=city, operator=document.operator
    )
    contract.current, _ = ContractVersion.objects.get_or_create(
        contract=contract, sha256=sha256, defaults={"document": text}
    )
    contract.city, contract.operator = city, document.operator
    contract.save()
    append(
        CONTRACT_LOADED,
        actor=actor,
        subject=f"contract:{contract.code}",
        payload=ContractLoaded(contract=contract.code, sha256=sha256),
    )
    return "created" if known is None else "changed"


@action
def appraise(
    contract: str, period: Period, *, actor: Actor, as_of: datetime | None = None
) -> Appraisal:
    """Appraise a period on the last seal and freeze the result; orders rectification if due.

    Frozen already for the same moment, it is returned as it is. Raises AlreadyFrozenError for
    another moment, TooEarlyError for one that lies ahead, NoSealError without a seal, and what
    `queries.preview` raises.
    """
    # The row lock makes two who freeze the same period at once wait for each other.
    held = Contract.objects.select_for_update().get(pk=queries.contract(contract).pk)
    frozen = Appraisal.objects.filter(contract=held, period=str(period)).first()
    if frozen is not None:
        if as_of is not None and as_of != frozen.as_of:
            raise AlreadyFrozenError(
                f"{contract} {period} is frozen as of {frozen.as_of.isoformat()}; it stays."
            )
        return unchanged(frozen)
    now = datetime.now(UTC)
    outcome = queries.preview(contract, period, as_of=as_of)
    if outcome.table.moment.as_of > now:
        raise TooEarlyError(f"{outcome.table.moment.as_of.isoformat()} lies ahead: wait for it.")
    if not outcome.table.seal_root:
        raise NoSealError("nothing is sealed yet: run `citysteward lake export`.")
    return _freeze(held, outcome, now, actor)


def _freeze(contract: Contract, outcome: Appraised, now: datetime, actor: Actor) -> Appraisal:
    scored, moment = outcome.scored, outcome.table.moment
    currency = outcome.basis.document.payment.currency
    entry = append(
        APPRAISAL_FROZEN,
        actor=actor,
        subject=f"contract:{contract.code}",
        payload=AppraisalFrozen(
            contract=contract.code,
            version=outcome.basis.version,
            period=str(outcome.basis.period),
            starts=outcome.basis.period.start,
            ends=outcome.basis.period.end,
            as_of=moment.as_of,
            seal=moment.seal or 0,
            seal_root=outcome.table.seal_root,
            sha256=outcome.sha256,
            total=exact(scored.total),
            coefficient=exact(scored.coefficient),
            currency=currency,
            due=scored.payment.due,
        ),
    )
    if scored.rectification:
        _order_rectification(contract, outcome, actor)
    return Appraisal.objects.create(
        contract=contract,
        version=contract.versions.get(sha256=outcome.basis.version),
        period=str(outcome.basis.period),
        starts=outcome.basis.period.start,
        ends=outcome.basis.period.end,
        as_of=moment.as_of,
        seal_number=moment.seal or 0,
        seal_root=outcome.table.seal_root,
        result=outcome.text,
        sha256=outcome.sha256,
        currency=currency,
        due=scored.payment.due,
        rectification=scored.rectification,
        frozen_at=now,
        frozen_by=actor.name or actor.id,
        entry=entry,
    )


def _order_rectification(contract: Contract, outcome: Appraised, actor: Actor) -> None:
    spared = [band.floor for band in outcome.basis.document.coefficients if not band.rectification]
    append(
        RECTIFICATION_ORDERED,
        actor=actor,
        subject=f"contract:{contract.code}",
        payload=RectificationOrdered(
            contract=contract.code,
            period=str(outcome.basis.period),
            total=exact(outcome.scored.total),
            below=min(spared),
            sha256=outcome.sha256,
        ),
    )
