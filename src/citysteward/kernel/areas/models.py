"""Cities and the tree of their areas."""

from typing import Any

from django.db import models

from citysteward.lib.words import Words


class LtreeField(models.Field):  # type: ignore[type-arg]  # not subscriptable at run time
    """PostgreSQL's `ltree`: labels from the root down, joined by dots."""

    def db_type(self, connection: Any) -> str:
        return "ltree"


@LtreeField.register_lookup
class Within(models.Lookup):  # type: ignore[type-arg]  # not subscriptable at run time
    """`path__within=p`: p itself and everything below it."""

    lookup_name = "within"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        return f"{left} <@ {right}::ltree", [*left_params, *right_params]


class City(models.Model):
    """A city that a pack describes. `areas_version` rises whenever one of its areas changes."""

    code = models.CharField(max_length=40, primary_key=True)
    words = models.JSONField(default=dict)
    area_code = models.CharField(max_length=80)
    calendar = models.CharField(max_length=40)
    currency = models.CharField(max_length=3)
    areas_version = models.PositiveIntegerField(default=0)
    loaded_at = models.DateTimeField()

    class Meta:
        ordering = ("loaded_at",)
        verbose_name_plural = "cities"

    def __str__(self) -> str:
        return self.code

    @property
    def names(self) -> Words:
        return Words.of(self.words)


class Area(models.Model):
    """A node of a city's tree. `outline`: WKB, WGS 84, longitude first; none if unknown."""

    code = models.CharField(max_length=80, unique=True)
    city = models.ForeignKey(City, models.PROTECT, related_name="areas")
    level = models.CharField(max_length=40)
    words = models.JSONField(default=dict)
    aliases = models.JSONField(default=list)
    parent = models.ForeignKey("self", models.PROTECT, related_name="children", null=True)
    path = LtreeField()
    outline = models.BinaryField(null=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("position", "code")

    def __str__(self) -> str:
        return self.code

    @property
    def names(self) -> Words:
        return Words.of(self.words)
