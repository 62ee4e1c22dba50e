"""The governance pages about figures: the indicators, and the cases behind one."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from citysteward.kernel.parties.access import requires
from citysteward.lib.dates import Period
from citysteward.lib.words import Words
from citysteward.performance import queries
from citysteward.performance.asking import AskedCases, asked, asked_cases
from citysteward.performance.links import pinned
from citysteward.performance.metrics import METRICS
from citysteward.performance.registry import VIEWERS
from citysteward.performance.tables import cases_table, chart_of, groups_table, part_words
from citysteward.performance.types import Grouping, NotExportedError, Part, Scope

PAGE_SIZE = 50


@requires(*VIEWERS)
@require_safe
def indicators(request: HttpRequest) -> HttpResponse:
    """A chosen indicator, drawn and in figures; what is chosen stands in the address."""
    question = asked(request.GET)
    timezone.activate(question.city.zone)
    name = question.indicator.metric
    names = tuple(dict.fromkeys([*queries.STANDARD, name]))
    table = queries.indicators(question.scope, question.grouped, names)
    scope = pinned(question.scope, table)
    title = question.indicator.words
    return render(
        request,
        "performance/indicators.html",
        {
            "form": question.form,
            "indicator": question.indicator,
            "period": Period(scope.start, scope.end),
            "table": groups_table(table, scope, question.grouped, name, title),
            "chart": chart_of(table, name, title),
            "result": table,
            "filters": filter_words(scope),
        },
    )


@requires(*VIEWERS)
@require_safe
def cases(request: HttpRequest) -> HttpResponse:
    """The cases behind one figure, page by page."""
    question = asked_cases(request.GET)
    timezone.activate(question.city.zone)
    try:
        found = queries.cases_behind(
            question.scope,
            question.metric,
            grouped=question.grouped,
            key=question.key,
            part=question.part,
            page=question.page,
            size=PAGE_SIZE,
        )
    except NotExportedError as error:
        raise Http404(str(error)) from error
    pages = Paginator(range(found.total), PAGE_SIZE)
    words = part_words(question.metric, question.part)
    return render(
        request,
        "performance/cases.html",
        {
            "metric": METRICS[question.metric],
            "words": words,
            "group": _group_words(question),
            "total": found.total,
            "period": Period(question.scope.start, question.scope.end),
            "as_of": question.scope.as_of or queries.default_as_of(question.scope),
            "seal": question.scope.seal,
            "filters": filter_words(question.scope),
            "table": cases_table(found.rows, _names(question.scope.city), words),
            "page": pages.get_page(question.page),
            "is_part": question.part is Part.NUMERATOR,
        },
    )


def _group_words(question: AskedCases) -> Words:
    if question.key is None:
        return Words()
    return queries.group_names(question.scope.city, question.grouped.by)(question.key)


def _names(city: str) -> dict[str, dict[str, Words]]:
    """Names of what a row of cases shows, by column and code."""
    return {
        by.value: queries.known_names(city, by)
        for by in (Grouping.CATEGORY, Grouping.ORGANISATION, Grouping.AREA)
    }


def filter_words(scope: Scope) -> list[tuple[str, list[Words]]]:
    """The filters of a scope in words: the heading of each and its values."""
    headings = {
        "organisation": _("Department"),
        "unit": _("Unit"),
        "area": _("Area"),
        "category": _("Category"),
        "procedure": _("Procedure"),
        "channel": _("Channel"),
    }
    return [
        (
            headings[column],
            [queries.group_names(scope.city, Grouping(column))(value) for value in values],
        )
        for column, values in sorted(scope.filters.items())
    ]
