"""The steps of a report: their order, their forms, and where each answer leads."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from citysteward.grid import queries, throttle
from citysteward.grid.drafts import MOST_PHOTOS, Draft
from citysteward.grid.forms import CategoryForm, ContactForm, PlaceForm, ProblemForm
from citysteward.kernel.cases.types import CaseError, Channel, NewCase, Place, Reporter
from citysteward.kernel.parties.types import Principal
from citysteward.ui.types import Step, StepState

CATEGORY, PLACE, PROBLEM, CONTACT, CHECK = "category", "place", "problem", "contact", "check"
STEPS = (CATEGORY, PLACE, PROBLEM, CONTACT)
NAMES: Mapping[str, Promise] = {
    CATEGORY: _("Kind of problem"),
    PLACE: _("Place"),
    PROBLEM: _("Description and photos"),
    CONTACT: _("Contact"),
    CHECK: _("Check and send"),
}
STEP_OF_FIELD: Mapping[str, str] = {
    "category": CATEGORY,
    "place": PLACE,
    "description": PROBLEM,
    "photo": PROBLEM,
    "name": CONTACT,
    "phone": CONTACT,
    "email": CONTACT,
}
"""Which step asks what may turn out to be wrong when the case is opened."""


def address(step: str) -> str:
    """The address of a step's page."""
    if step == CHECK:
        return reverse("grid:report-check")
    return reverse("grid:report-step", args=[step])


def first_open(draft: Draft) -> str:
    """The first step that is still to be answered, `check` when all are."""
    return next((step for step in STEPS if step not in draft.done), CHECK)


def allowed(draft: Draft, step: str) -> bool:
    """Whether everything before the step is answered."""
    before = STEPS[: STEPS.index(step)] if step in STEPS else STEPS
    return all(one in draft.done for one in before)


def after(draft: Draft, step: str) -> str:
    """Where an answer leads: on, or back to the check if it was being corrected."""
    following = (*STEPS, CHECK)[STEPS.index(step) + 1]
    return first_open(draft) if draft.checking else following


def form_of(
    step: str,
    city: str,
    *,
    request: HttpRequest | None = None,
    draft: Draft,
    blank: Mapping[str, str],
) -> forms.Form:
    """A step's form: bound to the request, else to a draft that was wrong, else merely filled in.

    `blank` fills in what was never answered. Binding a wrong draft shows its errors again, in
    the language that the reader has changed to.
    """
    if request is not None:
        return _made(step, city, request.POST, request.FILES)
    answers = draft.answer(step)
    if step in draft.tried and step not in draft.done:
        return _made(step, city, answers)
    return _made(step, city, initial=answers or blank)


def _made(step: str, city: str, *data: Any, **values: Any) -> forms.Form:
    if step == CATEGORY:
        return CategoryForm(*data, offered=queries.kinds(city), **values)
    if step == PLACE:
        return PlaceForm(*data, city=city, **values)
    return ProblemForm(*data, **values) if step == PROBLEM else ContactForm(*data, **values)


def typed(form: forms.Form, request: HttpRequest) -> dict[str, str]:
    """What was typed, as it was typed; files apart."""
    return {
        name: request.POST.get(name, "").replace("\x00", "")
        for name, field in form.fields.items()
        if not isinstance(field, forms.FileField)
    }


def take_photos(form: ProblemForm, draft: Draft, request: HttpRequest) -> None:
    """Move the good photos into the draft; the bad ones become errors of the form."""
    uploads = form.uploads()
    if uploads and throttle.too_many(request, throttle.PHOTO, more=len(uploads)):
        limit = _("Too many photos in one hour. Sign in, or try again later.")
        form.add_error("photos", str(limit))
        return
    before = len(draft.photos)
    for upload in uploads:
        if len(draft.photos) >= MOST_PHOTOS:
            full = _("A report takes %(most)d photos at most. Remove one to add another.")
            form.add_error("photos", str(full) % {"most": MOST_PHOTOS})
            break
        try:
            draft.add_photo(upload)
        except CaseError as error:
            said = error.words.in_language(get_language() or "en")
            form.add_error("photos", f"{upload.name}: {said}")
    if len(draft.photos) > before:
        throttle.note(request, throttle.PHOTO, count=len(draft.photos) - before)


def require_something(form: ProblemForm, draft: Draft) -> None:
    """A report needs words or a photo."""
    silent = not form.cleaned_data.get("description", "").strip()
    if silent and not draft.photos and not form.errors:
        form.add_error("description", str(_("Say in a few words what is wrong, or add a photo.")))


def progress(draft: Draft, here: str) -> list[Step]:
    """The steps above each page; those that are done can be opened again."""
    return [
        Step(
            cast(str, NAMES[step]),
            state=_state(draft, step, here),
            url=address(step) if step in draft.done and step != here else "",
        )
        for step in (*STEPS, CHECK)
    ]


def _state(draft: Draft, step: str, here: str) -> StepState:
    if step == here:
        return "now"
    return "done" if step in draft.done else "todo"


def new_case(draft: Draft, city: str, principal: Principal) -> NewCase:
    """The case that a complete draft asks for."""
    place, contact = draft.answer(PLACE), draft.answer(CONTACT)
    longitude, latitude = (_degrees(place.get(name, "")) for name in ("longitude", "latitude"))
    return NewCase(
        city=city,
        procedure=queries.PROCEDURE,
        category=draft.answer(CATEGORY)["category"],
        description=draft.answer(PROBLEM).get("description", ""),
        channel=Channel.WEB,
        place=Place(
            longitude=longitude,
            latitude=latitude,
            address=place.get("address", ""),
            # A point says more exactly than the list in which area it lies.
            area=place.get("area", "") if longitude is None else "",
        ),
        reporter=Reporter(account_id=principal.account_id, **contact),
        uploads=draft.uploads(),
        idempotency_key=draft.key,
    )


def _degrees(text: str) -> float | None:
    return float(text) if text.strip() else None
