"""Signing in, registering and one's own page in a real browser, in both languages."""

import pytest
from playwright.sync_api import Page

from tests.browser.pages import CHINESE, LANGUAGES, Reader, faults, small_targets, small_text
from tests.city import load_boston

pytestmark = pytest.mark.browser


@pytest.fixture
def people(reader: Reader) -> None:
    """Boston and its personas on the reader's own site."""
    load_boston()


def become(page: Page, persona: str) -> None:
    page.goto("/sign-in/?next=/me/")
    page.locator(f"button[value={persona}]").click()
    page.wait_for_url("**/me/")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [1280, 320])
def test_every_page_is_sound(reader: Reader, people: None, language: str, width: int) -> None:
    with reader.page(language=language, width=width) as (page, guard):
        for address in ("/sign-in/", "/register/"):
            page.goto(address)
            assert faults(page) == []
        guard.allow("400")
        page.locator("main form .btn").last.click()
        assert page.locator(".error-summary").is_visible()
        assert faults(page) == []
        become(page, "paul")
        assert faults(page) == []


def test_elder_mode_is_large(reader: Reader, people: None) -> None:
    with reader.page(language=CHINESE, width=320, elder=True) as (page, _):
        page.goto("/sign-in/")
        assert small_text(page, 18) == []
        assert small_targets(page, 60) == []


def test_a_citizen_registers_and_signs_out_without_script(reader: Reader, people: None) -> None:
    with reader.page(script=False) as (page, _):
        page.goto("/register/?next=/me/")
        page.get_by_label("Name").fill("Ada Lovelace")
        page.get_by_label("Phone number or e-mail address").fill("ada@example.com")
        page.get_by_label("Password").fill("a-long-winded-secret")
        page.get_by_role("button", name="Open the account").click()
        assert "Ada Lovelace" in page.locator("h1").inner_text()
        page.get_by_role("button", name="Sign out").click()
        page.goto("/me/")
        assert "/sign-in/?next=" in page.url
