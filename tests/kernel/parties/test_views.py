"""Signing in and out, registering, personas, and who may open what."""

from collections.abc import Iterator

import pytest
from axes.models import AccessAttempt
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, path
from ninja import NinjaAPI
from pytest_django import Settings

from citysteward.kernel.parties.access import Access, principal_of, public, requires, requires_api
from citysteward.kernel.parties.actions import load_personas, register_citizen
from citysteward.kernel.parties.models import Account
from citysteward.kernel.parties.types import Role

from .conftest import LOADER, PASSWORD
from .test_actions import GRACE

pytestmark = pytest.mark.django_db

# -- pages of a city, with and without guards


@public
def anybody(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"signed in: {principal_of(request).signed_in}")


@requires(Role.HANDLER, Role.SUPERVISOR)
def for_handlers(request: HttpRequest, number: int = 0) -> HttpResponse:
    return HttpResponse(f"{number} {principal_of(request).name.en}")


api = NinjaAPI(urls_namespace="guarded-api")


@api.get("/sum")
@requires_api(Role.AUDITOR)
def sum_endpoint(request: HttpRequest, first: int, second: int = 2) -> dict[str, int]:
    return {"sum": first + second}


@requires_api(Role.AUDITOR)
def plain_endpoint(request: HttpRequest) -> HttpResponse:
    return JsonResponse({})


urlpatterns = [
    *get_resolver("citysteward.config.urls").url_patterns,
    path("anybody/", anybody),
    path("handlers/", for_handlers),
    path("handlers/<int:number>/", for_handlers),
    path("plain/", plain_endpoint),
    path("api/", api.urls),
]


@pytest.fixture(autouse=True)
def guarded_pages() -> Iterator[None]:
    with override_settings(ROOT_URLCONF=__name__):
        yield


@pytest.fixture
def citizen() -> Account:
    return register_citizen(name="Ada", contact="ada@example.com", password=PASSWORD, actor=LOADER)


def signed_in(account: Account) -> Client:
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


# -- who may open what


def test_a_visitor_is_sent_to_sign_in_and_comes_back(client: Client, handler: Account) -> None:
    sent = client.get("/handlers/7/?tab=open")
    assert sent.status_code == 302
    assert sent["Location"] == "/sign-in/?next=%2Fhandlers%2F7%2F%3Ftab%3Dopen"
    back = client.post(
        "/sign-in/",
        {"username": "rosa", "password": PASSWORD, "next": "/handlers/7/?tab=open"},
    )
    assert back["Location"] == "/handlers/7/?tab=open"
    assert client.get("/handlers/7/").content == b"7 Rosa Lind"


def test_a_post_is_no_place_to_come_back_to(client: Client) -> None:
    assert client.post("/handlers/")["Location"] == "/sign-in/"


