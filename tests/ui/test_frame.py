"""The page frame and the pages of things gone wrong, as the site serves them."""

import json
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.test import Client
from django.urls import include, path
from django.utils import translation
from lxml import html

from citysteward.ui import context
from citysteward.ui.registry import Identity
from citysteward.ui.types import Visitor


def refused(_request: HttpRequest) -> HttpResponse:
    raise PermissionDenied("Only a supervisor may open this page.")


def missing(_request: HttpRequest) -> HttpResponse:
    raise Http404


def broken(_request: HttpRequest) -> HttpResponse:
    raise RuntimeError("secret detail")


urlpatterns = [
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("citysteward.ui.urls")),
    path("refused/", refused),
    path("missing/", missing),
    path("broken/", broken),
    path("in/", missing, name="in"),
    path("out/", missing, name="out"),
]
pytestmark = pytest.mark.urls(__name__)


def parsed(page: str) -> Any:
    """The page as a tree; lxml's own types say too little of XPath's answers."""
    return html.fromstring(page)


@pytest.fixture
def site() -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture
def demo(settings: LazySettings) -> None:
    settings.CITYSTEWARD_DEMO = True


def chinese(site: Client) -> Client:
    site.cookies["django_language"] = "zh-hans"
    return site


def test_the_gallery_exists_only_for_builders(site: Client, settings: LazySettings) -> None:
    settings.CITYSTEWARD_DEMO = settings.DEBUG = False
    assert site.get("/ui/").status_code == 404
    assert site.get("/ui/sample-points").status_code == 404
    settings.CITYSTEWARD_DEMO = True
    assert site.get("/ui/").status_code == 200


@pytest.mark.usefixtures("demo")
def test_no_page_carries_inline_style_or_script(site: Client) -> None:
    for reader in (site, chinese(Client())):
        page = parsed(reader.get("/ui/").content.decode())
        assert page.xpath("//@style") == []
        assert page.xpath("//style") == []
        assert page.xpath("//@*[starts-with(name(), 'on')]") == []
        for script in page.xpath("//script[not(@src)]"):
            assert script.get("type") == "application/json"
            json.loads(script.text)


@pytest.mark.usefixtures("demo")
def test_the_page_says_its_language_and_offers_the_other(site: Client) -> None:
    page = parsed(site.get("/ui/?q=a").content.decode())
    assert page.get("lang") == "en"
    button = page.xpath("//button[@name='language']")[0]
    assert (button.get("lang"), button.get("value"), button.text) == (
        "zh-Hans", "zh-hans", "简体中文",
    )  # fmt: skip
    assert button.xpath("../input[@name='next']/@value") == ["/ui/?q=a"]
    page = parsed(chinese(site).get("/ui/").content.decode())
    assert page.get("lang") == "zh-Hans"
    assert page.xpath("//button[@name='language']/@lang") == ["en"]
    assert "城市大管家" in page.xpath("//title/text()")[0]


def test_reading_mode_is_kept_in_a_cookie(site: Client) -> None:
    answer = site.post("/ui/mode", {"mode": "elder", "next": "/ui/?q=1"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/ui/?q=1")
    assert answer.cookies["mode"].value == "elder"
    assert answer.cookies["mode"]["httponly"]
    answer = site.post("/ui/mode", {"mode": "standard", "next": "/"})
    assert answer.cookies["mode"]["max-age"] == 0
    assert site.get("/ui/mode").status_code == 405


@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org", "javascript:x", ""])
def test_reading_mode_never_leads_off_the_site(site: Client, elsewhere: str) -> None:
    assert site.post("/ui/mode", {"next": elsewhere}).headers["Location"] == "/"


def test_a_refusal_says_who_may_and_where_to_sign_in(
    site: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = Identity()
    monkeypatch.setattr(context, "identity", identity)
    identity.provide(lambda _r: Visitor(), sign_in="in", sign_out="out")
    page = site.get("/refused/?a=1&b=2")
    text = page.content.decode()
    assert page.status_code == 403
    assert "Only a supervisor may open this page." in text
    assert 'href="/in/?next=/refused/%3Fa%3D1%26b%3D2"' in text
    identity.provide(lambda _r: Visitor("Ana", signed_in=True), sign_in="in", sign_out="out")
    text = site.get("/refused/").content.decode()
    assert "Sign in</a>" not in text
    assert 'action="/out/"' in text
    assert "Ana" in text


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/missing/", 404, "未找到页面"),
        ("/broken/", 500, "系统出现故障"),
        ("/refused/", 403, "您无权打开此页面"),
    ],
)
def test_things_gone_wrong_are_told_in_the_readers_language(
    site: Client, address: str, status: int, words: str
) -> None:
    answer = chinese(site).get(address)
    page = parsed(answer.content.decode())
    assert answer.status_code == status
    assert page.get("lang") == "zh-Hans"
    assert page.xpath("//h1/text()") == [words]
    assert "secret detail" not in answer.content.decode()


def test_a_form_without_its_token_is_refused_in_words() -> None:
    answer = Client(enforce_csrf_checks=True).post("/ui/mode", {"mode": "elder"})
    assert answer.status_code == 403
    assert "The form has expired" in answer.content.decode()


@pytest.mark.parametrize("template", ["400.html", "500.html", "403_csrf.html"])
def test_plain_pages_need_no_request(template: str) -> None:
    assert "<h1>" in render_to_string(template)
    with translation.override("zh-hans"):
        assert 'lang="zh-Hans"' in render_to_string(template)


def test_messages_are_announced(rf: object) -> None:
    page = render_to_string("ui/base.html", {"messages": [], "user": AnonymousUser()})
    region = parsed(page).get_element_by_id("messages")
    assert region.get("aria-live") == "polite"
