"""What the public API writes to the journal: keys given and taken back, never the keys."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from citysteward.kernel.journal.types import Verb
from citysteward.lib.words import Words


class KeyIssued(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str
    daily_quota: int


class KeyRevoked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str


KEY_ISSUED = Verb(
    name="api_key.issued",
    version=1,
    payload=KeyIssued,
    words=Words(en="API key issued", zh="签发接口密钥"),
)
KEY_REVOKED = Verb(
    name="api_key.revoked",
    version=1,
    payload=KeyRevoked,
    words=Words(en="API key revoked", zh="吊销接口密钥"),
)
VERBS: tuple[Verb[Any], ...] = (KEY_ISSUED, KEY_REVOKED)