def test_a_fragment_sends_the_whole_page(client: Client) -> None:
    answer = client.get("/handlers/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (204, "/sign-in/?next=%2Fhandlers%2F")


def test_the_wrong_role_is_told_who_may(citizen: Account) -> None:
    answer = signed_in(citizen).get("/handlers/")
    assert answer.status_code == 403
    page = answer.content.decode()
    assert "Handler" in page
    assert "Supervisor" in page
    assert "Auditor" not in page


def test_a_role_taken_away_counts_at_once(handler: Account) -> None:
    client = signed_in(handler)
    assert client.get("/handlers/").status_code == 200
    assert handler.person is not None
    handler.person.memberships.all().delete()
    assert client.get("/handlers/").status_code == 403


def test_the_api_answers_in_json(client: Client, citizen: Account) -> None:
    for address in ("/api/sum?first=1", "/plain/"):
        assert client.get(address).status_code == 401
        answer = signed_in(citizen).get(address)
        assert (answer.status_code, answer.json()["roles"]) == (403, ["auditor"])


def test_a_guarded_endpoint_keeps_its_parameters(citizen: Account) -> None:
    assert citizen.person is not None
    citizen.person.memberships.create(role=Role.AUDITOR)
    assert signed_in(citizen).get("/api/sum?first=5").json() == {"sum": 7}
    assert signed_in(citizen).get("/api/sum?first=x").status_code == 422


def test_every_page_of_parties_says_who_may() -> None:
    resolver = get_resolver("citysteward.kernel.parties.urls")
    assert _views_without_access(resolver.url_patterns) == []
    assert isinstance(for_handlers._access, Access)  # type: ignore[attr-defined]


def _views_without_access(patterns: list[URLPattern | URLResolver]) -> list[str]:
    return [
        str(one.pattern)
        for one in patterns
        if isinstance(one, URLPattern) and not hasattr(one.callback, "_access")
    ]


# -- signing in


def test_a_citizen_signs_in_with_the_contact_however_written(
    client: Client, citizen: Account
) -> None:
    answer = client.post("/sign-in/", {"username": " ADA@example.com ", "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.get("/anybody/").content == b"signed in: True"
    assert client.post("/sign-out/")["Location"] == "/"
    assert client.get("/anybody/").content == b"signed in: False"


def test_wrong_passwords_are_refused_without_telling_which_part_is_wrong(
    client: Client, citizen: Account
) -> None:
    pages = []
    for name in ("ada@example.com", "nobody@example.com", "nobody"):
        answer = client.post("/sign-in/", {"username": name, "password": "wrong"})
        assert answer.status_code == 400
        pages.append("wrong. Check both;" in answer.content.decode())
    assert pages == [True] * 3


def test_too_many_failures_lock_out_and_keep_no_contact(client: Client, citizen: Account) -> None:
    for _ in range(5):
        answer = client.post("/sign-in/", {"username": "ada@example.com", "password": "wrong"})
    assert answer.status_code == 429
    assert "Wait 15 minutes" in answer.content.decode()
    right = client.post("/sign-in/", {"username": "ada@example.com", "password": PASSWORD})
    assert right.status_code == 429
    stored = str(list(AccessAttempt.objects.values()))
    assert "contact-" in stored
    assert "ada@example.com" not in stored
    assert "wrong" not in stored


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "///x"],
)
def test_signing_in_leads_nowhere_else(client: Client, citizen: Account, elsewhere: str) -> None:
    filled = {"username": "ada@example.com", "password": PASSWORD, "next": elsewhere}
    assert client.post("/sign-in/", filled)["Location"] == "/"
    shown = Client().get("/sign-in/", {"next": elsewhere}).content.decode()
    assert "evil" not in shown.partition("<main")[2]
    assert 'name="next"' not in shown.partition("<main")[2]


def test_staff_land_where_they_work(handler: Account, client: Client) -> None:
    answer = client.post("/sign-in/", {"username": "rosa", "password": PASSWORD})
    assert answer["Location"] == "/staff/"
    assert client.get("/sign-in/")["Location"] == "/staff/"


def test_the_session_changes_its_key_at_sign_in(client: Client, citizen: Account) -> None:
    client.get("/sign-in/")
    session = client.session
    session["draft"] = "x"
    session.save()
    before = session.session_key
    client.post("/sign-in/", {"username": "ada@example.com", "password": PASSWORD})
    assert client.session.session_key != before


# -- personas


def test_personas_sign_in_with_one_click_in_demo_mode(
    client: Client, organisations: None, settings: Settings
) -> None:
    settings.CITYSTEWARD_DEMO = True
    load_personas([GRACE], actor=LOADER)
    page = client.get("/sign-in/?next=/handlers/").content.decode()
    assert "Demo sign-ins" in page
    assert 'value="grace"' in page
    answer = client.post("/sign-in/demo/", {"persona": "grace", "next": "/handlers/"})
    assert answer["Location"] == "/handlers/"
    assert client.get("/handlers/").content == b"0 Grace"
    # The demonstration is over: neither the session nor the click works any longer.
    settings.CITYSTEWARD_DEMO = False
    assert client.get("/handlers/").status_code == 302
    assert client.post("/sign-in/demo/", {"persona": "grace"}).status_code == 404
    assert "Demo sign-ins" not in Client().get("/sign-in/").content.decode()


def test_no_real_account_is_a_persona(client: Client, handler: Account, settings: Settings) -> None:
    settings.CITYSTEWARD_DEMO = True
    assert client.post("/sign-in/demo/", {"persona": "rosa"}).status_code == 404
    assert client.post("/sign-in/demo/").status_code == 404


def test_a_persona_has_no_password(client: Client, settings: Settings, organisations: None) -> None:
    settings.CITYSTEWARD_DEMO = True
    load_personas([GRACE], actor=LOADER)
    for password in ("", "grace", "!"):
        answer = client.post("/sign-in/", {"username": "grace", "password": password})
        assert answer.status_code == 400


# -- registering, and one's own page


def test_registering_signs_in(client: Client) -> None:
    filled = {"name": "张三", "contact": "138 0013 8000", "password": PASSWORD}
    assert client.post("/register/", filled)["Location"] == "/"
    page = client.get("/me/").content.decode()
    assert "张三" in page
    assert "138****8000" in page
    assert "13800138000" not in page
    assert "Citizen" in page


def test_what_is_wrong_stands_first_and_the_answers_stay(client: Client) -> None:
    filled = {"name": "Ada", "contact": "nothing", "password": PASSWORD}
    answer = client.post("/register/", filled)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert page.index("There is a problem") < page.index('name="contact"')
    assert 'value="Ada"' in page
    assert PASSWORD not in page


def test_the_pages_speak_chinese(client: Client) -> None:
    client.cookies["django_language"] = "zh-hans"
    assert "登录" in client.get("/sign-in/").content.decode()
    page = client.post(
        "/register/", {"name": "张三", "contact": "x", "password": "1"}
    ).content.decode()
    assert "请填写正确的手机号码或电子邮箱" in page


def test_ones_own_page_is_for_the_signed_in(client: Client) -> None:
    assert client.get("/me/")["Location"] == "/sign-in/?next=%2Fme%2F"
