"""One case on one page, and what staff do to it."""

from collections.abc import Callable, Mapping
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from citysteward.kernel.cases import actions
from citysteward.kernel.cases import queries as cases
from citysteward.kernel.cases.queries import CaseRow, Definition, HistoryLine, TaskRow
from citysteward.kernel.cases.types import CaseError, Conflict, NotAllowed, Stage
from citysteward.kernel.parties import actions as party_actions
from citysteward.kernel.parties import queries as parties
from citysteward.kernel.parties.access import principal_of, requires
from citysteward.kernel.parties.types import STAFF_ROLES, Contact, Principal
from citysteward.portals.maps import outlines_of
from citysteward.portals.staff.forms import GroundsForm, TaskForm
from citysteward.portals.staff.rows import clock_cell
from citysteward.ui.maps import Map, Point
from citysteward.ui.types import Masked, Photo, Step, SummaryItem


@requires(*STAFF_ROLES)
@require_safe
def case(request: HttpRequest, number: str) -> HttpResponse:
    """Everything about one case."""
    found = _visible(request, number)
    return _page(request, found)


def _visible(request: HttpRequest, number: str) -> CaseRow:
    principal = principal_of(request)
    found = cases.visible_to(principal).filter(number=number).first()
    if found is not None:
        return found
    if cases.case_by_number(number) is None:
        raise Http404(_("There is no case with this number."))
    raise PermissionDenied(_("This case belongs to another organisation."))


def _page(
    request: HttpRequest,
    found: CaseRow,
    *,
    forms: Mapping[UUID, TaskForm] | None = None,
    grounds: GroundsForm | None = None,
    status: int = 200,
) -> HttpResponse:
    principal = principal_of(request)
    plan = cases.definition_of(found)
    given = forms or {}
    tasks = [task for task in cases.tasks_of(found) if task.state == "open"]
    context = {
        "case": found,
        "clock": clock_cell(found, due_at=found.due_at, since=found.opened_at),
        "stages": [_stage(stage) for stage in cases.stages_of(found)],
        "tasks": [_task(task, plan, principal, given.get(task.pk)) for task in tasks],
        "facts": _facts(found, principal),
        "photos": [
            Photo(
                url=reverse("photo", args=[photo.pk]),
                alt=_("%(what)s, %(name)s")
                % {"what": photo.get_kind_display(), "name": photo.name},
                caption=photo.get_kind_display(),
            )
            for photo in cases.attachments_of(found)
        ],
        "history": [_step(line) for line in cases.history_of(found)],
        "findings": cases.findings_of(found),
        # Drawn by us from parsed elements, every text escaped.
        "diagram": mark_safe(cases.diagram_of(found, language=_language())),  # noqa: S308
        "procedure": plan.declared.names,
        "version": found.procedure.version,
        "place": _place(found),
        "may_steer": cases.may_steer(found, principal) and found.is_open,
        "grounds": grounds or GroundsForm(),
    }
    return render(request, "staff/case.html", context, status=status)


def _language() -> str:
    return get_language() or "en"


def _stage(stage: Stage) -> Step:
    states = {"done": "done", "now": "now", "later": "todo"}
    return Step(stage.words, state=states[stage.state])  # type: ignore[arg-type]


def _task(
    task: TaskRow, plan: Definition, principal: Principal, form: TaskForm | None
) -> Mapping[str, object]:
    declared = plan.task(task.node)
    mine = cases.may_work(task, principal)
    return {
        "task": task,
        "help": declared.help,
        "clock": clock_cell(task.case, due_at=task.due_at, since=task.opened_at),
        "mine": mine,
        "signed_for_by": task.assignee_name,
        "form": (form or TaskForm(declared=declared, city=task.city)) if mine else None,
        "may_claim": mine and task.assignee is None,
    }


def _facts(found: CaseRow, principal: Principal) -> list[SummaryItem]:
    facts = [
        SummaryItem(_("Kind of problem"), found.category.names),
        SummaryItem(_("Group"), found.category.group_names),
        SummaryItem(_("Description"), found.description or found.title or "–"),
        SummaryItem(_("Area"), found.area.names if found.area else _("Unknown")),
        SummaryItem(_("Address"), found.address or "–"),
        SummaryItem(_("Organisation"), found.organisation.names if found.organisation else "–"),
        SummaryItem(_("Unit"), found.unit.names if found.unit else "–"),
        SummaryItem(_("Came in by"), found.get_channel_display()),
        SummaryItem(_("Opened"), found.opened_at),
    ]
    if found.closed_at:
        facts.append(SummaryItem(_("Closed"), found.closed_at))
    if found.reopen_grounds:
        facts.append(SummaryItem(_("Still wrong, says the reporter"), found.reopen_grounds[-1]))
    if found.result:
        facts.append(SummaryItem(_("Result"), found.result))
    if found.rating:
        facts.append(SummaryItem(_("Rating"), _("%(stars)d of 5") % {"stars": found.rating}))
    if found.reporter_id and cases.may_work_on(found, principal):
        facts.append(
            SummaryItem(
                _("Reporter"),
                Masked(
                    _masked(parties.contact(found.reporter_id)),
                    reverse("staff:contact", args=[found.number]),
                ),
            )
        )
    return facts


