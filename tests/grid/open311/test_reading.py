"""What everybody may read: services and service requests, in both formats and languages."""

import re
from datetime import datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from pytest_django import Settings

from citysteward.kernel.cases import queries as cases
from tests import city
from tests.grid.open311.conftest import Api

SECRETS = ("Ada", "Lovelace", "617 555 0199", "ada@example.org", "12 Secret Lane", "dark")


def test_discovery_leads_to_this_endpoint(api: Api, settings: Settings) -> None:
    told = api.get("discovery.json").json()
    (endpoint,) = told["endpoints"]
    assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert endpoint["url"] == "http://testserver/open311/v2"
    assert endpoint["formats"] == ["text/xml", "application/json"]
    assert endpoint["type"] == "test"
    settings.CITYSTEWARD_DEMO = False
    assert api.get("discovery.json").json()["endpoints"][0]["type"] == "production"
    document = ElementTree.fromstring(api.get("discovery.xml").content)  # noqa: S314
    assert document.tag == "discovery"
    assert [one.text for one in document.findall("endpoints/endpoint/formats/format")] == (
        endpoint["formats"]
    )


def test_services_are_the_public_categories_in_the_readers_language(api: Api) -> None:
    public = cases.categories("boston", public_only=True)
    english, chinese = (api.get("services.json", language).json() for language in ("en", "zh-CN"))
    assert [one["service_code"] for one in english] == [one.code for one in public]
    assert 0 < len(public) < len(cases.categories("boston"))
    light = next(i for i, one in enumerate(public) if one.code == city.LIGHT)
    assert english[light]["service_name"] == public[light].names.en
    assert chinese[light]["service_name"] == public[light].names.zh
    assert english[light]["metadata"] is False
    assert english[light]["type"] == "realtime"
    assert ", " in english[light]["keywords"]
    root = ElementTree.fromstring(api.get("services.xml", "zh").content)  # noqa: S314
    assert root.tag == "services"
    assert {field.tag: field.text or "" for field in root[light]} == {
        **chinese[light],
        "metadata": "false",
    }


def test_a_definition_has_no_further_questions(api: Api) -> None:
    answer = api.get(f"services/{city.LIGHT}.json", jurisdiction_id="boston")
    assert answer.json() == {"service_code": city.LIGHT, "attributes": []}
    xml = api.get(f"services/{city.LIGHT}.xml").content.decode()
    assert xml.endswith(
        f"<service_code>{city.LIGHT}</service_code><attributes /></service_definition>"
    )


def test_what_came_in_through_the_api_is_told_with_its_words(api: Api) -> None:
    number = api.report(description="The lamp\r\nis dark <b>", address_string="1 City Hall Sq")
    told = api.one(number)
    longitude, latitude = city.CITY_HALL
    assert told["description"] == "The lamp\nis dark <b>"
    assert told["address"] == "1 City Hall Sq"
    assert (told["long"], told["lat"], told["status"]) == (longitude, latitude, "open")
    case = cases.case_by_number(number)
    assert case is not None
    zone = datetime.fromisoformat(told["requested_datetime"])
    assert zone == case.opened_at.replace(microsecond=0)
    assert zone.utcoffset() in {timedelta(hours=-4), timedelta(hours=-5)}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d-0[45]:00", told["requested_datetime"])
    assert case.organisation is not None
    assert told["agency_responsible"] == case.organisation.names.en
    assert datetime.fromisoformat(told["expected_datetime"]) == case.due_at
    root = ElementTree.fromstring(api.get(f"requests/{number}.xml").content)  # noqa: S314
    assert root.tag == "service_requests"
    (request,) = root
    assert request.tag == "request"
    assert [field.tag for field in request] == list(told)
    assert request.findtext("description") == told["description"]
    assert request.findtext("media_url") == ""


def test_nobody_learns_who_reported_or_what_was_said_to_the_city_alone(api: Api) -> None:
    sent = api.report(
        first_name="Ada", last_name="Lovelace", phone="617 555 0199", email="ada@example.org",
        address_string="1 City Hall Sq", account_id="Ada", device_id="Lovelace",
    )  # fmt: skip
    web = city.report(contact="ada@example.org")
    web.address, web.title = "12 Secret Lane", "Ada Lovelace"
    web.save()
    told = api.one(web.number)
    assert (told["description"], told["address"]) == (None, "Downtown")
    assert (told["lat"], told["long"]) == (web.latitude, web.longitude)
    everything = [
        api.get(path).content.decode()
        for name in (sent, web.number)
        for path in (
            "requests.json",
            "requests.xml",
            f"requests/{name}.json",
            f"requests/{name}.xml",
        )
    ]
    assert not [secret for secret in SECRETS for text in everything if secret in text]
    assert not any(web.follow_key in text or api.issued.secret in text for text in everything)


def test_a_closed_case_says_when_and_how(api: Api) -> None:
    case = city.close(city.report())
    assert case.closed_at is not None
    told = api.one(case.number)
    assert (told["status"], told["status_notes"]) == ("closed", "Closed")
    assert case.closed_at is not None
    assert datetime.fromisoformat(told["updated_datetime"]) == case.closed_at.replace(microsecond=0)
    assert api.one(case.number, "zh")["status_notes"] == "已结案"
    assert "New lamp fitted" not in str(told)


