"""How often somebody without an account has sent something, to keep floods away."""

from django.db import models


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
