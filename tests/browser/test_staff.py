"""The staff's and watchers' own pages in a real browser, in both languages."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import CHINESE, ENGLISH, LANGUAGES, Reader, faults
from tests.city import photo, report, seal_and_export
from tests.databases import FreshDatabase

pytestmark = pytest.mark.browser


@pytest.fixture
def reported(boston: FreshDatabase) -> str:
    """A fresh case of Grace's with a photo, sealed; its number."""
    case = report("grace", photos=[photo()])
    seal_and_export()
    return case.number


def become(page: Page, persona: str, address: str) -> None:
    """Sign in as a person of the demonstration and go on to `address`."""
    page.goto(f"/sign-in/?next={address}")
    page.locator(f"button[value={persona}]").click()
    page.wait_for_url(f"**{address}")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [1280, 375])
def test_the_staff_s_pages_are_sound(
    boston: FreshDatabase, reader: Reader, reported: str, language: str, width: int
) -> None:
    with reader.page(language=language, width=width) as (page, _):
        become(page, "paul", "/staff/")
        expect(page.locator("main")).to_contain_text(reported)
        for address in ("/staff/", f"/staff/cases/{reported}/", "/staff/map/"):
            page.goto(address)
            assert faults(page) == [], address


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [1280, 375])
def test_the_watchers_pages_are_sound(
    boston: FreshDatabase, reader: Reader, reported: str, language: str, width: int
) -> None:
    with reader.page(language=language, width=width) as (page, _):
        become(page, "sofia", "/staff/escalated/")
        assert faults(page) == []
        for address in ("/governance/journal/", "/governance/findings/"):
            page.goto(address)
            assert faults(page) == [], address
        page.goto("/governance/journal/")
        page.locator("main table a").first.click()
        expect(page.locator("pre.payload")).to_be_visible()
        assert faults(page) == []


def test_what_is_missing_is_said_and_nothing_is_lost(
    boston: FreshDatabase, reader: Reader, reported: str
) -> None:
    with reader.page(language=ENGLISH, width=375) as (page, guard):
        guard.allow("422")
        become(page, "paul", f"/staff/cases/{reported}/")
        page.get_by_label("Handled").check()
        page.locator("#id_note").fill("New lamp fitted.")
        page.get_by_role("button", name="Finish this task").click()
        expect(page.locator(".error-summary")).to_contain_text("Add a photo of the result.")
        expect(page.locator("#id_note")).to_have_value("New lamp fitted.")
        expect(page.get_by_label("Handled")).to_be_checked()
        assert faults(page) == []


def test_two_at_once_one_wins_and_the_other_is_told(
    boston: FreshDatabase, reader: Reader, reported: str
) -> None:
    with reader.page() as (first, _), reader.page() as (second, _):
        for page in (first, second):
            become(page, "paul", f"/staff/cases/{reported}/")
            page.get_by_label("Not ours").check()
            page.locator("#id_note").fill("Belongs to the parks.")
        first.get_by_role("button", name="Finish this task").click()
        expect(first.locator("#messages")).to_contain_text("The case has moved on")
        second.get_by_role("button", name="Finish this task").click()
        expect(second.locator("#messages")).to_contain_text("already been finished")


def test_a_handler_of_another_department_and_a_citizen_are_refused(
    boston: FreshDatabase, reader: Reader, reported: str
) -> None:
    with reader.page(language=CHINESE) as (page, guard):
        guard.allow("403")
        become(page, "ines", f"/staff/cases/{reported}/")
        expect(page.locator("main")).to_contain_text("该办件属于其他单位")
        assert faults(page) == []
    with reader.page() as (page, guard):
        guard.allow("403")
        become(page, "henry", "/staff/")
        expect(page.locator("main")).to_contain_text("Handler")
        assert faults(page) == []


def test_the_clock_is_stopped_on_stated_grounds_and_started_again(
    boston: FreshDatabase, reader: Reader, reported: str
) -> None:
    with reader.page() as (page, _):
        become(page, "dora", f"/staff/cases/{reported}/")
        page.locator("#id_grounds").fill("Waiting for a spare part.")
        page.get_by_role("button", name="Stop the clock").click()
        expect(page.locator(".sub")).to_contain_text("Clock stopped")
        page.locator("#id_grounds").fill("It has come.")
        page.get_by_role("button", name="Start the clock").click()
        expect(page.locator("#messages")).to_contain_text("runs again")
        expect(page.locator("aside")).to_contain_text("Waiting for a spare part.")
