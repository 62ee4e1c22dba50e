"""Pages tell times on the city's clock."""

from zoneinfo import ZoneInfo

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.utils import timezone

from citysteward.config.zone import CityZoneMiddleware
from tests import city


def zone_at(path: str) -> str:
    request = HttpRequest()
    request.path = path
    seen: list[str] = []

    def answer(_request: HttpRequest) -> HttpResponse:
        seen.append(timezone.get_current_timezone_name())
        return HttpResponse()

    CityZoneMiddleware(answer)(request)
    return seen[0]


@pytest.mark.usefixtures("boston_db")
def test_pages_are_told_in_the_citys_zone_and_only_they() -> None:
    assert zone_at("/") == "America/New_York"
    assert zone_at("/ui/") == "UTC"
    assert timezone.get_current_timezone_name() == "UTC"


@pytest.mark.usefixtures("boston_db")
def test_a_case_is_shown_in_local_time(client: Client) -> None:
    case = city.report()
    local = case.opened_at.astimezone(ZoneInfo("America/New_York"))
    shown = client.get(f"/cases/{case.number}/").content.decode()
    assert f'datetime="{local.isoformat(timespec="seconds")}"' in shown
