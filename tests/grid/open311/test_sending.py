"""Sending reports: by key, once, within the quota, with photos, into the same loop as any case."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client
from django.utils import timezone

from citysteward.grid.models import ApiKeyUse
from citysteward.grid.open311 import keys
from citysteward.grid.open311.intake import full_name
from citysteward.kernel.areas import queries as areas
from citysteward.kernel.cases import queries as cases
from citysteward.kernel.cases.queries import CaseRow
from citysteward.kernel.cases.types import Channel
from citysteward.kernel.journal import queries as journal
from citysteward.kernel.parties import actions as parties
from tests import city
from tests.databases import FreshDatabase
from tests.grid.open311.conftest import ROOT, TESTER, Api, issue

LONGITUDE, LATITUDE = city.CITY_HALL
RIGHT: dict[str, Any] = {"service_code": city.LIGHT, "lat": LATITUDE, "long": LONGITUDE}


def found(number: str) -> CaseRow:
    case = cases.case_by_number(number)
    assert case is not None
    return case


def test_a_report_becomes_a_routed_case_of_its_sender(api: Api) -> None:
    number = api.report(description="Dark since Monday", email="ada@example.org", first_name="Ada")
    case = found(number)
    assert (case.channel, case.city, case.description) == (
        Channel.OPEN311, "boston", "Dark since Monday",
    )  # fmt: skip
    assert case.organisation is not None
    assert case.area is not None
    entries = journal.entries_of(case.subject)
    assert entries[0].kind == "case.opened"
    assert {entry.actor for entry in entries} == {f"api-key:{api.issued.key.id}"}
    assert "ada@example.org" not in str([entry.payload for entry in entries])
    assert case.reporter_id is not None
    contact = parties.look_at_contact(case.reporter_id, "test", actor=TESTER)
    assert (contact.name, contact.email) == ("Ada", "ada@example.org")


def test_the_answer_promises_a_day_where_there_is_a_deadline(api: Api) -> None:
    told = api.post(**RIGHT).json()[0]
    case = found(told["service_request_id"])
    assert told["account_id"] is None
    assert case.due_at is not None
    assert f"{case.due_at.astimezone(areas.site_city().zone):%Y-%m-%d}" in told["service_notice"]
    xml = api.post("requests.xml", **RIGHT).content.decode()
    assert "<service_requests><request><service_request_id>BOS-" in xml
    assert xml.endswith("<account_id /></request></service_requests>")


def test_an_address_alone_is_place_enough(api: Api) -> None:
    number = api.report(lat="", long="", address_string="corner of Park and Tremont")
    told = api.one(number)
    assert (told["address"], told["lat"]) == ("corner of Park and Tremont", None)


def test_the_specifications_own_form_is_taken(api: Api) -> None:
    body = (
        f"api_key={api.issued.secret}&jurisdiction_id=Boston&service_code={city.LIGHT}"
        f"&lat={LATITUDE}&long={LONGITUDE}&address_string=1234+5th+street&email=smit333%40sfgov.edu"
        "&device_id=tt222111&account_id=123456&first_name=john&last_name=smith&phone=6175550100"
        "&description=A+large+sinkhole&attribute[WHISPAWN]=123456&attribute[WHISDORN]=COISL001"
    )
    answer = Client().post(
        f"{ROOT}/requests.json", body, "application/x-www-form-urlencoded; charset=utf-8"
    )
    assert answer.status_code == 200, answer.content
    assert found(answer.json()[0]["service_request_id"]).description == "A large sinkhole"


def test_photos_arrive_and_stay_with_the_city(api: Api) -> None:
    files = [SimpleUploadedFile(f"{n}.jpg", city.photo(c)) for n, c in enumerate(["teal", "red"])]
    number = api.report(media=files)
    assert len(cases.attachments_of(found(number))) == 2
    assert api.one(number)["media_url"] is None


def test_a_media_address_is_noted_and_never_fetched(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object) -> None:
        raise AssertionError("a request left the house")

    monkeypatch.setattr("urllib.request.urlopen", forbidden)
    monkeypatch.setattr("requests.Session.send", forbidden)
    number = api.report(description="See photo", media_url="https://photos.example/1.jpg")
    assert found(number).description == "See photo\nhttps://photos.example/1.jpg"
    assert cases.attachments_of(found(number)) == []


def test_a_repeated_sending_makes_one_case(api: Api) -> None:
    headers = {"Idempotency-Key": "9f8e"}
    first, second = (api.post(headers=headers, **RIGHT).json() for _ in range(2))
    assert first == second
    assert cases.public_cases("boston").count() == 1
    assert ApiKeyUse.objects.get(key=api.issued.key).cases == 1
    other = Api(api.client, issue())
    assert other.post(headers=headers, **RIGHT).json() != first
    assert api.post(headers={"Idempotency-Key": "other"}, **RIGHT).json() != first


def test_a_refused_report_leaves_nothing_behind(api: Api) -> None:
    answer = api.post(**{**RIGHT, "lat": 42.2626, "long": -71.8023, "email": "ada@example.org"})
    assert answer.status_code == 400
    assert "outside the city" in answer.json()[0]["description"]
    assert not ApiKeyUse.objects.exists()
    assert not cases.public_cases("boston").exists()


def test_without_a_valid_key_nothing_else_is_looked_at(api: Api) -> None:
    revoked = issue()
    keys.revoke_key(revoked.key.label, actor=TESTER)
    for secret, said in (("", "missing"), ("cs_wrong", "not valid"), (revoked.secret, "not valid")):
        answer = api.post("requests.json", api_key=secret, lat="north")
        assert answer.status_code == 403
        (error,) = answer.json()
        assert error["code"] == 403
        assert said in error["description"]
    assert b"<errors><error><code>403</code>" in api.client.post(f"{ROOT}/requests.xml").content


def test_the_daily_quota_says_so_and_ends_with_the_day(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = Api(api.client, issue(daily_quota=1))
    small.report()
    answer = small.post(**RIGHT)
    assert answer.status_code == 400
    assert answer.json() == [
        {
            "code": 429,
            "description": "This API key may open 1 cases a day, and has today. "
            "Try again tomorrow.",
        }
    ]
    api.report()
    tomorrow = timezone.now() + timedelta(days=1)
    monkeypatch.setattr("citysteward.grid.open311.intake.timezone.now", lambda: tomorrow)
    small.report()


@pytest.mark.parametrize(
    ("wrong", "status", "said"),
    [
        ({"service_code": ""}, 400, ["service_code"]),
        ({"service_code": "no-such"}, 404, ["service_code"]),
        ({"jurisdiction_id": "paris"}, 404, ["jurisdiction_id"]),
        ({"lat": ""}, 400, ["lat, long: Give both"]),
        ({"lat": "north", "long": 181}, 400, ["lat: Give degrees", "long: Give degrees"]),
        ({"lat": "nan"}, 400, ["lat: Give degrees"]),
        ({"lat": "", "long": ""}, 400, ["Say where it is"]),
        ({"lat": "", "long": "", "address_id": "7"}, 400, ["address_id"]),
        ({"email": "ada", "media_url": "file:///etc"}, 400, ["email", "media_url"]),
        ({"phone": "\u202e<script>"}, 400, [""]),
        ({"description": "x" * 4001}, 400, ["description: Shorten it to 4000 characters."]),
        ({"first_name": "x" * 61}, 400, ["first_name: Shorten it to 60 characters."]),
    ],
)
def test_what_is_wrong_is_told_all_at_once(
    api: Api, wrong: dict[str, Any], status: int, said: list[str]
) -> None:
    answer = api.post(**{**RIGHT, **wrong})
    assert answer.status_code == status
    errors = answer.json()
    assert [error["code"] for error in errors] == [status] * len(said)
    for text, error in zip(said, errors, strict=True):
        assert text in error["description"]
    assert not cases.public_cases("boston").exists()


def test_media_is_checked_by_its_bytes_and_its_number(api: Api) -> None:
    many = [SimpleUploadedFile(f"{n}.jpg", city.photo()) for n in range(6)]
    assert "at most 5 photos" in api.post(**RIGHT, media=many).json()[0]["description"]
    fake = SimpleUploadedFile("fake.jpg", b"<script>")
    assert "not a photo" in api.post(**RIGHT, media=fake).json()[0]["description"]


def test_invisible_signs_are_dropped_and_a_key_too_long_is_refused(api: Api) -> None:
    told = api.one(api.report(description="a\x00b\x07c", address_string="x\x00y"))
    assert (told["description"], told["address"]) == ("abc", "xy")
    answer = api.post(headers={"Idempotency-Key": "k" * 256}, **RIGHT)
    assert "Idempotency-Key" in answer.json()[0]["description"]


def test_a_body_too_large_is_refused_in_the_format(api: Api) -> None:
    answer = Client().post(
        f"{ROOT}/requests.json",
        "description=" + "x" * 3_000_000,
        "application/x-www-form-urlencoded",
    )
    assert (answer.status_code, answer.json()[0]["code"]) == (400, 400)
    assert "too large" in answer.json()[0]["description"]


def test_names_stand_in_their_own_languages_order() -> None:
    assert full_name("小明", "王") == "王小明"
    assert full_name("Ada", "Lovelace") == "Ada Lovelace"
    assert full_name("", "Lovelace") == "Lovelace"


def test_the_same_sending_twice_at_once_makes_one_case(boston: FreshDatabase) -> None:
    issued = issue(daily_quota=2)
    numbers: list[str] = []

    def send() -> None:
        try:
            api = Api(Client(), issued)
            answer = api.post(headers={"Idempotency-Key": "same"}, **RIGHT)
            numbers.append(answer.json()[0]["service_request_id"])
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(numbers) == 4
    assert len(set(numbers)) == 1
    assert cases.public_cases("boston").count() == 1
    assert ApiKeyUse.objects.get().cases == 1
