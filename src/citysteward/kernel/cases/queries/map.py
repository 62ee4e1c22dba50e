"""Cases on a map, clustered by the database so that 100,000 of them stay light."""

from dataclasses import dataclass

from django.db.models import Avg, Count, F, FloatField, Max, Min, Q, QuerySet
from django.db.models.functions import Cast, Floor
from django.utils import timezone

from citysteward.kernel.cases.models import Case
from citysteward.kernel.cases.types import CaseStatus

CELL_PIXELS = 64
"""How wide a cluster's cell is on the screen."""
TILE_PIXELS = 256
MOST_CLUSTERS = 2_000
DEEPEST_ZOOM = 20


@dataclass(frozen=True)
class Cluster:
    """Cases close together on the screen; `number` is set when there is just one."""

    longitude: float
    latitude: float
    count: int
    overdue: int
    number: str


def clusters(
    cases: QuerySet[Case], *, bounds: tuple[float, float, float, float], zoom: int
) -> list[Cluster]:
    """The cases within `bounds` (west, south, east, north; degrees), by cells of 64 px."""
    west, south, east, north = bounds
    cell = 360 / 2 ** min(max(zoom, 0), DEEPEST_ZOOM) / TILE_PIXELS * CELL_PIXELS
    late = Q(status=CaseStatus.OPEN, due_at__lt=timezone.now(), suspended_at__isnull=True)
    rows = (
        cases.filter(
            longitude__gte=west, longitude__lte=east, latitude__gte=south, latitude__lte=north
        )
        .annotate(
            column=Floor(Cast(F("longitude") / cell, FloatField())),
            row=Floor(Cast(F("latitude") / cell, FloatField())),
        )
        .order_by()
        .values("column", "row")
        .annotate(
            count=Count("id"),
            overdue=Count("id", filter=late),
            middle_longitude=Avg("longitude"),
            middle_latitude=Avg("latitude"),
            first=Min("number"),
            last=Max("number"),
        )
        .order_by("-count")[:MOST_CLUSTERS]
    )
    return [
        Cluster(
            longitude=row["middle_longitude"],
            latitude=row["middle_latitude"],
            count=row["count"],
            overdue=row["overdue"],
            number=row["first"] if row["count"] == 1 else "",
        )
        for row in rows
    ]