def test_lists_are_filtered_newest_first(api: Api) -> None:
    lamp, bike = api.report(), api.report(service_code="abandoned-bicycle")
    web = city.close(city.report()).number

    def numbers(**query: Any) -> list[str]:
        answer = api.get("requests.json", **query)
        assert answer.status_code == 200, answer.content.decode()
        return [one["service_request_id"] for one in answer.json()]

    assert numbers() == [web, bike, lamp]
    assert numbers(service_code="abandoned-bicycle") == [bike]
    assert numbers(service_code=f"abandoned-bicycle,{city.LIGHT}") == [web, bike, lamp]
    assert numbers(service_code=["abandoned-bicycle", city.LIGHT]) == [web, bike, lamp]
    assert numbers(service_code="no-such") == []
    assert numbers(status="open") == [bike, lamp]
    assert numbers(status="closed") == [web]
    assert numbers(status="open,closed", service_code="", page="") == [web, bike, lamp]
    assert numbers(service_request_id=f"{lamp},{web}", status="open", start_date="x") == [web, lamp]
    assert numbers(start_date="2015-01-01", end_date="2015-03-31") == []
    assert numbers(start_date="2015-01-01T00:00:00Z") == []


def test_the_default_is_the_last_ninety_days_to_the_second(api: Api) -> None:
    old, new = (cases.case_by_number(api.report()) for _ in range(2))
    assert old is not None
    assert new is not None
    old.opened_at -= timedelta(days=90, seconds=5)
    old.save()
    new.opened_at -= timedelta(days=89, hours=23)
    new.save()
    assert [one["service_request_id"] for one in api.get("requests.json").json()] == [new.number]
    day = old.opened_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    found = api.get("requests.json", start_date=day).json()
    assert [one["service_request_id"] for one in found] == [new.number, old.number]


def test_pages_lead_to_one_another(api: Api) -> None:
    numbers = [api.report() for _ in range(5)]
    seen: list[str] = []
    path, relations = "requests.json?page_size=2&status=open", []
    while path:
        answer = api.get(path)
        seen += [one["service_request_id"] for one in answer.json()]
        links = {
            relation: address
            for address, relation in re.findall(r'<([^>]+)>; rel="(\w+)"', answer.get("Link", ""))
        }
        relations.append(sorted(links))
        path = links.get("next", "").removeprefix("http://testserver/open311/v2/")
        assert "status=open" in path or not path
    assert seen == numbers[::-1]
    assert relations == [["next"], ["next", "prev"], ["prev"]]


def test_a_number_is_its_own_token(api: Api) -> None:
    number = api.report()
    assert api.get(f"tokens/{number}.json").json() == [
        {"service_request_id": number, "token": number}
    ]


def test_head_and_other_origins_are_welcome(api: Api) -> None:
    answer = api.client.head("/open311/v2/services.xml")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("services/no-such.json", 404, "service_code"),
        ("services/bra.json", 404, "service_code"),
        ("requests/BOS-1.json", 404, "service_request_id"),
        ("requests/%00.json", 404, "service_request_id"),
        ("tokens/1.json", 404, "service_request_id"),
        ("services.json?jurisdiction_id=paris", 404, "jurisdiction_id"),
        ("requests.json?jurisdiction_id=paris", 404, "jurisdiction_id"),
        ("requests.json?status=shut", 400, "status"),
        ("requests.json?page=0", 400, "page: Give a whole number from 1 to 100000."),
        ("requests.json?page_size=1001", 400, "page_size: Give a whole number from 1 to 1000."),
        ("requests.json?page=one", 400, "page"),
        ("requests.json?start_date=soon", 400, "start_date"),
        ("requests.json?start_date=2015-01-01&end_date=2015-12-31", 400, "90 days"),
        ("services.html", 404, "nothing at this address"),
        ("", 404, "nothing at this address"),
        ("any/where.json", 404, "nothing at this address"),
    ],
)
def test_errors_are_told_in_the_format_asked_for(
    api: Api, path: str, status: int, said: str
) -> None:
    answer = api.get(path)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/json; charset=utf-8"
    (error,) = answer.json()
    assert error["code"] == status
    assert said in error["description"]
    if ".json" in path:
        as_xml = api.get(path.replace(".json", ".xml"))
        assert as_xml["Content-Type"] == "text/xml; charset=utf-8"
        root = ElementTree.fromstring(as_xml.content)  # noqa: S314
        assert (root.tag, root[0].tag, root[0].findtext("code")) == ("errors", "error", str(status))
        chinese = api.get(path, "zh-CN").json()[0]["description"]
        assert re.search("[\u3400-\u9fff]", chinese)


def test_other_methods_are_refused_in_the_format_too(api: Api) -> None:
    answer = api.client.delete("/open311/v2/requests.json")
    assert (answer.status_code, answer.json()[0]["code"]) == (405, 405)
    assert set(answer["Allow"].split(", ")) == {"GET", "POST"}


def test_without_a_city_the_service_says_so(db: None, client: Client) -> None:
    answer = client.get("/open311/v2/services.json")
    assert answer.status_code == 400
    assert "no city is loaded" in answer.json()[0]["description"]
