"""One case: all of it for its reporter, a bare summary for everybody else."""

from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from citysteward.kernel.cases import queries as cases
from citysteward.kernel.cases.models import Case
from tests import city

pytestmark = pytest.mark.usefixtures("boston_db")
SECRETS = (
    "The lamp before number 12 is dark.",
    "1 City Hall Square",
    "/photos/",
    "grace@example.org",
)


def signed_in(username: str) -> Client:
    client = Client()
    client.force_login(city.account(username))
    return client


def page(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return unescape(response.content.decode())


def test_the_reporter_sees_all_of_her_case() -> None:
    case = city.report("grace", photos=[city.photo()], contact="grace@example.org")
    shown = page(signed_in("grace"), f"/cases/{case.number}/")
    assert case.number in shown
    assert "The lamp before number 12 is dark." in shown
    assert "1 City Hall Square" in shown
    assert shown.count("/photos/") == 2  # the picture and its link
    assert "Public Works Department" in shown
    assert "Being handled" in shown
    assert "left" in shown


@pytest.mark.parametrize("visitor", ["", "henry"])
def test_everybody_else_sees_the_summary_only(visitor: str) -> None:
    case = city.close(city.report("grace", photos=[city.photo()], contact="grace@example.org"))
    client = signed_in(visitor) if visitor else Client()
    shown = page(client, f"/cases/{case.number}/")
    for secret in (*SECRETS, "New lamp fitted.", case.follow_key):
        assert secret not in shown
    assert "Street light outage" in shown
    assert "Downtown" in shown
    assert "Closed on time" in shown
    assert '<form method="post" action="/cases/' not in shown


def test_the_secret_link_opens_the_case_without_signing_in() -> None:
    case = city.report("grace", photos=[city.photo()])
    client = Client()
    response = client.get(f"/cases/{case.number}/{case.follow_key}/")
    assert "The lamp before number 12 is dark." in response.content.decode()
    assert "no-store" in response.headers["Cache-Control"]
    assert response.headers["X-Robots-Tag"] == "noindex"


def test_a_wrong_link_opens_nothing() -> None:
    case, other = city.report("grace"), city.report("henry")
    for key in ("wrong", other.follow_key, case.follow_key[:-1]):
        page(Client(), f"/cases/{case.number}/{key}/", 404)
    page(Client(), "/cases/BOS-1999-000001/", 404)


def test_no_name_of_staff_is_told() -> None:
    case = city.close(city.report("grace"))
    shown = page(signed_in("grace"), f"/cases/{case.number}/")
    for username in ("paul", "cheng"):
        names = city.principal(username).name
        assert names.en not in shown
        assert names.zh not in shown


def test_the_reporter_rates_a_closed_case_once() -> None:
    case = city.close(city.report("grace"))
    grace = signed_in("grace")
    address = f"/cases/{case.number}/rate/"
    response = grace.post(address, {"stars": "4", "comment": "Quick."}, follow=True)
    assert "Thank you for your rating." in response.content.decode()
    again = grace.post(address, {"stars": "1"}, follow=True)
    assert "already" in again.content.decode()
    rated = cases.case_by_number(case.number)
    assert rated is not None
    assert (rated.rating, rated.rating_comment) == (4, "Quick.")


def test_a_rating_by_the_secret_link_returns_to_it() -> None:
    case = city.close(city.report())
    follow = f"/cases/{case.number}/{case.follow_key}/"
    response = Client().post(f"/cases/{case.number}/rate/", {"stars": "5", "key": case.follow_key})
    assert response.headers["Location"] == follow


def test_a_rating_without_stars_is_told_beside_the_stars_and_keeps_the_words() -> None:
    case = city.close(city.report("grace"))
    response = signed_in("grace").post(f"/cases/{case.number}/rate/", {"comment": "Well done"})
    shown = unescape(response.content.decode())
    assert response.status_code == 422
    assert "Choose one to five stars." in shown
    assert 'href="#id_stars_0"' in shown
    assert "Well done" in shown


def test_still_not_fixed_reopens_the_case() -> None:
    case = city.close(city.report("grace"))
    grace = signed_in("grace")
    assert "You can have the case reopened until" in page(grace, f"/cases/{case.number}/")
    assert grace.post(f"/cases/{case.number}/reopen/", {"grounds": " "}).status_code == 422
    grace.post(f"/cases/{case.number}/reopen/", {"grounds": "Dark again"})
    again = cases.case_by_number(case.number)
    assert again is not None
    assert (again.is_open, again.reopened) == (True, 1)
    shown = page(grace, f"/cases/{case.number}/")
    assert "Reopened by the citizen" in shown
    assert "Dark again" in shown
    assert "Dark again" not in page(Client(), f"/cases/{case.number}/")


def test_after_the_set_time_the_case_stays_closed() -> None:
    case = city.close(city.report("grace"))
    Case.objects.filter(pk=case.pk).update(closed_at=timezone.now() - timedelta(days=16))
    grace = signed_in("grace")
    assert "Still not fixed?" not in page(grace, f"/cases/{case.number}/")
    response = grace.post(f"/cases/{case.number}/reopen/", {"grounds": "Dark"}, follow=True)
    assert "The time for reopening has passed" in response.content.decode()


@pytest.mark.parametrize("visitor", ["", "henry", "paul"])
@pytest.mark.parametrize("what", ["rate", "reopen"])
def test_nobody_else_may_rate_or_reopen(visitor: str, what: str) -> None:
    case = city.close(city.report("grace"))
    client = signed_in(visitor) if visitor else Client()
    answer = {"stars": "1", "grounds": "Mine!", "key": "guessed"}
    assert client.post(f"/cases/{case.number}/{what}/", answer).status_code == 403
    after = cases.case_by_number(case.number)
    assert after is not None
    assert (after.rating, after.is_open) == (None, False)


def test_the_page_speaks_chinese() -> None:
    case = city.close(city.report("grace"))
    grace = signed_in("grace")
    grace.cookies["django_language"] = "zh-hans"
    shown = page(grace, f"/cases/{case.number}/")
    for words in ("已结案", "评价处置结果", "非常满意", "问题仍未解决？", "办理经过"):
        assert words in shown
