"""Home, one's own cases, finding a case, and the public map."""

from html import unescape

import pytest
from django.test import Client

from citysteward.portals.citizen import map_views
from tests import city

pytestmark = pytest.mark.django_db

pytestmark = pytest.mark.usefixtures("boston_db")


def text(client: Client, address: str) -> str:
    return unescape(client.get(address).content.decode())


@pytest.mark.parametrize("question", ["street light broken", "路灯不亮"])
def test_a_question_in_either_language_leads_into_the_report(client: Client, question: str) -> None:
    shown = text(client, f"/?q={question}")
    assert f'<button class="btn link" name="category" value="{city.LIGHT}">' in shown
    led = client.post("/report/category/", {"category": city.LIGHT})
    assert led.headers["Location"] == "/report/place/"


def test_a_question_without_answer_says_what_to_do(client: Client) -> None:
    shown = text(client, "/?q=xylophone")
    assert "Nothing matches “xylophone”." in shown
    assert "All kinds of problems" in shown


def test_home_shows_the_visitors_own_open_cases(client: Client) -> None:
    case, done = city.report("grace"), city.close(city.report("grace"))
    assert case.number not in text(client, "/")
    client.force_login(city.account("grace"))
    shown = text(client, "/")
    assert case.number in shown
    assert done.number not in shown
    assert done.number in text(client, "/my/cases/")


def test_ones_own_cases_ask_for_a_sign_in(client: Client) -> None:
    response = client.get("/my/cases/")
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/sign-in/")
    client.force_login(city.account("paul"))
    assert client.get("/my/cases/").status_code == 403


def test_a_case_is_found_by_its_number_however_it_is_typed(client: Client) -> None:
    case = city.report()
    typed = f" {case.number.lower()} "
    found = client.get("/find/", {"number": typed})
    assert found.headers["Location"] == f"/cases/{case.number}/"
    assert "There is no case with this number." in text(client, "/find/?number=BOS-1999-000001")
    assert "Write the number that you were given." in text(client, "/find/?number=")


def test_the_map_lists_and_draws_what_everybody_may_see(client: Client) -> None:
    case = city.report("grace")
    shown = text(client, "/map/")
    assert case.number in shown
    assert "The lamp before number 12 is dark." not in shown
    answer = client.get("/map/points/?bbox=-71.2,42.2,-70.9,42.5&zoom=11.5").json()
    assert [point["text"] for point in answer["points"]] == [case.number]
    assert client.get("/map/points/?bbox=0,0,1,1&zoom=11").json() == {"points": []}


@pytest.mark.parametrize(
    "query", ["", "bbox=1,2,3&zoom=4", "bbox=a,b,c,d&zoom=4", "bbox=1,2,3,4&zoom=x"]
)
def test_a_broken_map_request_is_refused(client: Client, query: str) -> None:
    assert client.get(f"/map/points/?{query}").status_code == 400


def test_the_map_shows_the_newest_only(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(map_views, "LATEST", 1)
    older, newer = city.report(), city.report()
    shown = text(client, "/map/")
    assert newer.number in shown
    assert older.number not in shown
