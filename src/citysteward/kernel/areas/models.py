"""Tables of areas."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GistIndex
from django.db import models

from citysteward.kernel.areas.types import LEVEL_WORDS, Level
from citysteward.lib.trees import LtreeField
from citysteward.lib.words import Words


class City(models.Model):
    """A city whose areas are known; `revision` is new at each change of any of them.

    What the pack's manifest says of it is empty until that is loaded.
    """

    code = models.SlugField(max_length=80, primary_key=True)
    revision = models.UUIDField()
    name_en = models.CharField(max_length=200, blank=True)
    name_zh = models.CharField(max_length=200, blank=True)
    root = models.CharField(max_length=80, blank=True)
    calendar = models.CharField(max_length=80, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    loaded_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "cities"

    def __str__(self) -> str:
        return self.code


class Area(models.Model):
    """A part of a city. `outline` is WKB in WGS 84; `aliases` are what files call it."""

    code = models.SlugField(max_length=80, unique=True)
    city = models.ForeignKey(City, models.PROTECT, related_name="areas", db_column="city")
    level = models.CharField(max_length=20, choices=[(one.value, one.value) for one in Level])
    name_en = models.CharField(max_length=200)
    name_zh = models.CharField(max_length=200, blank=True)
    aliases = ArrayField(models.CharField(max_length=200), default=list)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="parts")
    path = LtreeField()
    outline = models.BinaryField(default=b"")

    class Meta:
        ordering = ["path"]
        indexes = [GistIndex(fields=["path"], name="area_path")]

    def __str__(self) -> str:
        return self.code

    @property
    def names(self) -> Words:
        return Words(en=self.name_en, zh=self.name_zh)

    @property
    def level_words(self) -> Words:
        return LEVEL_WORDS[Level(self.level)]

    @property
    def subject(self) -> str:
        """What the journal calls it."""
        return f"area:{self.code}"
