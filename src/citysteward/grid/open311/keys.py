"""Keys for sending reports through the API: issued, revoked, recognised, counted per day.

A key is 256 random bits, shown once. Only its SHA-256 is stored: nobody can guess so long a
key from it, so no slow hash is needed, and a key is found by one index look-up.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction
from django.utils import timezone

from citysteward.grid.models import ApiKey, ApiKeyUse
from citysteward.grid.open311 import events
from citysteward.kernel.journal import actions as journal
from citysteward.kernel.journal.actions import action
from citysteward.kernel.journal.types import Actor
from citysteward.kernel.parties.types import Principal
from citysteward.lib.errors import PlainError

PREFIX = "cs_"
DAILY_QUOTA = 1_000
MOST_DAILY = 1_000_000
LONGEST_LABEL = 80


@dataclass(frozen=True)
class Issued:
    """A new key. `secret` is what its holder sends as api_key; it is not stored anywhere."""

    key: ApiKey
    secret: str


class QuotaExceeded(Exception):
    """The key has opened as many cases today as it may."""

    def __init__(self, quota: int) -> None:
        super().__init__(f"{quota} cases a day")
        self.quota = quota


@action
def issue_key(label: str, *, daily_quota: int = DAILY_QUOTA, actor: Actor) -> Issued:
    """A new key for whoever `label` names. Raises PlainError for a label that won't do."""
    label = label.strip()
    if not 0 < len(label) <= LONGEST_LABEL or not label.isprintable():
        raise PlainError(f"Name the key's holder in 1 to {LONGEST_LABEL} characters, on one line.")
    if not 1 <= daily_quota <= MOST_DAILY:
        raise PlainError(f"The daily quota must lie between 1 and {MOST_DAILY}.")
    secret = PREFIX + secrets.token_urlsafe(32)
    try:
        with transaction.atomic():
            key = ApiKey.objects.create(
                label=label,
                digest=digest(secret),
                daily_quota=daily_quota,
                created_at=timezone.now(),
            )
    except IntegrityError as error:
        raise PlainError(
            f"{label!r} has a key already: revoke it first, or choose another label."
        ) from error
    journal.append(
        events.KEY_ISSUED,
        actor=actor,
        subject=subject(key),
        payload=events.KeyIssued(label=label, daily_quota=daily_quota),
    )
    return Issued(key, secret)


@action
def revoke_key(label: str, *, actor: Actor) -> ApiKey:
    """Make the label's key worthless from now on. Raises PlainError if there is none."""
    key = ApiKey.objects.select_for_update().filter(label=label.strip(), active=True).first()
    if key is None:
        raise PlainError(f"No active key is labelled {label.strip()!r}.")
    key.active = False
    key.revoked_at = timezone.now()
    key.save(update_fields=["active", "revoked_at"])
    journal.append(
        events.KEY_REVOKED,
        actor=actor,
        subject=subject(key),
        payload=events.KeyRevoked(label=key.label),
    )
    return key


def all_keys() -> list[ApiKey]:
    """Every key that was ever issued, oldest first."""
    return list(ApiKey.objects.order_by("created_at", "id"))


def find_key(secret: str) -> ApiKey | None:
    """The active key of this secret, if it is one."""
    return ApiKey.objects.filter(digest=digest(secret), active=True).first()


def principal(key: ApiKey) -> Principal:
    """The key's holder, as who opens its cases."""
    return Principal.system(Actor(id=f"api-key:{key.id}", name=key.label))


def lock_use(key: ApiKey, day: date) -> ApiKeyUse:
    """The key's count of the (local) day, locked until the transaction ends: one report at a
    time per key, so that neither the quota nor an idempotency key can be run past."""
    ApiKeyUse.objects.get_or_create(key=key, day=day)
    return ApiKeyUse.objects.select_for_update().get(key=key, day=day)


def count_use(use: ApiKeyUse, quota: int) -> None:
    """One more case today; raises QuotaExceeded."""
    if use.cases >= quota:
        raise QuotaExceeded(quota)
    use.cases += 1
    use.save(update_fields=["cases"])


def digest(secret: str) -> str:
    """What is stored of a key."""
    return hashlib.sha256(secret.encode()).hexdigest()


def subject(key: ApiKey) -> str:
    """The key's name in the journal."""
    return f"api-key:{key.id}"
