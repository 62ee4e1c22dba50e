"""How the city is doing: figures of the sealed journal, or none."""

from collections.abc import Iterator
from decimal import Decimal
from html import unescape

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from citysteward.kernel.journal import actions as journal
from citysteward.portals.citizen import figures
from citysteward.ui.types import Percent
from tests import city


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.mark.django_db(transaction=True)
def test_home_counts_what_the_journal_has_sealed_and_opens_without(
    client: Client, settings: Settings
) -> None:
    settings.CITYSTEWARD_DEMO = True
    city.load_boston()
    city.report()
    assert "How the city is doing" not in unescape(client.get("/").content.decode())
    city.close(city.report())
    journal.seal_segments()
    journal.export_lake()
    cache.clear()
    cases_, on_time = figures.of_city("boston")
    assert cases_.value == 2
    assert on_time.value == Percent(Decimal(1))
    assert "How the city is doing" in unescape(client.get("/").content.decode())
