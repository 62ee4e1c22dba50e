"""The components as a browser shows them: both languages, three widths, light, dark, elder."""

import pytest
from playwright.sync_api import Page

from tests.browser.pages import (
    CHINESE,
    ENGLISH,
    LANGUAGES,
    Reader,
    Scheme,
    axe_findings,
    faults,
    sideways,
    small_targets,
    small_text,
)

pytestmark = pytest.mark.browser


def open_gallery(page: Page) -> None:
    page.goto("/ui/")
    page.locator("#sample-map + *, .leaflet-container").first.wait_for()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [1280, 375, 320])
def test_every_component_is_sound(reader: Reader, language: str, width: int) -> None:
    with reader.page(language=language, width=width) as (page, _):
        open_gallery(page)
        assert faults(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_elder_mode_is_large_and_sound(reader: Reader, scheme: Scheme) -> None:
    with reader.page(width=320, scheme=scheme, elder=True, language=CHINESE) as (page, _):
        open_gallery(page)
        assert small_text(page, 18) == []
        assert small_targets(page, 60) == []
        assert faults(page) == []
        largest = page.locator("h1").evaluate("e => parseFloat(getComputedStyle(e).fontSize)")
        assert largest >= 30


def test_targets_can_be_hit_without_elder_mode(reader: Reader) -> None:
    with reader.page(width=375) as (page, _):
        open_gallery(page)
        # WCAG 2.2 asks for 24 pixels.
        assert small_targets(page, 24) == []


def test_dark_is_sound(reader: Reader) -> None:
    with reader.page(scheme="dark") as (page, _):
        open_gallery(page)
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 23, 27)"
        assert faults(page) == []


def test_without_script_everything_is_there(reader: Reader) -> None:
    with reader.page(script=False) as (page, _):
        page.goto("/ui/")
        assert page.get_by_role("cell", name="Grid 3").is_visible()
        assert page.get_by_label("Longitude").is_visible()
        assert page.locator(".map").first.is_hidden()
        page.get_by_role("button", name="简体中文").click()
        assert page.locator("html").get_attribute("lang") == "zh-Hans"


def test_spacing_of_text_may_be_widened(reader: Reader) -> None:
    """WCAG 1.4.12: nothing is cut off when a reader widens the spacing."""
    with reader.page(width=375, bypass_csp=True) as (page, _):
        open_gallery(page)
        page.add_style_tag(
            content="* { line-height: 1.5 !important; letter-spacing: .12em !important;"
            " word-spacing: .16em !important } p { margin-bottom: 2em !important }"
        )
        assert sideways(page) == []


def test_the_switch_of_language_keeps_address_and_draft(reader: Reader) -> None:
    with reader.page() as (page, _):
        page.goto("/ui/?q=lamp&area=a")
        page.get_by_label("More", exact=False).fill("草稿 draft")
        page.get_by_role("button", name="简体中文").click()
        page.wait_for_url("**/ui/?q=lamp&area=a")
        assert page.locator("html").get_attribute("lang") == "zh-Hans"
        assert page.get_by_label("补充说明").input_value() == "草稿 draft"
        page.get_by_role("button", name="English").click()
        page.wait_for_url("**/ui/?q=lamp&area=a")
        assert page.get_by_label("More", exact=False).input_value() == "草稿 draft"


def test_elder_mode_is_switched_on_and_off(reader: Reader) -> None:
    with reader.page() as (page, _):
        page.goto("/ui/?q=1")
        page.get_by_role("button", name="Elder mode").click()
        page.wait_for_url("**/ui/?q=1")
        assert page.locator("html").get_attribute("data-mode") == "elder"
        page.get_by_role("button", name="Standard mode").click()
        page.wait_for_url("**/ui/?q=1")
        assert page.locator("html").get_attribute("data-mode") is None


def test_the_map_is_drawn_and_zooms_into_a_cluster(reader: Reader) -> None:
    with reader.page() as (page, _):
        open_gallery(page)
        sample = page.locator("[data-map=sample-map]")
        assert sample.locator("path.map-area").count() == 6
        gathered = sample.get_by_role("button", name="1240 cases here; zoom in")
        gathered.focus()
        page.keyboard.press("Enter")
        sample.locator("path.map-point.good").nth(7).wait_for()
        assert sample.locator("path.map-point.good").count() == 8
        assert gathered.count() == 0


def test_a_popup_shows_text_never_markup(reader: Reader) -> None:
    with reader.page() as (page, _):
        page.route(
            "**/ui/sample-points*",
            lambda route: route.fulfill(
                json={"points": [{"longitude": -71.06, "latitude": 42.36, "count": 1, "url": "",
                                  "text": "<img src=x onerror=alert(1)>", "tone": "late"}]},
            ),
        )  # fmt: skip
        open_gallery(page)
        dots = page.locator("[data-map=sample-map] path.map-point.late")
        dots.nth(1).wait_for()
        dots.nth(1).click(force=True)
        assert page.locator(".leaflet-popup p").inner_text() == "<img src=x onerror=alert(1)>"


def test_a_place_is_picked_by_pointing_and_by_typing(reader: Reader) -> None:
    with reader.page() as (page, _):
        open_gallery(page)
        picker = page.locator("[data-map=sample-place]")
        longitude = page.locator("#id_blank-longitude")
        picker.scroll_into_view_if_needed()
        picker.click(position={"x": 300, "y": 200})
        assert -72 < float(longitude.input_value()) < -70
        page.get_by_text("Type coordinates", exact=True).click()
        longitude.fill("-71.05")
        page.locator("#id_blank-latitude").fill("42.35")
        page.locator("#id_blank-latitude").press("Tab")
        assert page.locator("[data-chosen]").inner_text() == "Chosen place: 42.35000, -71.05000"
        assert picker.locator("path.map-cross").count() == 1


def test_my_location_fills_the_place(reader: Reader) -> None:
    where = {"longitude": -71.07, "latitude": 42.34}
    with reader.page(geolocation=where, permissions=["geolocation"]) as (page, _):
        open_gallery(page)
        page.get_by_role("button", name="Use my location").click()
        page.get_by_text("Chosen place: 42.34000, -71.07000").wait_for()
        assert page.locator("#id_blank-longitude").input_value() == "-71.070000"


def test_the_way_to_the_main_content_comes_first(reader: Reader) -> None:
    with reader.page() as (page, guard):
        guard.allow("404")
        page.goto("/nothing/here")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize(("language", "words"), [(ENGLISH, "not found"), (CHINESE, "未找到页面")])
def test_a_missing_page_says_so(reader: Reader, language: str, words: str) -> None:
    with reader.page(language=language, width=320) as (page, guard):
        guard.allow("404")
        answer = page.goto("/nothing/here")
        assert answer is not None
        assert answer.status == 404
        assert words in page.locator("h1").inner_text()
        assert faults(page) == []


def test_paper_has_no_controls(reader: Reader) -> None:
    with reader.page() as (page, _):
        open_gallery(page)
        page.emulate_media(media="print")
        assert page.locator(".who").is_hidden()
        assert page.locator(".btn").first.is_hidden()
        assert page.get_by_role("table").first.is_visible()
        assert axe_findings(page) == []
