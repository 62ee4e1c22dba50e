"""The citizens' pages in a real browser: both languages, two widths, with and without script."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect

from citysteward.kernel.cases import queries as cases
from tests import city
from tests.browser.pages import CHINESE, ENGLISH, LANGUAGES, Reader, faults, small_targets
from tests.databases import FreshDatabase

pytestmark = pytest.mark.browser
WIDTHS = [1280, 375]


@pytest.fixture
def site(boston: FreshDatabase, reader: Reader) -> Reader:
    """Boston's site in demo mode, on a database of its own."""
    return reader


def session_of(username: str) -> dict[str, str]:
    """The cookies of somebody who is signed in."""
    client = Client()
    client.force_login(city.account(username))
    return {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}


def photo_file(folder: Path, name: str = "lamp.jpg", colour: str = "teal") -> Path:
    path = folder / name
    path.write_bytes(city.photo(colour, (320, 240)))
    return path


def go_on(page: Page) -> None:
    """Press the step's own button, whatever the language."""
    page.locator("#step .actions button").click()


def choose_kind(page: Page) -> None:
    page.goto("/report/category/")
    page.locator(f'input[value="{city.LIGHT}"]').check()
    go_on(page)


def type_place(page: Page) -> None:
    """Without the map: coordinates typed (folded away when there is a map)."""
    expect(page).to_have_url(re.compile("/place/$"))
    page.wait_for_load_state("load")  # the script has folded it away by then, or never will
    typed = page.locator("[data-typed]")
    if typed.get_attribute("open") is None:
        typed.locator("summary").click()
    page.locator("#id_latitude").fill(str(city.CITY_HALL[1]))
    page.locator("#id_longitude").fill(str(city.CITY_HALL[0]))
    go_on(page)


def report(page: Page, folder: Path, look: Callable[[str], None] = lambda _step: None) -> str:
    """The whole way; `look` is called on each page. Returns the case number."""
    page.goto("/report/category/")
    look("category")
    page.locator(f'input[value="{city.LIGHT}"]').check()
    go_on(page)
    expect(page).to_have_url(re.compile("/place/$"))
    look("place")
    type_place(page)
    look("problem")
    page.locator("#id_description").fill("The lamp is dark. 灯不亮。")
    page.locator("#id_photos").set_input_files(
        [photo_file(folder), photo_file(folder, "b.jpg", "red")]
    )
    page.locator("button[name=_add]").click()
    expect(page.locator("#photos img")).to_have_count(2)
    look("problem-photos")
    go_on(page)
    look("contact")
    go_on(page)
    look("check")
    go_on(page)
    expect(page).to_have_url(re.compile("/sent/$"))
    look("sent")
    return page.locator(".big-figure, .figure, main").first.inner_text().split("BOS-")[1][:11]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", WIDTHS)
def test_the_whole_report_is_sound_on_every_page(
    site: Reader, tmp_path: Path, language: str, width: int
) -> None:
    with site.page(language=language, width=width) as (page, _):
        found: dict[str, list[str]] = {}

        def look(step: str) -> None:
            if step == "place":
                page.locator(".leaflet-container path").first.wait_for()
            if wrong := faults(page):
                found[step] = wrong

        number = report(page, tmp_path, look)
        assert found == {}
        case = cases.case_by_number(f"BOS-{number}")
        assert case is not None
        assert case.description == "The lamp is dark. 灯不亮。"
        assert len(cases.attachments_of(case)) == 2


def test_the_report_works_without_script(site: Reader, tmp_path: Path) -> None:
    with site.page(width=375, script=False) as (page, _):
        number = report(page, tmp_path)
        page.get_by_role("link", name="/cases/").click()
        expect(page.locator("main")).to_contain_text("The lamp is dark.")
        assert cases.case_by_number(f"BOS-{number}") is not None


def test_a_point_on_the_map_is_taken_over(site: Reader) -> None:
    with site.page() as (page, _):
        choose_kind(page)
        map_ = page.locator(".leaflet-container")
        map_.locator("path").first.wait_for()
        box = map_.bounding_box()
        assert box is not None
        map_.click(position={"x": box["width"] * 0.5, "y": box["height"] * 0.5})
        expect(page.locator("[data-chosen]")).to_contain_text("Chosen place")
        go_on(page)
        expect(page).to_have_url(re.compile("/problem/$"))


def test_my_location_is_taken_over(site: Reader) -> None:
    longitude, latitude = city.CITY_HALL
    where = {"longitude": longitude, "latitude": latitude}
    with site.page(geolocation=where, permissions=["geolocation"]) as (page, _):
        choose_kind(page)
        page.get_by_role("button", name="Use my location").click()
        expect(page.locator("#id_latitude")).to_have_value(re.compile(r"^42\.36"))
        go_on(page)
        expect(page).to_have_url(re.compile("/problem/$"))


