"""The OpenAPI document: complete, and kept to by the API for whatever is thrown at it."""

import json
from collections import Counter
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.test import Client
from hypothesis import HealthCheck, given, settings
from pytest_django import Settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from citysteward.grid.open311 import keys
from tests import city
from tests.databases import FreshDatabase
from tests.grid.open311.conftest import TESTER, Api

DOCUMENT = "/open311/v2/openapi.json"
CHECKS: list[Any] = [
    not_a_server_error,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]
BOUNDED = settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


def test_the_document_names_every_address_and_both_formats(client: Client, api: Api) -> None:
    document = json.loads(client.get(DOCUMENT).content)
    assert {
        (path.removeprefix("/open311/v2/"), method)
        for path, operations in document["paths"].items()
        for method in operations
    } == {
        ("discovery.{format}", "get"),
        ("services.{format}", "get"),
        ("services/{service_code}.{format}", "get"),
        ("requests.{format}", "get"),
        ("requests.{format}", "post"),
        ("requests/{service_request_id}.{format}", "get"),
        ("tokens/{token}.{format}", "get"),
    }
    sending = document["paths"]["/open311/v2/requests.{format}"]["post"]
    assert set(sending["responses"]) == {"200", "400", "403", "404"}
    assert set(sending["responses"]["200"]["content"]) == {"application/json", "text/xml"}
    forms = sending["requestBody"]["content"]
    assert set(forms) == {"application/x-www-form-urlencoded", "multipart/form-data"}
    plain, with_photos = (forms[kind]["schema"]["properties"] for kind in sorted(forms))
    assert set(with_photos) - set(plain) == {"media"}
    assert {"api_key", "service_code", "lat", "long", "description", "media_url"} < set(plain)
    assert plain["lat"]["type"] == "number"


@pytest.mark.slow
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_the_api_keeps_to_its_document(
    mode: GenerationMode, boston: FreshDatabase, settings: Settings
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    issued = keys.issue_key("fuzzer", daily_quota=20, actor=TESTER)
    schema = schemathesis.openapi.from_wsgi(DOCUMENT, get_wsgi_application())
    answers: Counter[tuple[str, int]] = Counter()

    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()

        @BOUNDED
        @given(case=operation.as_strategy(generation_mode=mode))
        def conforms(case: Case[Any]) -> None:
            if answers.total() % 2:
                _lead_inside(case, issued.secret)
            response = case.call()
            answers[case.method, response.status_code] += 1
            case.validate_response(response, checks=CHECKS)

        conforms()
    met = {
        method: {status for known, status in answers if known == method} for method, _ in answers
    }
    assert met["GET"] == {200, 400, 404}
    assert met["POST"] >= {400, 403}
    assert answers["POST", 200] > 0 or mode is GenerationMode.NEGATIVE


def _lead_inside(case: Case[Any], secret: str) -> None:
    """What a fuzzer does not guess: the city, a key, a service, a place."""
    longitude, latitude = city.CITY_HALL
    known: dict[str, Any] = {
        "api_key": secret,
        "service_code": city.LIGHT,
        "lat": latitude,
        "long": longitude,
    }
    case.query.pop("jurisdiction_id", None)
    if isinstance(case.body, dict):
        case.body.pop("jurisdiction_id", None)
        case.body |= known
