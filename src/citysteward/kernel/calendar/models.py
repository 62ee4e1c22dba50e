"""Tables of working calendars."""

from django.db import models

from citysteward.kernel.calendar.rules import DayEnd
from citysteward.lib.words import Words


def _choices(kind: type[DayEnd]) -> list[tuple[str, str]]:
    return [(one.value, one.value) for one in kind]


class Calendar(models.Model):
    """Working hours of an authority. `hours` holds, per weekday from Monday, "08:30-17:00" texts.

    `revision` is new at each change of the calendar or its days, so that what is cached
    anywhere can be told from what holds.
    """

    code = models.SlugField(max_length=80, unique=True)
    name_en = models.CharField(max_length=200)
    name_zh = models.CharField(max_length=200, blank=True)
    zone = models.CharField(max_length=64)
    hours = models.JSONField()
    source = models.CharField(max_length=80)
    business_day_ends = models.CharField(max_length=20, choices=_choices(DayEnd))
    calendar_day_ends = models.CharField(max_length=20, choices=_choices(DayEnd))
    known_from = models.DateField()
    known_until = models.DateField()
    revision = models.UUIDField()

    def __str__(self) -> str:
        return self.code

    @property
    def names(self) -> Words:
        return Words(en=self.name_en, zh=self.name_zh)

    @property
    def subject(self) -> str:
        """What the journal calls it."""
        return f"calendar:{self.code}"


class Day(models.Model):
    """A date that its weekday doesn't explain. An edited row stands above a seeded one."""

    class Origin(models.TextChoices):
        SEEDED = "seeded", "from the official calendar"
        EDITED = "edited", "set by the authority"

    calendar = models.ForeignKey(Calendar, models.CASCADE, related_name="days")
    date = models.DateField()
    origin = models.CharField(max_length=10, choices=Origin.choices)
    working = models.BooleanField()
    hours = models.JSONField(default=list)
    name_en = models.CharField(max_length=200, blank=True)
    name_zh = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["date", "origin"]
        constraints = [
            models.UniqueConstraint(
                fields=["calendar", "date", "origin"], name="calendar_day_once_per_origin"
            )
        ]

    def __str__(self) -> str:
        return f"{self.calendar_id} {self.date}"

    @property
    def names(self) -> Words:
        return Words(en=self.name_en, zh=self.name_zh)
