"""Reading a question about indicators out of an address."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, QueryDict
from django.utils.translation import gettext as _

from citysteward.kernel.areas import queries as areas
from citysteward.kernel.areas.types import CityView, NoCity
from citysteward.lib.dates import Period
from citysteward.performance import queries
from citysteward.performance.facts import FILTERS
from citysteward.performance.forms import IndicatorFilters
from citysteward.performance.metrics import METRICS
from citysteward.performance.rules import instant
from citysteward.performance.types import Grouped, Grouping, Indicator, Part, Scope


@dataclass(frozen=True)
class Asked:
    """A question as the reader asked it. `form` may hold what could not be understood."""

    city: CityView
    form: IndicatorFilters
    scope: Scope
    grouped: Grouped
    indicator: Indicator


@dataclass(frozen=True)
class AskedCases:
    """Which figure's cases are asked for."""

    city: CityView
    scope: Scope
    grouped: Grouped
    metric: str
    key: str | None
    part: Part
    page: int


def city_of(query: QueryDict) -> CityView:
    """The city that the address names, else the installation's own; 404 without one."""
    try:
        found = areas.city(query.get("city", "")) if "city" in query else areas.site_city()
    except NoCity:
        found = None
    if found is None:
        raise Http404(_("No city is loaded."))
    return found


def asked(query: QueryDict) -> Asked:
    """The question of the indicators page; what is left out or wrong takes its default."""
    city = city_of(query)
    offered = queries.named_indicators(city.code) or [_all_cases()]
    chosen = next((one for one in offered if one.code == query.get("indicator")), offered[0])
    period = queries.default_period(city.code)
    initial = {"indicator": chosen.code, "by": chosen.by.value, "period": str(period)}
    form = IndicatorFilters(query, indicators=offered, initial=initial)
    form.is_valid()
    valid: dict[str, Any] = form.cleaned_data
    span: Period = valid.get("period") or period
    scope = Scope(
        city=city.code,
        start=span.start,
        end=span.end,
        as_of=_instant(valid.get("as_of"), city),
        filters={**chosen.filters, **_filters(query, city)},
    )
    by = Grouping(valid.get("by") or chosen.by)
    return Asked(city, form, scope, Grouped(by), chosen)


def asked_cases(query: QueryDict) -> AskedCases:
    """The question of the page of cases; 404 for a figure that does not exist."""
    city = city_of(query)
    try:
        span = Period.parse(query.get("period", ""))
        grouping = Grouping(query.get("by", Grouping.NONE))
        part = Part(query.get("part", Part.WHOLE))
        seal = int(query.get("seal", "")) if "seal" in query else None
        as_of = datetime.fromisoformat(query.get("as_of", "")) if "as_of" in query else None
        page = int(query.get("page", 1))
    except ValueError:
        raise Http404(_("This address names no figure.")) from None
    metric = query.get("metric", "")
    if metric not in METRICS:
        raise Http404(_("This address names no figure."))
    scope = Scope(
        city.code, span.start, span.end, _instant(as_of, city), seal, _filters(query, city)
    )
    return AskedCases(
        city=city,
        scope=scope,
        grouped=Grouped(grouping, query.get("level") or None),
        metric=metric,
        key=query.get("key"),
        part=part,
        page=max(1, page),
    )


def _instant(local: datetime | None, city: CityView) -> datetime | None:
    return None if local is None else instant(local, city.zone)


def _filters(query: QueryDict, city: CityView) -> dict[str, list[str]]:
    """What the address filters by; 404 for an area that the city does not have."""
    filters = {column: query.getlist(column) for column in FILTERS if column in query}
    known = {area.code for area in areas.areas(city.code)} if "area" in filters else set()
    if set(filters.get("area", ())) - known - {""}:
        raise Http404(_("This address names no figure."))
    return filters


def _all_cases() -> Indicator:
    whole = METRICS["cases"]
    return Indicator("cases", "cases", whole.words, whole.explained, {}, Grouping.ORGANISATION)
