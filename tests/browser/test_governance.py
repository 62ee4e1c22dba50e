"""The governance pages in a real browser: from the money down to the cases, in both languages."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from citysteward.contracts import actions, queries
from citysteward.kernel.journal.types import Actor
from citysteward.lib.dates import Period
from tests import city
from tests.browser.pages import CHINESE, LANGUAGES, Reader, faults, small_targets
from tests.databases import FreshDatabase

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Q1, Q2 = Period.parse("2015Q1"), Period.parse("2015Q2")
STATEMENT = "/governance/contracts/boston-311/statements/2015Q2/"
PAGES = (
    "/governance/",
    "/governance/indicators/",
    "/governance/indicators/?indicator=volume&by=week&period=2015-H1",
    "/governance/cases/?city=boston&period=2015Q2&metric=open_overdue",
    "/governance/contracts/",
    "/governance/contracts/boston-311/",
    STATEMENT,
    f"{STATEMENT}?check=1",
    "/governance/contracts/boston-311/statements/2015Q1/",
    "/governance/contracts/boston-311/statements/2014Q1/",
)


@pytest.fixture
def site(reader: Reader, boston_full: FreshDatabase) -> Reader:
    """The site with the cases of 2015 and the second quarter frozen."""
    actions.appraise("boston-311", Q2, actor=Actor("system:test", "Frank Osei"))
    return reader


def session_of(username: str) -> dict[str, str]:
    """The cookies of somebody who is signed in."""
    client = Client()
    client.force_login(city.account(username))
    return {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_sound_in_both_widths(site: Reader, language: str) -> None:
    for width in (1280, 375):
        with site.page(language=language, width=width, cookies=session_of("frank")) as (page, _):
            for address in PAGES:
                page.goto(address)
                assert faults(page) == [], (address, width)
                assert small_targets(page, 24) == [], (address, width)


def test_from_the_money_down_to_one_case(site: Reader) -> None:
    with site.page(cookies=session_of("frank")) as (page, _):
        page.goto("/governance/")
        page.get_by_role("link", name="2015Q2").click()
        expect(page.locator("h1")).to_have_text("Payment statement, second quarter 2015")
        expect(page.locator("main")).to_contain_text("11,425,662.28")
        expect(page.locator(".stamp")).to_contain_text("Sealed")
        page.get_by_role("link", name="17,502").first.click()
        expect(page.locator(".sub")).to_contain_text("17,502 cases stand behind this figure")
        row = page.locator("tbody tr").first
        number = row.locator("a").first.inner_text()
        row.locator("a").first.click()
        expect(page).to_have_url(re.compile(f"/staff/cases/{number}/"))


def test_a_department_opens_its_own_cases(site: Reader) -> None:
    with site.page(cookies=session_of("alma")) as (page, _):
        page.goto(STATEMENT)
        row = page.locator("tr", has_text="Inspectional Services")
        row.get_by_role("link", name="5,799").click()
        expect(page.locator(".sub")).to_contain_text("5,799 cases")
        expect(page.locator("tbody tr")).to_have_count(50)


def test_computing_again_shows_the_same_bytes(site: Reader) -> None:
    with site.page(cookies=session_of("alma")) as (page, _):
        page.goto(STATEMENT)
        page.get_by_role("button", name="Compute again").click()
        expect(page.locator(".banner.good")).to_contain_text("Same bytes")


def test_finance_freezes_a_quarter_and_nobody_else_can(site: Reader) -> None:
    address = STATEMENT.replace("2015Q2", "2015Q1")
    with site.page(cookies=session_of("alma")) as (page, _):
        page.goto(address)
        expect(page.locator(".stamp")).to_contain_text("not frozen")
        expect(page.get_by_role("button", name="Freeze this appraisal")).to_have_count(0)
    with site.page(cookies=session_of("frank")) as (page, _):
        page.goto(address)
        page.get_by_role("button", name="Freeze this appraisal").click()
        expect(page.locator(".stamp")).to_contain_text("Sealed")
        expect(page.locator("main")).to_contain_text("9,840,000.00")
        expect(page.locator("main")).to_contain_text("Rectification ordered")
    frozen = queries.appraisal("boston-311", Q1)
    assert frozen is not None
    assert frozen.frozen_by == "Frank Osei"


def test_filters_stay_in_the_address(site: Reader) -> None:
    with site.page(cookies=session_of("sofia")) as (page, _):
        page.goto("/governance/indicators/")
        page.locator("#id_by").select_option("month")
        page.locator("#id_period").fill("2015-H1")
        page.locator(".filters button").click()
        expect(page).to_have_url(re.compile("by=month"))
        expect(page.locator(".content > .table tbody tr")).to_have_count(6)
        assert "2015-H1" in page.url
        page.locator("#id_period").fill("someday")
        page.locator(".filters button").click()
        expect(page.locator(".error-summary")).to_be_visible()


@pytest.mark.parametrize(("language", "suffix"), [("en", "en"), ("zh", "zh-hans")])
def test_the_pdf_comes_in_both_languages(
    site: Reader, language: str, suffix: str, tmp_path: Path
) -> None:
    client = Client()
    client.force_login(city.account("frank"))
    response = client.get(f"{STATEMENT}pdf/?language={suffix}")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF")


def test_the_chinese_statement_speaks_chinese(site: Reader) -> None:
    with site.page(language=CHINESE, cookies=session_of("frank")) as (page, _):
        page.goto(STATEMENT)
        expect(page.locator("h1")).to_have_text("付费凭证（2015年第二季度）")
        expect(page.locator("main")).to_contain_text("运营单位")


def test_who_may_see_what(site: Reader) -> None:
    def status(username: str, address: str) -> int:
        client = Client()
        client.force_login(city.account(username))
        return client.get(address).status_code

    for address in PAGES:
        assert status("grace", address) == 403, address
        assert status("paul", address) == 403, address
        for username in ("frank", "sofia", "alma", "adam", "olga"):
            assert status(username, address) == 200, (username, address)
    assert Client().get(STATEMENT).status_code == 302
