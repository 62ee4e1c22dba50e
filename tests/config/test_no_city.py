"""A site whose pack is not loaded yet."""

import pytest
from django.test import Client


@pytest.mark.django_db
def test_a_site_without_a_city_says_so(client: Client) -> None:
    response = client.get("/")
    assert response.status_code == 503
    assert "No city has been set up on this site." in response.content.decode()
