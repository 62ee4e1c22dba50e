"""The governance pages about contracts: what they say, and what they pay for each period."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from citysteward.contracts import actions, pages, pdf, queries, wording
from citysteward.contracts.models import Contract
from citysteward.contracts.statement import Statement
from citysteward.contracts.types import (
    ContractError,
    NothingToAppraiseError,
    OutsideTermError,
    PeriodState,
    UnknownContractError,
)
from citysteward.kernel.parties import queries as parties
from citysteward.kernel.parties.access import principal_of, requires
from citysteward.kernel.parties.types import Principal, Role
from citysteward.lib.dates import Period
from citysteward.performance.registry import VIEWERS
from citysteward.ui.types import Column, Link, Table

_CITY_SIDE = tuple(role for role in VIEWERS if role is not Role.OPERATOR)


@requires(*VIEWERS)
@require_safe
def contract_list(request: HttpRequest) -> HttpResponse:
    """The contracts that the visitor may see."""
    who = principal_of(request)
    found = [one for one in queries.contracts() if _may_see(who, one)]
    rows = []
    for one in found:
        document = one.text
        names = queries.party_names_of(document.operator)
        rows.append(
            {
                "contract": Link(document.words, f"{request.path}{one.code}/"),
                "operator": names[document.operator],
                "term": f"{document.term.first} – {document.term.last}",
                "periods": one.appraisals.count(),
            }
        )
    table = Table(
        [
            Column("contract", _("Contract")),
            Column("operator", _("Operator")),
            Column("term", _("Term")),
            Column("periods", _("Frozen periods"), numeric=True),
        ],
        rows,
        empty=_("No contract is loaded."),
    )
    return render(request, "contracts/list.html", {"table": table})


@requires(*VIEWERS)
@require_safe
def contract(request: HttpRequest, code: str) -> HttpResponse:
    """One contract: its clauses drawn, its term, and how far each period is."""
    found = _visible(request, code)
    document = found.text
    timezone.activate(document.zone)
    rows = queries.periods(code, timezone.now())
    names = queries.party_names_of(document.operator, document.payer)
    return render(
        request,
        "contracts/contract.html",
        {
            "document": document,
            "clauses": pages.clause_cards(document),
            "bands": pages.bands_table(document),
            "facts": pages.facts(document, names),
            "term": pages.term_drawing(rows),
            "states": [pages.state_tag(state) for state in PeriodState],
            "periods": pages.periods_table(code, rows, document.payment.currency),
            "version": found.current,
        },
    )


@requires(*VIEWERS)
@require_safe
def statement(request: HttpRequest, code: str, period: str) -> HttpResponse:
    """A period's statement, frozen or as a preview; `?check=1` computes a frozen one again."""
    found = _visible(request, code)
    span = _period(found, period)
    frozen = queries.appraisal(code, span)
    timezone.activate(found.text.zone)
    try:
        shown = queries.statement(code, span)
    except NothingToAppraiseError as error:
        return _nothing(request, found, span, error)
    document = frozen.version.parsed() if frozen else found.text
    scope = pages.scope_of(shown, document)
    checked = queries.recompute(frozen) if frozen and "check" in request.GET else None
    return render(
        request,
        "contracts/statement.html",
        {
            **_heading(found, span),
            "statement": shown,
            "money": shown.money,
            "figures": pages.money_figures(shown),
            "stamp_lines": wording.stamp_words(shown),
            "lines": pages.lines_table(shown, scope),
            "counts": pages.counts_table(shown, scope),
            "departments": pages.departments_table(shown, scope),
            "formulae": wording.formulae(shown),
            "trail": pages.round_trail(shown),
            "basis": pages.basis_items(shown),
            "entry": frozen.entry if frozen else None,
            "checked": checked,
            "may_freeze": frozen is None
            and principal_of(request).has_role(Role.FINANCE)
            and shown.as_of <= timezone.now(),
        },
    )


@requires(*VIEWERS)
@require_safe
def statement_pdf(request: HttpRequest, code: str, period: str) -> HttpResponse:
    """The statement as a tagged PDF in the language of the page, or in `?language=`."""
    found = _visible(request, code)
    language = request.GET.get("language", get_language() or "en")
    if language not in {"en", "zh-hans"}:
        raise Http404(_("There is no statement in this language."))
    try:
        shown = queries.statement(code, _period(found, period))
    except NothingToAppraiseError as error:
        raise Http404(str(error)) from error
    content = _pdf(shown, language)
    response = HttpResponse(content, content_type="application/pdf")
    name = f"{code}-{period}-{language}.pdf"
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response


@requires(Role.FINANCE)
@require_POST
def freeze(request: HttpRequest, code: str, period: str) -> HttpResponse:
    """Freeze the period's appraisal with the last seal of the journal."""
    found = _visible(request, code)
    span = _period(found, period)
    try:
        actions.appraise(code, span, actor=principal_of(request).actor)
    except ContractError as error:
        messages.error(request, str(error), extra_tags="late")
    else:
        messages.success(request, _("The appraisal is frozen."), extra_tags="official")
    return HttpResponseRedirect(pages.statement_url(code, span))


def _visible(request: HttpRequest, code: str) -> Contract:
    """The contract, if the visitor may see it: the city's side all, an operator its own."""
    try:
        found = queries.contract(code)
    except UnknownContractError:
        raise Http404(_("There is no contract of this code.")) from None
    if not _may_see(principal_of(request), found):
        raise PermissionDenied(_("This contract belongs to another operator."))
    return found


def _may_see(who: Principal, found: Contract) -> bool:
    return who.has_role(*_CITY_SIDE) or parties.may(who, Role.OPERATOR, organisation=found.operator)


def _period(found: Contract, name: str) -> Period:
    """A payment period of the contract by its name; 404 for any other."""
    try:
        span = Period.parse(name)
        queries.require_period(found.text, span)
    except (ValueError, OutsideTermError) as error:
        raise Http404(str(error)) from None
    return span


def _heading(found: Contract, span: Period) -> dict[str, object]:
    return {"document": found.text, "period": span, "period_words": wording.period_words(span)}


def _nothing(
    request: HttpRequest, found: Contract, span: Period, error: NothingToAppraiseError
) -> HttpResponse:
    context = {**_heading(found, span), "reason": str(error)}
    return render(request, "contracts/nothing.html", context)


def _pdf(shown: Statement, language: str) -> bytes:
    return pdf.write(shown, language, queries.party_names(shown))
