"""How often somebody without an account has sent something, and the keys of the public API."""

from django.db import models

from citysteward.lib.ids import uuid7


class Attempt(models.Model):
    """One report or photo from one sender; rows older than the longest window are removed.

    `sender` is a keyed digest (see throttle.py): the address itself is never stored.
    """

    kind = models.CharField(max_length=20)
    sender = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("kind", "sender", "at"), name="attempt_recent"),)

    def __str__(self) -> str:
        return f"{self.kind} at {self.at:%Y-%m-%d %H:%M}"


class ApiKey(models.Model):
    """A key of the Open311 API; of the key itself only the SHA-256 is kept. Times UTC."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    label = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    active = models.BooleanField(default=True)
    daily_quota = models.PositiveIntegerField()
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("label",), name="api_key_one_per_label", condition=models.Q(active=True)
            ),
        )

    def __str__(self) -> str:
        return self.label


class ApiKeyUse(models.Model):
    """How many cases a key has opened on a day of the city's calendar."""

    key = models.ForeignKey(ApiKey, models.PROTECT, related_name="uses")
    day = models.DateField()
    cases = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("key", "day"), name="api_key_use_per_day"),)

    def __str__(self) -> str:
        return f"{self.cases} on {self.day}"
