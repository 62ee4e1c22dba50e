"""What a new user does in the first five minutes, in one sitting, in the browser.

Boston on the map; from the money down to one real case and its journal; a report as a citizen,
its handling and check as staff; and the new case counted.
"""

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.pages import ENGLISH, Reader
from tests.city import seal_and_export


def sign_in(page: Page, name: str) -> None:
    """One click on a person of the demonstration."""
    out = page.get_by_role("button", name="Sign out")
    if out.count():
        out.click()
    page.goto("/sign-in/")
    page.get_by_role("button", name=name).click()
    expect(page.locator(".visitor")).to_contain_text(name)


def a_photo(folder: Path) -> Path:
    """A picture to upload."""
    path = folder / "result.jpg"
    out = io.BytesIO()
    Image.new("RGB", (320, 240), "goldenrod").save(out, "JPEG")
    path.write_bytes(out.getvalue())
    return path


def test_the_first_five_minutes(boston_full: None, reader: Reader, tmp_path: Path) -> None:
    with reader.page(language=ENGLISH, width=1280) as (page, _guard):
        see_boston_on_the_map(page)
        open_the_money_down_to_one_case(page)
        number = report_as_a_citizen(page)
        handle_as_staff(page, number, tmp_path)
        see_it_counted(page)


def see_boston_on_the_map(page: Page) -> None:
    page.goto("/map/")
    expect(page.locator(".leaflet-interactive").first).to_be_visible()
    expect(page.locator(".map-cluster").first).to_be_visible()


def open_the_money_down_to_one_case(page: Page) -> None:
    sign_in(page, "Frank Osei")
    page.goto("/governance/contracts/")
    page.get_by_role("link", name="City services operation, Boston").first.click()
    page.get_by_role("link", name="second quarter 2015").first.click()
    expect(page.locator("main")).to_contain_text("11,425,662.28")
    page.get_by_role("link", name="17,502").first.click()
    expect(page.locator(".sub")).to_contain_text("17,502")
    page.locator("main table a[href*='/staff/cases/']").first.click()
    expect(page.get_by_role("heading", name="What happened")).to_be_visible()
    page.get_by_role("link", name="Case opened").first.click()
    expect(page.locator("pre.payload")).to_contain_text('"fact"')
    expect(page.get_by_role("link", name="Download the proof")).to_be_visible()


def report_as_a_citizen(page: Page) -> str:
    sign_in(page, "Grace Okafor")
    page.goto("/report/")
    page.get_by_label("Street light outage").check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_text("Type coordinates", exact=True).click()
    page.locator("#id_latitude").fill("42.3503")
    page.locator("#id_longitude").fill("-71.0712")
    page.get_by_role("button", name="Continue").click()
    page.locator("#id_description").fill("The lamp before number 12 is dark.")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Send").click()
    number = page.locator("main").get_by_text("BOS-").first
    expect(number).to_be_visible()
    return next(word for word in number.inner_text().split() if word.startswith("BOS-"))


def handle_as_staff(page: Page, number: str, folder: Path) -> None:
    sign_in(page, "Paul Reyes")
    page.goto("/staff/")
    expect(page.locator("main")).to_contain_text(number)
    page.goto(f"/staff/cases/{number}/")
    page.get_by_label("Handled").check()
    page.locator("#id_note").fill("New lamp fitted.")
    page.locator("#id_photo").set_input_files(a_photo(folder))
    page.get_by_role("button", name="Finish this task").click()
    expect(page.locator("#messages")).to_contain_text("The case has moved on")
    sign_in(page, "Cheng Wei")
    page.goto(f"/staff/cases/{number}/")
    page.get_by_label("Solved, close").check()
    page.get_by_role("button", name="Finish this task").click()
    expect(page.locator("main")).to_contain_text("Closed on time")


def see_it_counted(page: Page) -> None:
    seal_and_export()
    sign_in(page, "Frank Osei")
    page.goto("/governance/")
    month = page.locator("section", has=page.get_by_role("heading", name="This month"))
    expect(month.locator("dd").first).to_have_text("1")
