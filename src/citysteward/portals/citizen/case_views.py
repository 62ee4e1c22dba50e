"""One case as its reporter sees it, and the summary that everybody may see."""

from collections.abc import Callable, Mapping

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST, require_safe

from citysteward.kernel.cases import actions
from citysteward.kernel.cases import queries as cases
from citysteward.kernel.cases.queries import CaseRow
from citysteward.kernel.cases.types import AttachmentKind, CaseError, Conflict
from citysteward.kernel.parties.access import principal_of, public
from citysteward.kernel.parties.types import Principal
from citysteward.lib.words import Words
from citysteward.portals.citizen import rows
from citysteward.portals.citizen.forms import RateForm, ReopenForm
from citysteward.ui.types import Photo, Step, StepState, SummaryItem

UNPROCESSABLE = 422
STATES: Mapping[str, StepState] = {"done": "done", "now": "now", "later": "todo"}
TOLD: Mapping[str, Promise] = {
    "case.opened": lazy("Reported"),
    "case.routed": lazy("Passed on by the city's rules"),
    "case.dispatched": lazy("Passed on by the dispatcher"),
    "case.escalated": lazy("Late: the supervisor has been told"),
    "case.suspended": lazy("Waiting: the clock has been stopped"),
    "case.resumed": lazy("Work goes on: the clock runs again"),
    "case.sent_back": lazy("Checked: not solved yet, back to the department"),
    "case.closed": lazy("Case closed"),
    "case.reopened": lazy("Reopened by the citizen"),
    "case.rated": lazy("Rated by the citizen"),
}
"""The journal in plain words. What staff do among themselves, and who they are, is not told."""
NOTED_FOR_ALL = frozenset({"case.routed", "case.dispatched"})
NOTED_FOR_REPORTER = NOTED_FOR_ALL | {
    "case.suspended", "case.closed", "case.reopened", "case.rated",
}  # fmt: skip


@public
@require_safe
def case(request: HttpRequest, number: str) -> HttpResponse:
    """The reporter's view when signed in as the reporter, else the public summary."""
    return _page(request, _case_or_404(number))


@public
@require_safe
def follow(request: HttpRequest, number: str, key: str) -> HttpResponse:
    """The reporter's view by the secret link."""
    found = _case_or_404(number)
    if not cases.may_follow(found, principal_of(request), key):
        raise Http404(_("This link is not complete, or belongs to another case."))
    return _page(request, found, key=key)


@public
@require_POST
def rate(request: HttpRequest, number: str) -> HttpResponse:
    """The reporter rates the result."""
    found, principal, key = _own_case(request, number)
    form = RateForm(request.POST)
    return _attempt(
        request,
        (found, key),
        form,
        lambda: actions.rate(
            found.pk,
            stars=form.cleaned_data["stars"],
            comment=form.cleaned_data["comment"],
            key=key,
            actor=principal,
        ),
        _("Thank you for your rating."),
    )


@public
@require_POST
def reopen(request: HttpRequest, number: str) -> HttpResponse:
    """The reporter says that the problem is still there."""
    found, principal, key = _own_case(request, number)
    form = ReopenForm(request.POST)
    return _attempt(
        request,
        (found, key),
        form,
        lambda: actions.reopen(
            found.pk, grounds=form.cleaned_data["grounds"], key=key, actor=principal
        ),
        _("The case is open again."),
    )


def _case_or_404(number: str) -> CaseRow:
    found = cases.case_by_number(number)
    if found is None:
        raise Http404(_("There is no case with this number."))
    return found


def _own_case(request: HttpRequest, number: str) -> tuple[CaseRow, Principal, str]:
    """The case, if the visitor reported it; refuses everybody else."""
    found = _case_or_404(number)
    principal, key = principal_of(request), request.POST.get("key", "")
    if not cases.may_follow(found, principal, key):
        raise PermissionDenied(_("Only the person who reported this case may do that."))
    return found, principal, key


