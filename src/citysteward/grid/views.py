"""Reporting a problem, one question per page. Every page works without script."""

from collections.abc import Mapping

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from citysteward.grid import drafts, queries, throttle, wizard
from citysteward.grid.drafts import Draft
from citysteward.grid.forms import CategoryForm, CheckForm, PlaceForm, ProblemForm
from citysteward.kernel.areas import queries as areas
from citysteward.kernel.cases import actions
from citysteward.kernel.cases import queries as cases
from citysteward.kernel.cases.types import CaseError
from citysteward.kernel.parties import queries as parties
from citysteward.kernel.parties.access import principal_of, public
from citysteward.kernel.parties.types import PartyError
from citysteward.lib.words import Words
from citysteward.ui.context import ELDER, MODE_COOKIE
from citysteward.ui.maps import Outline, PlacePicker
from citysteward.ui.types import Photo, SummaryItem
from citysteward.ui.views import YEAR

UNPROCESSABLE, TOO_MANY = 422, 429
asks = require_http_methods(["GET", "HEAD", "POST"])


@public
@never_cache
@asks
def start(request: HttpRequest) -> HttpResponse:
    """Begin, or go on with the report that was begun before."""
    if request.method == "POST":
        drafts.discard(request)
        return redirect(wizard.address(wizard.CATEGORY))
    draft = drafts.load(request)
    if not draft.answers and not draft.photos:
        return redirect(wizard.address(wizard.CATEGORY))
    kind = _kind(draft)
    resume = wizard.address(wizard.first_open(draft))
    return render(request, "grid/under_way.html", {"kind": kind, "resume": resume})


@public
@never_cache
@asks
def step(request: HttpRequest, step: str) -> HttpResponse:
    """One question: asked, answered, kept, and on to the next."""
    if step not in wizard.STEPS:
        raise Http404
    draft = drafts.load(request)
    if not wizard.allowed(draft, step):
        return redirect(wizard.address(wizard.first_open(draft)))
    if request.method == "POST":
        return _answered(request, draft, step)
    city = areas.site_city().code
    form = wizard.form_of(step, city, draft=draft, blank=_known_of_visitor(request, step))
    return _page(request, draft, step, form)


def _answered(request: HttpRequest, draft: Draft, step: str) -> HttpResponse:
    form = wizard.form_of(step, areas.site_city().code, request=request, draft=draft, blank={})
    answers = wizard.typed(form, request)
    right = form.is_valid()
    if isinstance(form, ProblemForm):
        wizard.take_photos(form, draft, request)
    if switched := _switched(request):
        draft.keep(step, answers, right=None)
        drafts.save(request, draft)
        return switched
    if "_remove" in request.POST:
        draft.remove_photo(request.POST["_remove"])
    if {"_remove", "_add"} & set(request.POST) and not form.errors:
        draft.keep(step, answers, right=None)
        drafts.save(request, draft)
        return HttpResponseRedirect(f"{wizard.address(step)}#photos")
    if isinstance(form, ProblemForm):
        wizard.require_something(form, draft)
    right = not form.errors
    draft.keep(step, answers, right=right)
    drafts.save(request, draft)
    if right:
        return redirect(wizard.address(wizard.after(draft, step)))
    return _page(request, draft, step, form, status=UNPROCESSABLE)


def _switched(request: HttpRequest) -> HttpResponse | None:
    """The answer to a language or mode button, which sends the page's own form along.

    So that nothing typed is lost, with or without script.
    """
    here = HttpResponseRedirect(request.get_full_path())
    language, mode = request.POST.get("_language"), request.POST.get("_mode")
    if language in dict(settings.LANGUAGES):
        here.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            path=settings.LANGUAGE_COOKIE_PATH,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
            samesite="Lax",
        )
    elif mode == ELDER:
        here.set_cookie(
            MODE_COOKIE,
            ELDER,
            max_age=YEAR,
            samesite="Lax",
            httponly=True,
            secure=request.is_secure(),
        )
    elif mode:
        here.delete_cookie(MODE_COOKIE, samesite="Lax")
    else:
        return None
    return here


def _known_of_visitor(request: HttpRequest, step: str) -> Mapping[str, str]:
    """What need not be asked of somebody who is signed in."""
    if step != wizard.CONTACT or not request.user.is_authenticated:
        return {}
    contact = parties.own_contact(principal_of(request))
    return {"name": contact.name, "phone": contact.phone, "email": contact.email}


def _page(
    request: HttpRequest, draft: Draft, step: str, form: forms.Form, *, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "draft": draft,
        "steps": wizard.progress(draft, step),
        "back": wizard.address(wizard.CHECK) if draft.checking else _before(step),
        **_extras(request, draft, form),
    }
    return render(request, f"grid/{step}.html", context, status=status)


def _before(step: str) -> str:
    place = wizard.STEPS.index(step)
    return wizard.address(wizard.STEPS[place - 1]) if place else reverse("grid:report")


def _extras(request: HttpRequest, draft: Draft, form: forms.Form) -> Mapping[str, object]:
    """What a step's page shows besides its form."""
    if isinstance(form, CategoryForm):
        return _kinds(request, form)
    if isinstance(form, PlaceForm):
        return {"picker": _picker(form)}
    if isinstance(form, ProblemForm):
        return {
            "kind": _kind(draft),
            "photos": _photos(draft),
            "most": drafts.MOST_PHOTOS,
            "full": len(draft.photos) >= drafts.MOST_PHOTOS,
        }
    return {}


