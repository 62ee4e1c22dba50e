"""Boston, loaded, with a key for sending reports."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from citysteward.grid.open311.keys import Issued, issue_key
from citysteward.kernel.journal.types import Actor
from tests import city

ROOT = "/open311/v2"
TESTER = Actor("system:test", "test")


@dataclass(frozen=True)
class Api:
    """The API as a client sees it, with the key that it holds."""

    client: Client
    issued: Issued

    def get(self, path: str, /, language: str = "en", **query: Any) -> Any:
        return self.client.get(f"{ROOT}/{path}", query, headers={"Accept-Language": language})

    def post(
        self, path: str = "requests.json", /, headers: dict[str, str] | None = None, **form: Any
    ) -> Any:
        sent = {"api_key": self.issued.secret, **form}
        return self.client.post(f"{ROOT}/{path}", sent, headers=headers or {})

    def report(self, **form: Any) -> str:
        """Send a report that is right unless `form` says otherwise; returns its number."""
        longitude, latitude = city.CITY_HALL
        right = {"service_code": city.LIGHT, "lat": latitude, "long": longitude}
        answer = self.post(**{**right, **form})
        assert answer.status_code == 200, answer.content.decode()
        number: str = answer.json()[0]["service_request_id"]
        return number

    def one(self, number: str, language: str = "en") -> dict[str, Any]:
        (told,) = self.get(f"requests/{number}.json", language).json()
        assert isinstance(told, dict)
        return told


def issue(**options: Any) -> Issued:
    """A new key with a label of its own."""
    return issue_key(f"app {uuid4().hex[:8]}", actor=TESTER, **options)


@pytest.fixture
def api(boston_db: None, client: Client) -> Api:
    """The API of Boston, with the people of the demonstration."""
    return Api(client, issue())
