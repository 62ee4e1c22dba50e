"""A real browser on the real pages, for every page test.

    def test_page(reader: Reader) -> None:
        with reader.page(language=CHINESE, width=320) as (page, guard):
            page.goto("/ui/")
            assert faults(page) == []

The guard fails the test on script errors, CSP violations and requests that leave the site.
"""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from tests.browser.pages import Reader

# Playwright's synchronous API keeps an event loop in this thread, which Django takes for
# asynchronous code; the database is used from one thread at a time all the same.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's chromium; playwright's own build is never downloaded."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path="/usr/bin/chromium")
        yield running
        running.close()


@pytest.fixture
def reader(browser: Browser, settings: Settings, live_server: LiveServer) -> Reader:
    """Readers of the site as it runs in demo mode."""
    settings.CITYSTEWARD_DEMO = True
    return Reader(browser, live_server.url)