def _kinds(request: HttpRequest, form: CategoryForm) -> Mapping[str, object]:
    city = areas.site_city().code
    text = request.GET.get("q", "").strip()[:100]
    found = queries.search(city, text) if text else []
    shown = [queries.Group("", None, found)] if found else queries.grouped(queries.kinds(city))
    return {"q": text, "found": found, "groups": shown, "chosen": form["category"].value()}


def _picker(form: PlaceForm) -> PlacePicker:
    return PlacePicker(
        longitude=form["longitude"],
        latitude=form["latitude"],
        label=_("Where is it?"),
        outlines=[Outline(one.code, one.names, one.geometry) for one in areas.outlined(form.city)],
    )


def _kind(draft: Draft) -> queries.Kind | None:
    code = draft.answer(wizard.CATEGORY).get("category", "")
    return queries.kind(areas.site_city().code, code)


def _photos(draft: Draft) -> list[dict[str, str]]:
    return [
        {"id": photo.id, "name": photo.name, "url": reverse("grid:report-photo", args=[photo.id])}
        for photo in draft.photos
    ]


@public
@require_safe
def draft_photo(request: HttpRequest, photo_id: str) -> HttpResponse:
    """A photo of the visitor's own unsent report."""
    draft = drafts.load(request)
    photo = draft.photo(photo_id)
    if photo is None:
        raise Http404
    response = HttpResponse(draft.path(photo).read_bytes(), content_type=photo.media_type)
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@public
@never_cache
@asks
def check(request: HttpRequest) -> HttpResponse:
    """All answers once more, and then the report is sent."""
    draft = drafts.load(request)
    if request.method == "POST":
        return _sent_off(request, draft)
    if not wizard.allowed(draft, wizard.CHECK):
        return redirect(wizard.address(wizard.first_open(draft)))
    if not draft.checking:
        draft.checking = True
        drafts.save(request, draft)
    return _check_page(request, draft, CheckForm(initial={"key": draft.key}))


def _sent_off(request: HttpRequest, draft: Draft) -> HttpResponse:
    if switched := _switched(request):
        return switched
    if drafts.sent_number(request, request.POST.get("key") or "-"):
        # The button was pressed twice: the case is there already.
        return redirect("grid:report-sent")
    if not wizard.allowed(draft, wizard.CHECK):
        return redirect(wizard.address(wizard.first_open(draft)))
    form = CheckForm({"key": draft.key})
    if throttle.too_many(request, throttle.REPORT):
        form.add_error(None, _("Too many reports in one hour. Sign in, or try again later."))
        return _check_page(request, draft, form, status=TOO_MANY)
    principal = principal_of(request)
    try:
        case = actions.open_case(
            wizard.new_case(draft, areas.site_city().code, principal), actor=principal
        )
    except (CaseError, PartyError) as error:
        form.add_error(None, _with_link(error))
        return _check_page(request, draft, form, status=UNPROCESSABLE)
    throttle.note(request, throttle.REPORT)
    drafts.finish(request, draft, case.number)
    return redirect("grid:report-sent")


def _with_link(error: CaseError | PartyError) -> str:
    """The engine's own words, leading to the step that can mend it."""
    words = error.words.in_language(get_language() or "en")
    step = wizard.STEP_OF_FIELD.get(error.field_name)
    return format_html('<a href="{}">{}</a>', wizard.address(step), words) if step else words


def _check_page(
    request: HttpRequest, draft: Draft, form: CheckForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "steps": wizard.progress(draft, wizard.CHECK),
        "answers": _answers(draft),
        "photos": [
            Photo(photo["url"], photo["name"], full_url=photo["url"]) for photo in _photos(draft)
        ],
        "back": wizard.address(wizard.CONTACT),
    }
    return render(request, "grid/check.html", context, status=status)


def _answers(draft: Draft) -> list[SummaryItem]:
    kind = _kind(draft)
    place = draft.answer(wizard.PLACE)
    photos = len(draft.photos)
    given = " · ".join(value for value in draft.answer(wizard.CONTACT).values() if value.strip())
    return [
        SummaryItem(
            _("Kind of problem"), kind.names if kind else "–", wizard.address(wizard.CATEGORY)
        ),
        SummaryItem(_("Place"), Words.written(_place_words(place)), wizard.address(wizard.PLACE)),
        SummaryItem(
            _("Description"),
            Words.written(draft.answer(wizard.PROBLEM).get("description", "").strip() or "–"),
            wizard.address(wizard.PROBLEM),
        ),
        SummaryItem(_("Photos"), photos or _("None"), wizard.address(wizard.PROBLEM)),
        SummaryItem(
            _("Contact"),
            Words.written(given) if given else _("None: nobody can ask you back"),
            wizard.address(wizard.CONTACT),
        ),
    ]


def _place_words(place: Mapping[str, str]) -> str:
    """The place as the reader can check it: address, area, point."""
    city = areas.site_city().code
    code = place.get("area", "")
    point = ""
    if place.get("longitude", "").strip():
        longitude, latitude = float(place["longitude"]), float(place["latitude"])
        point = f"{latitude:.5f}, {longitude:.5f}"
        code = areas.locate(city, [(longitude, latitude)])[0] or ""
    area = areas.area_or_none(code) if code else None
    named = area.names.in_language(get_language() or "en") if area else ""
    return " · ".join(part for part in (place.get("address", "").strip(), named, point) if part)


@public
@never_cache
@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """The number, the way to follow the case, and what happens next."""
    number = drafts.sent_number(request)
    case = cases.case_by_number(number) if number else None
    if case is None:
        return redirect("grid:report")
    path = reverse("citizen:follow", args=[case.number, case.follow_key])
    context = {
        "case": case,
        "follow_path": path,
        "follow_url": request.build_absolute_uri(path),
    }
    return render(request, "grid/sent.html", context)
