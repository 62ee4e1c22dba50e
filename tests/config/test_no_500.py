"""Whatever is asked, by whomever: the site answers, and never by breaking down."""

import traceback
from collections.abc import Mapping, Sequence
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings

from citysteward.kernel.cases import queries as cases
from tests import city, fuzzing
from tests.databases import FreshDatabase
from tests.routes import Route, routes

BACKEND = "django.contrib.auth.backends.ModelBackend"
PAGES = [route for route in routes() if not str(route).startswith("grid:open311:")]
"""The API has its own (tests/grid/open311/test_openapi.py)."""
FIGURES = [route for route in PAGES if route.pattern.startswith("governance/")]
Known = Mapping[str, Sequence[object]]


def bounded(examples: int) -> settings:
    """The same requests in each run, so that a failure can be seen again."""
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def asked_everywhere(client: Client, pages: Sequence[Route], known: Known, examples: int) -> int:
    """How many requests were answered; each is taken back before the next."""
    photo, answered = city.photo(), 0
    broken: list[str] = []
    for route in pages:

        @bounded(examples)
        @given(attempt=fuzzing.attempts(route, known, photo))
        def stands(attempt: fuzzing.Attempt) -> None:
            nonlocal answered
            with transaction.atomic():
                cookies = client.cookies.output(header="")
                status = attempt.send(client)
                client.cookies = SimpleCookie(cookies)
                transaction.set_rollback(True)
            assert status < 500, f"{status}: {attempt}"
            answered += 1

        try:
            stands()
        except Exception as error:  # noqa: BLE001 (each broken page is told, not the first alone)
            broken.append(_told(route, error))
    assert broken == [], "\n".join(broken)
    return answered


def _told(route: Route, error: Exception) -> str:
    notes = "; ".join(getattr(error, "__notes__", ()))
    where = traceback.extract_tb(error.__traceback__)
    ours = [one for one in where if "citysteward" in one.filename]
    places = [f"{Path(one.filename).name}:{one.lineno}" for one in ours]
    return f"{route}: {type(error).__name__}: {error} at {places[-1:]} {notes}"


def signed_in(person: str) -> Client:
    """A browser of the person, or of nobody in particular for ""."""
    client = Client()
    if person:
        client.force_login(city.account(person), backend=BACKEND)
    return client


def with_draft(client: Client) -> Client:
    """The same, with a report under way that could be sent."""
    longitude, latitude = city.CITY_HALL
    for step, answer in {
        "category": {"category": city.LIGHT},
        "place": {"longitude": str(longitude), "latitude": str(latitude), "address": "x"},
        "problem": {"description": "The lamp is dark."},
        "contact": {},
    }.items():
        assert client.post(f"/report/{step}/", answer).status_code == 302
    return client


def two_cases() -> Known:
    """One case to be handled and one that is closed, with what their pages' addresses need."""
    waiting, closed = city.report("grace", photos=[city.photo()]), city.close(city.report("grace"))
    both = (waiting, closed)
    return {
        "number": [case.number for case in both],
        "key": [case.follow_key for case in both],
        "task_id": [task.pk for case in both for task in cases.tasks_of(case)],
        "photo_id": [photo.pk for case in both for photo in cases.attachments_of(case)],
        "code": ["boston-311"],
        "period": ["2015Q1", "2015-Q1", "2016Q1"],
        "kind": ["place_unknown", "area_unknown"],
        "entry_id": [5, 40],
    }


@pytest.mark.slow
@pytest.mark.usefixtures("boston_db")
@pytest.mark.parametrize("person", ["", "grace", "paul", "frank"])
def test_no_request_breaks_a_page(person: str) -> None:
    known = two_cases()
    client = with_draft(signed_in(person))
    assert asked_everywhere(client, PAGES, known, 8) > 4 * len(PAGES)


@pytest.mark.slow
def test_no_question_about_figures_breaks_a_page(boston_full: FreshDatabase) -> None:
    number = cases.public_cases("boston").values_list("number", flat=True)[0]
    known = {**two_cases(), "number": [number]}
    client = signed_in("frank")
    assert asked_everywhere(client, FIGURES, known, 8) > 4 * len(FIGURES)
