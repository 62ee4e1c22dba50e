"""Apps that were written for other cities' Open311 report here, unchanged, over real HTTP.

The clients are those that the Python Package Index offers for GeoReport v2:

- georeport 0.3 (reads, JSON and XML) and civicbot 0.4 (reads and sends, JSON) run as they are.
- three 0.8 was written for Python 2: it imports `itertools.ifilter`, which is the built-in
  `filter` since Python 3. Given that name, its own files run unchanged, in JSON; its XML reading
  uses `dict.keys()[0]`, which no Python 3 has.
- open311 1.1 cannot be imported by any Python 3: its modules import one another by implicit
  relative imports (`from api import API`), which Python 3 took away. It also asks for definitions
  below `service/`, where the specification says `services/`.
"""

import itertools
import sys
from collections.abc import Iterator
from importlib import import_module
from io import BytesIO
from types import ModuleType
from typing import Any

import pytest
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from citysteward.grid.open311.keys import Issued, issue_key
from citysteward.kernel.cases import queries as cases
from citysteward.kernel.cases.types import Channel
from citysteward.kernel.journal.types import Actor
from tests import city
from tests.databases import FreshDatabase

LONGITUDE, LATITUDE = city.CITY_HALL
TOLD = "The lamp before the town hall is dark."


@pytest.fixture
def key(live_server: LiveServer, boston: FreshDatabase) -> Issued:
    """Boston is being served, and an app has a key."""
    return issue_key("an app", actor=Actor("system:test"))


@pytest.fixture
def endpoint(live_server: LiveServer) -> str:
    """What an app is told to use."""
    return f"{live_server.url}/open311/v2"


@pytest.fixture
def three(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The client of Python 2's days, with the one name that it misses."""
    monkeypatch.setattr(itertools, "ifilter", filter, raising=False)
    yield import_module("three")
    for name in [name for name in sys.modules if name.split(".")[0] == "three"]:
        del sys.modules[name]


def test_three_discovers_reports_and_follows(endpoint: str, key: Issued, three: ModuleType) -> None:
    app: Any = three.Three(endpoint, api_key=key.secret)
    assert app.discovery()["endpoints"][0]["url"] == endpoint
    offered = {one["service_code"]: one for one in app.services()}
    assert app.services(city.LIGHT) == {"service_code": city.LIGHT, "attributes": []}
    (sent,) = app.post(
        city.LIGHT,
        lat=LATITUDE,
        long=LONGITUDE,
        address="1 City Hall Square",
        name="Ada Lovelace",
        phone="617 555 0100",
        description=TOLD,
        media=BytesIO(city.photo()),
    )
    number = sent["service_request_id"]
    (request,) = app.request(number)
    assert request["service_name"] == offered[city.LIGHT]["service_name"]
    assert (request["status"], request["description"]) == ("open", TOLD)
    assert app.requests(city.LIGHT, count=10) == [request]
    assert app.requests(status="closed") == []
    assert app.requests(between=["01-01-2015", "03-31-2015"]) == []
    assert app.token(number) == [{"service_request_id": number, "token": number}]
    case = cases.case_by_number(number)
    assert case is not None
    assert case.channel == Channel.OPEN311
    assert len(cases.attachments_of(case)) == 1
    refused = three.Three(endpoint, api_key="cs_wrong").post(city.LIGHT, description=TOLD)
    assert refused == [{"code": 403, "description": "api_key: This key is not valid."}]


@pytest.mark.parametrize("output_format", ["json", "xml"])
def test_georeport_reads_in_both_formats(endpoint: str, key: Issued, output_format: str) -> None:
    georeport = import_module("georeport")
    form = {"service_code": city.LIGHT, "lat": LATITUDE, "long": LONGITUDE, "description": TOLD}
    numbers = []
    for _ in range(2):
        sent = Client().post("/open311/v2/requests.json", {"api_key": key.secret, **form})
        numbers.append(sent.json()[0]["service_request_id"])
    app = georeport.GeoReport(endpoint, jurisdiction="boston", output_format=output_format)
    offered = [one["service_code"] for one in app.get_service_list()]
    assert offered == [one.code for one in cases.categories("boston", public_only=True)]
    assert app.get_service_definition(city.LIGHT)["service_code"] == city.LIGHT
    found = app.get_service_requests(service_code=city.LIGHT, status="open")
    assert [one["service_request_id"] for one in found] == numbers[::-1]
    several = app.get_service_requests(service_request_id=",".join(numbers))
    assert several == found
    one = app.get_service_request(numbers[0])
    assert one == found[1]
    assert (one["description"], float(one["lat"])) == (TOLD, LATITUDE)


def test_civicbot_checks_sends_and_follows(endpoint: str, key: Issued) -> None:
    civicbot = import_module("civicbot")
    quick = civicbot.HttpTransport(rate_limiter=import_module("civicbot.http").RateLimiter(0))
    app = civicbot.Open311Client(
        civicbot.Endpoint(id="boston-ma", name="Boston", base_url=endpoint, write=True), quick
    )
    assert city.LIGHT in {one["service_code"] for one in app.list_services()}
    assert app.get_service_definition(city.LIGHT)["attributes"] == []
    sent = app.create_request(
        city.LIGHT,
        lat=LATITUDE,
        lng=LONGITUDE,
        description=TOLD,
        email="ada@example.org",
        api_key=key.secret,
        validate_remote=True,
        dry_run=False,
        confirm="SEND",
    )
    number = sent.response[0]["service_request_id"]
    request = app.get_request(number)
    assert (request["description"], request["status"]) == (TOLD, "open")
    assert app.list_requests(service_code=city.LIGHT, page_size=5) == [request]
    assert app.list_requests(service_request_ids=[number]) == [request]
    assert app.get_token(number)[0]["service_request_id"] == number
    with pytest.raises(civicbot.HttpError) as refusal:
        app.get_request("BOS-1900-000001")
    assert refusal.value.status == 404
