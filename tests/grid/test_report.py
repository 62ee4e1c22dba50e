"""Reporting a problem without script: one question per page, nothing lost, one case."""

import re
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from citysteward.grid import throttle
from citysteward.kernel.cases import queries as cases
from tests import city

pytestmark = pytest.mark.usefixtures("boston_db")
POINT = {"longitude": str(city.CITY_HALL[0]), "latitude": str(city.CITY_HALL[1])}


def at(step: str) -> str:
    return f"/report/{step}/"


def file(content: bytes, name: str = "photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="image/jpeg")


def fill(client: Client, *, upto: str = "check") -> None:
    """Answer the steps before `upto` in the shortest right way."""
    answers = {
        "category": {"category": city.LIGHT},
        "place": POINT | {"address": "1 City Hall Square"},
        "problem": {"description": "The lamp is dark."},
        "contact": {"name": "", "phone": "", "email": ""},
    }
    for step, answer in answers.items():
        if step == upto:
            return
        client.post(at(step), answer)


def key(client: Client) -> str:
    page = client.get(at("check")).content.decode()
    found = re.search(r'name="key" value="([0-9a-f]{32})"', page)
    assert found, page
    return found[1]


def text(client: Client, address: str) -> str:
    return unescape(client.get(address).content.decode())


def test_a_report_goes_step_by_step_to_a_numbered_routed_case(client: Client) -> None:
    assert client.get("/report/").headers["Location"] == at("category")
    steps = [
        ("category", {"category": city.LIGHT}, at("place")),
        ("place", POINT | {"address": "1 City Hall Square", "area": ""}, at("problem")),
        (
            "problem",
            {
                "description": "The lamp is dark.",
                "photos": [file(city.photo()), file(city.photo("red"))],
            },
            at("contact"),
        ),
        (
            "contact",
            {"name": "Ann", "phone": "617 555 0100", "email": "ann@example.org"},
            at("check"),
        ),
    ]
    for step, answer, following in steps:
        assert client.get(at(step)).status_code == 200
        assert client.post(at(step), answer).headers["Location"] == following
    assert client.post(at("check"), {"key": key(client)}).headers["Location"] == at("sent")
    page = text(client, at("sent"))
    number = re.search(r"BOS-\d{4}-\d{6}", page)
    assert number
    case = cases.case_by_number(number[0])
    assert case is not None
    assert (case.category.code, case.description) == (city.LIGHT, "The lamp is dark.")
    assert case.area is not None
    assert case.area.code == "boston-downtown"
    assert case.organisation is not None
    assert case.organisation.code == "public-works-department"
    assert len(cases.attachments_of(case)) == 2
    assert reverse("citizen:follow", args=[case.number, case.follow_key]) in page
    assert case.channel == "web"
    assert case.reporter_id is not None


def test_sending_twice_makes_one_case(client: Client) -> None:
    fill(client)
    sent = key(client)
    first = client.post(at("check"), {"key": sent})
    again = client.post(at("check"), {"key": sent})
    assert first.headers["Location"] == again.headers["Location"] == at("sent")
    assert cases.public_cases("boston").count() == 1


def test_two_requests_with_the_same_draft_make_one_case(client: Client) -> None:
    fill(client)
    sent = key(client)
    twin = Client()
    session = client.session
    copy = twin.session
    copy.update(dict(session.items()))
    copy.save()
    twin.cookies["sessionid"] = copy.session_key or ""
    client.post(at("check"), {"key": sent})
    assert twin.post(at("check"), {"key": sent}).headers["Location"] == at("sent")
    assert cases.public_cases("boston").count() == 1


def test_a_later_page_leads_back_to_the_first_open_question(client: Client) -> None:
    for step in ("place", "problem", "contact", "check"):
        assert client.get(at(step)).headers["Location"] == at("category")
    fill(client, upto="problem")
    assert client.post(at("check"), {"key": "0" * 32}).headers["Location"] == at("problem")
    assert client.get("/report/sent/").headers["Location"] == "/report/"
    assert client.get("/report/nonsense/").status_code == 404


@pytest.mark.parametrize(
    ("step", "answer", "said"),
    [
        ("category", {}, "Choose the kind of problem that comes nearest."),
        ("category", {"category": "no-such-kind"}, "Choose the kind of problem"),
        ("place", {}, "Point at the place on the map, or write where it is."),
        ("place", {"longitude": "-71.06"}, "Give both latitude and longitude"),
        ("place", {"longitude": "200", "latitude": "42.3"}, "less than or equal to 180"),
        ("place", {"longitude": "nan", "latitude": "42.3"}, "Enter a number"),
        (
            "place",
            {"longitude": str(city.WORCESTER[0]), "latitude": str(city.WORCESTER[1])},
            "This place lies outside the city.",
        ),
        ("problem", {"description": "  "}, "Say in a few words what is wrong, or add a photo."),
        ("problem", {"description": "x" * 4001}, "at most 4000 characters"),
        ("contact", {"email": "ann at example"}, "Write the e-mail address like"),
        ("contact", {"phone": "call me"}, "Write the phone number with its digits only"),
    ],
)
def test_a_wrong_answer_names_its_field_and_keeps_what_was_typed(
    client: Client, step: str, answer: dict[str, str], said: str
) -> None:
    fill(client, upto=step)
    response = client.post(at(step), answer)
    page = unescape(response.content.decode())
    assert response.status_code == 422
    assert "There is a problem" in page
    assert said in page
    for value in answer.values():
        assert value.strip() in page or value == "no-such-kind"
    assert client.get(at("check")).headers["Location"] == at(step)


def test_errors_are_told_in_the_readers_language(client: Client) -> None:
    client.cookies["django_language"] = "zh-hans"
    fill(client, upto="place")
    page = client.post(at("place"), {"longitude": "-71.8", "latitude": "42.26"}).content.decode()
    assert "该位置不在本市范围内" in page
    assert 'lang="zh-Hans"' in page


def test_changing_the_language_keeps_the_draft_and_the_unsent_page(client: Client) -> None:
    fill(client, upto="problem")
    response = client.post(
        at("problem"),
        {"description": "Half a sentence", "photos": [file(city.photo())], "_language": "zh-hans"},
    )
    assert response.headers["Location"] == at("problem")
    page = client.get(at("problem")).content.decode()
    assert 'lang="zh-Hans"' in page
    assert "Half a sentence" in page
    assert page.count("/report/photos/") == 1
    client.post(at("problem"), {"description": "Half a sentence", "_language": "en"})
    assert 'value="42.3603"' in client.get(at("place")).content.decode()
    assert "has-error" not in client.get(at("problem")).content.decode()


def test_an_error_is_told_again_after_the_language_changed(client: Client) -> None:
    fill(client, upto="place")
    outside = {"longitude": "-71.8", "latitude": "42.26"}
    client.post(at("place"), outside)
    client.post(at("place"), outside | {"_language": "zh-hans"})
    page = client.get(at("place")).content.decode()
    assert "该位置不在本市范围内" in page
    assert 'value="-71.8"' in page


def test_changing_to_elder_mode_keeps_the_unsent_page(client: Client) -> None:
    fill(client, upto="problem")
    client.post(at("problem"), {"description": "Half a sentence", "_mode": "elder"})
    page = client.get(at("problem")).content.decode()
    assert 'data-mode="elder"' in page
    assert "Half a sentence" in page


def test_only_photos_are_taken_and_the_good_ones_survive_a_bad_one(client: Client) -> None:
    fill(client, upto="problem")
    response = client.post(
        at("problem"),
        {
            "description": "Look",
            "photos": [
                file(city.photo()),
                file(b"%PDF-1.7 no picture", "scan.jpg"),
                file(b"", "empty.jpg"),
            ],
        },
    )
    page = unescape(response.content.decode())
    assert response.status_code == 422
    assert "scan.jpg: This file is not a photo that can be read." in page
    assert "empty.jpg" in page
    assert "Look" in page
    assert page.count("/report/photos/") == 1


def test_photos_are_added_and_removed_one_by_one_up_to_five(client: Client) -> None:
    fill(client, upto="problem")
    six = [file(city.photo(size=(10 + n, 10)), f"{n}.jpg") for n in range(6)]
    response = client.post(at("problem"), {"description": "Look", "photos": six, "_add": "1"})
    assert "at most" in response.content.decode()
    page = text(client, at("problem"))
    kept = re.findall(r"/report/photos/([0-9a-f]{32})/", page)
    assert len(kept) == 5
    shown = client.get(f"/report/photos/{kept[0]}/")
    assert shown.headers["Content-Type"] == "image/jpeg"
    assert shown.content.startswith(b"\xff\xd8")
    client.post(at("problem"), {"description": "Look", "_remove": kept[0]})
    page = text(client, at("problem"))
    assert kept[0] not in page
    assert "Look" in page
    assert client.get(f"/report/photos/{kept[0]}/").status_code == 404


def test_a_drafts_photo_is_nobody_elses(client: Client) -> None:
    fill(client, upto="problem")
    client.post(at("problem"), {"photos": [file(city.photo())], "_add": "1"})
    photo = re.findall(r"/report/photos/([0-9a-f]{32})/", text(client, at("problem")))[0]
    assert Client().get(f"/report/photos/{photo}/").status_code == 404


def test_a_photo_alone_is_enough(client: Client) -> None:
    fill(client, upto="problem")
    response = client.post(at("problem"), {"description": "", "photos": [file(city.photo())]})
    assert response.headers["Location"] == at("contact")


def test_a_corrected_answer_leads_back_to_the_check(client: Client) -> None:
    fill(client)
    key(client)
    changed = client.post(at("problem"), {"description": "Two lamps are dark."})
    assert changed.headers["Location"] == at("check")
    assert "Two lamps are dark." in text(client, at("check"))


def test_an_address_without_a_point_is_enough(client: Client) -> None:
    fill(client, upto="place")
    client.post(at("place"), {"address": "Corner of Park and Beacon", "area": "boston-beacon-hill"})
    client.post(at("problem"), {"description": "Dark"})
    client.post(at("contact"), {})
    client.post(at("check"), {"key": key(client)})
    case = cases.public_cases("boston").get()
    assert (case.longitude, case.latitude, case.address) == (
        None,
        None,
        "Corner of Park and Beacon",
    )
    assert case.area is not None
    assert case.area.code == "boston-beacon-hill"


def test_a_draft_can_be_continued_or_discarded(client: Client) -> None:
    fill(client, upto="problem")
    assert "You have begun a report" in text(client, "/report/")
    client.post("/report/")
    assert client.get("/report/").headers["Location"] == at("category")


def test_a_signed_in_citizen_finds_the_case_among_her_own(client: Client) -> None:
    client.force_login(city.account("grace"))
    fill(client, upto="contact")
    assert 'autocomplete="email"' in text(client, at("contact"))
    client.post(at("contact"), {})
    client.post(at("check"), {"key": key(client)})
    case = cases.public_cases("boston").get()
    assert case.reporter_account_id == city.account("grace").pk
    assert case.number in text(client, "/my/cases/")
    client.force_login(city.account("henry"))
    assert case.number not in text(client, "/my/cases/")


def test_too_many_reports_are_refused_and_the_draft_is_kept(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "PER_SESSION", {throttle.REPORT: 1, throttle.PHOTO: 1})
    for _ in range(2):
        fill(client)
        response = client.post(at("check"), {"key": key(client)})
    assert response.status_code == 429
    assert "Too many reports" in response.content.decode()
    assert cases.public_cases("boston").count() == 1
    assert "The lamp is dark." in text(client, at("check"))


def test_the_pages_ask_for_a_csrf_token() -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(at("category"), {"category": city.LIGHT}).status_code == 403


def test_search_offers_what_matches_and_all_when_nothing_does(client: Client) -> None:
    found = text(client, "/report/category/?q=路灯")
    assert f'value="{city.LIGHT}"' in found
    assert 'value="graffiti' not in found
    assert "Nothing matches “xylophone”" in text(client, "/report/category/?q=xylophone")