def _masked(contact: Contact) -> str:
    return " · ".join(part for part in (contact.name, contact.phone, contact.email) if part)


def _step(line: HistoryLine) -> Step:
    return Step(
        text=line.words,
        at=line.at,
        note=line.note,
        by=line.actor_name,
        url=reverse("governance:entry", args=[line.entry_id]),
    )


def _place(found: CaseRow) -> Map | None:
    if found.longitude is None or found.latitude is None:
        return None
    return Map(
        title=_("Place"),
        outlines=outlines_of(found.city),
        points=[Point(found.longitude, found.latitude, found.number, tone="late")],
        bounds=(
            found.longitude - 0.01, found.latitude - 0.0075,
            found.longitude + 0.01, found.latitude + 0.0075,
        ),
    )  # fmt: skip


@requires(*STAFF_ROLES)
@require_POST
def claim(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Sign for a task."""
    task = _task_or_404(task_id)
    return _attempt(
        request,
        task.case.number,
        lambda who: actions.claim_task(task_id, actor=who),
        _("You have signed for this task."),
    )


@requires(*STAFF_ROLES)
@require_POST
def complete(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Finish a task with an outcome; what is missing is said on the page, nothing is lost."""
    task = _task_or_404(task_id)
    found = _visible(request, task.case.number)
    declared = cases.definition_of(found).task(task.node)
    form = TaskForm(request.POST, request.FILES, declared=declared, city=found.city)
    if form.is_valid():
        try:
            actions.complete_task(task_id, form.completion(), actor=principal_of(request))
        except (Conflict, NotAllowed) as error:
            messages.error(request, error.words.in_language(_language()))
            return redirect("staff:case", number=found.number)
        except CaseError as error:
            field = error.field_name if error.field_name in form.fields else None
            form.add_error(field, error.words.in_language(_language()))
        else:
            messages.success(request, _("Done. The case has moved on."))
            return redirect("staff:case", number=found.number)
    return _page(request, found, forms={task_id: form}, status=422)


@requires(*STAFF_ROLES)
@require_POST
def suspend(request: HttpRequest, number: str) -> HttpResponse:
    """Stop the case's clock."""
    return _steer(request, number, actions.suspend, _("The clock stands still."))


@requires(*STAFF_ROLES)
@require_POST
def resume(request: HttpRequest, number: str) -> HttpResponse:
    """Start the case's clock again."""
    return _steer(request, number, actions.resume, _("The clock runs again."))


@requires(*STAFF_ROLES)
@require_POST
def contact(request: HttpRequest, number: str) -> HttpResponse:
    """Show the reporter's contact once; the look is journalled."""
    found = _visible(request, number)
    principal = principal_of(request)
    if found.reporter_id is None or not cases.may_work_on(found, principal):
        raise PermissionDenied(_("Only whoever works on the case may see the contact."))
    seen = party_actions.look_at_contact(
        found.reporter_id,
        _("To handle case %(number)s") % {"number": found.number},
        actor=principal.actor,
    )
    facts = [
        SummaryItem(_("Name"), seen.name or "–"),
        SummaryItem(_("Telephone"), seen.phone or "–"),
        SummaryItem(_("E-mail"), seen.email or "–"),
    ]
    return render(request, "staff/contact.html", {"case": found, "person": facts})


def _steer(
    request: HttpRequest, number: str, act: Callable[..., object], said: str
) -> HttpResponse:
    found = _visible(request, number)
    form = GroundsForm(request.POST)
    if not form.is_valid():
        return _page(request, found, grounds=form, status=422)
    return _attempt(
        request,
        number,
        lambda who: act(found.pk, grounds=form.cleaned_data["grounds"], actor=who),
        said,
    )


def _attempt(
    request: HttpRequest, number: str, act: Callable[[Principal], object], said: str
) -> HttpResponse:
    try:
        act(principal_of(request))
    except CaseError as error:
        messages.error(request, error.words.in_language(_language()))
    else:
        messages.success(request, said)
    return redirect("staff:case", number=number)


def _task_or_404(task_id: UUID) -> TaskRow:
    task = cases.task(task_id)
    if task is None:
        raise Http404(_("There is no such task."))
    return task
