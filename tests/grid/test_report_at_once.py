"""The send button pressed twice, answered by two server processes at the same moment."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client
from pytest_django import Settings

from citysteward.kernel.cases import queries as cases
from tests import city


@pytest.mark.django_db(transaction=True)
def test_two_answers_at_once_make_one_case(client: Client, settings: Settings) -> None:
    settings.CITYSTEWARD_DEMO = True
    city.load_boston()
    client.post("/report/category/", {"category": city.LIGHT})
    client.post("/report/place/", {"address": "Park Street", "area": "boston-downtown"})
    photo = SimpleUploadedFile("lamp.jpg", city.photo())
    client.post("/report/problem/", {"description": "Dark", "photos": [photo]})
    client.post("/report/contact/", {})
    page = client.get("/report/check/").content.decode()
    key = re.search(r'name="key" value="(\w+)"', page)
    assert key
    together = Barrier(4)

    def send(_turn: int) -> str:
        twin = Client()
        twin.cookies["sessionid"] = client.cookies["sessionid"].value
        together.wait()
        try:
            return twin.post("/report/check/", {"key": key[1]}).headers["Location"]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        led_to = set(pool.map(send, range(4)))
    assert led_to == {"/report/sent/"}
    case = cases.public_cases("boston").get()
    assert len(cases.attachments_of(case)) == 1
    assert case.number in client.get("/report/sent/").content.decode()
