"""Declarations of this context: its verbs in the event catalogue."""

from datetime import date, datetime
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from citysteward.kernel.journal.registry import declare
from citysteward.kernel.journal.types import Verb
from citysteward.lib.words import Words


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ContractLoaded(_Told):
    """A contract's text as it now is, by its hash."""

    contract: str
    sha256: str


class AppraisalFrozen(_Told):
    """A period's appraisal: what it was computed from, the hash of its bytes, what is due."""

    contract: str
    version: str
    period: str
    starts: date
    ends: date
    as_of: datetime
    seal: int
    seal_root: str
    sha256: str
    total: str
    coefficient: str
    currency: str
    due: Decimal


class RectificationOrdered(_Told):
    """The operator must set things right: the total fell into a band that orders it."""

    contract: str
    period: str
    total: str
    below: Decimal
    sha256: str


CONTRACT_LOADED = declare(
    Verb(
        "contract.loaded",
        1,
        ContractLoaded,
        Words(en="Contract loaded from the pack", zh="已从配置包载入合同"),
    )
)
APPRAISAL_FROZEN = declare(
    Verb(
        "appraisal.frozen",
        1,
        AppraisalFrozen,
        Words(
            en="Appraisal frozen with the seal of the journal",
            zh="绩效考核结果已随日志封存固化",
        ),
    )
)
RECTIFICATION_ORDERED = declare(
    Verb(
        "rectification.ordered",
        1,
        RectificationOrdered,
        Words(en="Rectification ordered", zh="责令限期整改"),
    )
)
