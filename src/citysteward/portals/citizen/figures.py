"""How the city is doing, in two figures, for everybody to see."""

from datetime import timedelta

from django.core.cache import cache
from django.utils.translation import gettext as _

from citysteward.performance import queries as performance
from citysteward.performance.types import IndicatorTable, PerformanceError, Scope
from citysteward.ui.render import date_words
from citysteward.ui.types import Figure, Percent

KEPT_SECONDS = 600
SHOWN = ("cases", "on_time_rate")


def of_city(city: str) -> list[Figure]:
    """Cases and the share on time of the latest quarter; none before there are any.

    Computed from the sealed journal, as every figure is, at most every ten minutes.
    """
    table: IndicatorTable | None = cache.get_or_set(
        f"citizen-figures:{city}", lambda: _computed(city), KEPT_SECONDS
    )
    if table is None or not table.total["cases"].cases:
        return []
    when = _("%(first)s to %(last)s") % {
        "first": date_words(table.start),
        "last": date_words(table.end - timedelta(days=1)),
    }
    on_time = table.total["on_time_rate"]
    return [
        Figure(table.total["cases"].cases, _("cases reported"), when),
        Figure(Percent(on_time.decimal()), _("on time, of those with a deadline"), when),
    ]


def _computed(city: str) -> IndicatorTable | None:
    try:
        period = performance.default_period(city)
        return performance.indicators(Scope(city, period.start, period.end), names=SHOWN)
    except PerformanceError:
        # The lake is not there yet: home must open all the same.
        return None