def _attempt(
    request: HttpRequest,
    own: tuple[CaseRow, str],
    form: forms.Form,
    act: Callable[[], object],
    done: str,
) -> HttpResponse:
    found, key = own
    if form.is_valid():
        try:
            act()
        except Conflict as error:
            messages.error(request, _said(error), extra_tags="warn")
            return redirect(_address(found, key))
        except CaseError as error:
            form.add_error(error.field_name or None, _said(error))
        else:
            messages.success(request, done, extra_tags="good")
            return redirect(_address(found, key))
    given = {"rate_form" if isinstance(form, RateForm) else "reopen_form": form}
    return _page(request, found, key=key, given=given)


def _said(error: CaseError) -> str:
    return error.words.in_language(get_language() or "en")


def _address(found: CaseRow, key: str) -> str:
    if key:
        return reverse("citizen:follow", args=[found.number, key])
    return reverse("citizen:case", args=[found.number])


def _page(
    request: HttpRequest,
    found: CaseRow,
    *,
    key: str = "",
    given: Mapping[str, forms.Form] | None = None,
) -> HttpResponse:
    stages = cases.stages_of(found)
    own = cases.may_follow(found, principal_of(request), key)
    context: dict[str, object] = {
        "case": found,
        "key": key,
        "own": own,
        "result": Words.written(found.result),
        "clock": rows.clock(found),
        "stages": [Step(stage.words, state=STATES[stage.state]) for stage in stages],
        "trail": _trail(found, own=own),
        "facts": _facts(found, own=own),
    }
    if own:
        context |= _for_reporter(found, key) | dict(given or {})
    response = render(request, "citizen/case.html", context, status=UNPROCESSABLE if given else 200)
    if own:
        patch_cache_control(response, private=True, no_store=True)
    # Secret links and single cases have no business in a search engine.
    response["X-Robots-Tag"] = "noindex"
    return response


def _trail(found: CaseRow, *, own: bool) -> list[Step]:
    noted = NOTED_FOR_REPORTER if own else NOTED_FOR_ALL
    return [
        Step(
            text=str(TOLD[line.verb]) if line.verb in TOLD else line.words,
            at=line.at,
            note=_note(line) if line.verb in noted else "",
        )
        for line in cases.history_of(found, public=True)
    ]


def _note(line: cases.HistoryLine) -> Words:
    """The gist of an entry; what somebody wrote is in one language only."""
    return Words.written(line.note.en) if line.note.en == line.note.zh else line.note


def _facts(found: CaseRow, *, own: bool) -> list[SummaryItem]:
    facts = [
        SummaryItem(_("Case number"), found.number),
        SummaryItem(_("Kind of problem"), found.category.names),
        SummaryItem(_("Area"), found.area.names if found.area else _("Unknown")),
        SummaryItem(_("Reported on"), found.opened_at),
    ]
    if found.organisation:
        facts.append(SummaryItem(_("Responsible"), found.organisation.names))
    if found.closed_at:
        facts.append(SummaryItem(_("Closed on"), found.closed_at))
    if own:
        facts[2:2] = [
            SummaryItem(_("Description"), Words.written(found.description or "–")),
            SummaryItem(_("Address"), Words.written(found.address or "–")),
        ]
    return facts


def _for_reporter(found: CaseRow, key: str) -> dict[str, object]:
    until = cases.reopen_until(found)
    declared = cases.definition_of(found).declared
    closed = not found.is_open
    return {
        "photos": [
            *_photos(found, AttachmentKind.REPORT, _("Before"), key),
            *_photos(found, AttachmentKind.RESULT, _("After"), key),
        ],
        "may_rate": closed and declared.ratings and found.rating is None,
        "may_reopen": until is not None and timezone.now() <= until,
        "reopen_until": until,
        "rate_form": RateForm(),
        "reopen_form": ReopenForm(),
    }


def _photos(found: CaseRow, kind: AttachmentKind, caption: str, key: str) -> list[Photo]:
    proof = f"?key={key}" if key else ""
    photos = [one for one in cases.attachments_of(found) if one.kind == kind]
    return [
        Photo(
            url=f"{reverse('photo', args=[one.pk])}{proof}",
            alt=_("%(kind)s %(place)d of %(count)d")
            % {"kind": kind.label, "place": place, "count": len(photos)},
            caption=caption,
            full_url=f"{reverse('photo', args=[one.pk])}{proof}",
        )
        for place, one in enumerate(photos, start=1)
    ]
