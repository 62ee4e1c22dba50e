"""What is settled about a request before a page sees it."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from citysteward.config.gate import LARGEST_BODY
from citysteward.kernel.parties.access import public


@public
def _page(request: HttpRequest, **_parts: str) -> HttpResponse:
    return HttpResponse(request.META["REMOTE_ADDR"])


urlpatterns = [path("page/", _page), path("page/<str:part>/", _page)]
here = override_settings(ROOT_URLCONF=__name__)


def address(proxies: int, forwarded: str | None) -> str:
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    with override_settings(PROXIES=proxies), here:
        response = Client(REMOTE_ADDR="10.0.0.9").get("/page/", headers=headers)
    return str(response.content.decode())


@pytest.mark.parametrize(
    ("proxies", "forwarded", "visitor"),
    [
        (0, "203.0.113.7", "10.0.0.9"),
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        (2, "198.51.100.1, 203.0.113.7, 10.0.0.8", "203.0.113.7"),
        (1, "2001:db8::1", "2001:db8::1"),
        (2, "203.0.113.7", "10.0.0.9"),
        (1, None, "10.0.0.9"),
        (1, "", "10.0.0.9"),
        (1, "unknown", "10.0.0.9"),
    ],
)
def test_a_visitor_is_who_our_own_proxy_saw(proxies: int, forwarded: str, visitor: str) -> None:
    assert address(proxies, forwarded) == visitor


@here
@pytest.mark.parametrize("length", [str(LARGEST_BODY + 1), "9" * 30, "-1", "many"])
def test_too_large_a_body_is_refused_unread(client: Client, length: str) -> None:
    response = client.get("/page/", CONTENT_LENGTH=length, headers={"Accept-Language": "zh-CN"})
    assert response.status_code == 413
    assert "提交的内容过大" in response.content.decode()


@here
@pytest.mark.parametrize("length", ["", "0", str(LARGEST_BODY)])
def test_other_bodies_are_let_through(client: Client, length: str) -> None:
    assert client.get("/page/", CONTENT_LENGTH=length).status_code == 200


@here
def test_nul_is_refused_wherever_it_stands(client: Client) -> None:
    asked = ["/page/?a=%00", "/page/?%00=a", "/page/x%00y/"]
    assert [client.get(one).status_code for one in asked] == [400, 400, 400]
    assert client.post("/page/", {"a": "x\x00"}).status_code == 400
    assert client.post("/page/", {"a\x00": "x"}).status_code == 400
    assert client.post("/page/?a=b", {"a": "x"}).status_code == 200


@pytest.mark.usefixtures("boston_db")
def test_the_api_answers_in_its_own_format(client: Client) -> None:
    response = client.get("/open311/v2/services.json?jurisdiction_id=%00")
    assert response.headers["Content-Type"].startswith("application/json")
