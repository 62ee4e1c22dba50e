"""Photos of cases: for the reporter and for staff in whose scope the case lies."""

import pytest
from django.test import Client

from citysteward.kernel.cases import queries as cases
from tests import city

pytestmark = pytest.mark.usefixtures("boston_db")


@pytest.mark.parametrize(
    ("visitor", "status"),
    [("", 403), ("henry", 403), ("ines", 403), ("grace", 200), ("paul", 200), ("sofia", 200)],
)
def test_who_may_see_a_photo(visitor: str, status: int) -> None:
    case = city.report("grace", photos=[city.photo()])
    client = Client()
    if visitor:
        client.force_login(city.account(visitor))
    assert client.get(f"/photos/{cases.attachments_of(case)[0].pk}/").status_code == status


def test_the_secret_link_brings_its_photos_along() -> None:
    case, other = city.report(photos=[city.photo()]), city.report()
    address = f"/photos/{cases.attachments_of(case)[0].pk}/"
    response = Client().get(f"{address}?key={case.follow_key}")
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "image/jpeg"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"].startswith("private")
    assert response.content.startswith(b"\xff\xd8")
    assert Client().get(f"{address}?key={other.follow_key}").status_code == 403


def test_an_unknown_photo_is_not_there() -> None:
    missing = "/photos/01900000-0000-7000-8000-000000000000/"
    assert Client().get(missing).status_code == 404