@pytest.mark.parametrize("script", [True, False])
def test_switching_language_in_the_middle_keeps_everything(
    site: Reader, tmp_path: Path, script: bool
) -> None:
    with site.page(script=script) as (page, _):
        choose_kind(page)
        type_place(page)
        page.locator("#id_description").fill("Half a sentence")
        page.locator("#id_photos").set_input_files(photo_file(tmp_path))
        page.get_by_role("button", name="简体中文").click()
        expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
        expect(page.locator("#id_description")).to_have_value("Half a sentence")
        expect(page.locator("#photos img")).to_have_count(1)
        page.goto("/report/place/")
        expect(page.locator("#id_latitude")).to_have_value(str(city.CITY_HALL[1]))
        page.goto("/report/category/")
        expect(page.locator(f'input[value="{city.LIGHT}"]')).to_be_checked()
        page.get_by_role("button", name="English").click()
        expect(page.locator(f'input[value="{city.LIGHT}"]')).to_be_checked()


def test_the_enter_key_goes_on_and_does_not_switch_the_language(site: Reader) -> None:
    with site.page() as (page, _):
        choose_kind(page)
        page.locator("#id_address").fill("Corner of Park and Beacon")
        page.locator("#id_address").press("Enter")
        expect(page).to_have_url(re.compile("/problem/$"))
        expect(page.locator("html")).to_have_attribute("lang", "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_errors_come_first_and_lead_to_their_field(site: Reader, language: str) -> None:
    with site.page(language=language, width=375) as (page, guard):
        guard.allow("422")
        page.goto("/report/category/")
        go_on(page)
        summary = page.locator(".error-summary")
        expect(summary).to_be_focused()
        assert faults(page) == []
        summary.locator("a").first.click()
        expect(page.locator("#id_category_0")).to_be_focused()
        choose_kind(page)
        go_on(page)
        assert faults(page) == []
        page.locator(".error-summary a").first.click()
        expect(page.locator("#id_address")).to_be_focused()


def test_pressing_send_twice_makes_one_case(site: Reader, tmp_path: Path) -> None:
    with site.page() as (page, _):
        choose_kind(page)
        type_place(page)
        page.locator("#id_description").fill("Dark")
        go_on(page)
        go_on(page)
        page.locator("#step .actions button").dblclick()
        expect(page).to_have_url(re.compile("/sent/$"))
        page.go_back()
        page.goto("/report/sent/")
        expect(page.locator("main")).to_contain_text("BOS-")
    assert cases.public_cases("boston").count() == 1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", WIDTHS)
def test_grace_sees_rates_and_reopens_and_henry_sees_a_summary(
    site: Reader, language: str, width: int
) -> None:
    case = city.close(city.report("grace", photos=[city.photo()]))
    city.report("grace")
    address = f"/cases/{case.number}/"
    with site.page(language=language, width=width, cookies=session_of("grace")) as (page, guard):
        guard.allow("422")
        for path in ("/", "/?q=light", "/my/cases/", address):
            page.goto(path)
            assert faults(page) == [], path
        page.locator(f'form[action="{address}rate/"] button').click()
        expect(page.locator(".error-summary")).to_be_visible()
        assert faults(page) == []
        page.locator("input[name=stars][value='4']").check()
        page.locator(f'form[action="{address}rate/"] button').click()
        expect(page.locator(".messages .banner.good")).to_be_visible()
        page.locator("#id_grounds").fill("Dark again")
        page.locator(f'form[action="{address}reopen/"] button').click()
        expect(page.locator(".trail")).to_contain_text("Dark again")
        assert faults(page) == []
    with site.page(language=language, width=width, cookies=session_of("henry")) as (page, guard):
        page.goto(address)
        assert faults(page) == []
        assert "The lamp before" not in page.content()
        guard.allow("403")
        refused = page.request.post(
            f"{address}rate/",
            form={"stars": "1", "csrfmiddlewaretoken": _token(page)},
            headers={"Referer": page.url},
        )
        assert refused.status == 403


def _token(page: Page) -> str:
    return page.locator("input[name=csrfmiddlewaretoken]").first.input_value()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", WIDTHS)
def test_the_public_pages_are_sound(site: Reader, language: str, width: int) -> None:
    case = city.report("grace")
    with site.page(language=language, width=width) as (page, guard):
        for path in ("/", "/?q=xylophone", "/find/", "/find/?number=1", f"/cases/{case.number}/"):
            page.goto(path)
            assert faults(page) == [], path
        page.goto("/map/")
        page.locator(".leaflet-container .map-point").first.wait_for()
        assert faults(page) == []
        guard.allow("404")
        page.goto(f"/cases/{case.number}/wrong/")
        assert faults(page) == []


def test_elder_mode_has_large_targets(site: Reader) -> None:
    with site.page(width=375, elder=True, language=CHINESE) as (page, _):
        page.goto("/report/category/")
        assert small_targets(page, 60) == []
        assert faults(page) == []
    with site.page(language=ENGLISH) as (page, _):
        choose_kind(page)
        page.locator("#id_address").fill("Beacon")
        page.get_by_role("button", name="Elder mode").click()
        expect(page.locator("html")).to_have_attribute("data-mode", "elder")
        expect(page.locator("#id_address")).to_have_value("Beacon")
