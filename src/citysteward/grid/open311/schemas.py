"""What GeoReport's requests and answers hold, for checking what comes in and for the OpenAPI
document. Field names and meanings are the specification's.

An empty argument counts as one that was not given, as the specification asks.
"""

import re
from typing import Any, Literal

from ninja import Schema
from pydantic import Field, field_validator

LARGEST_PAGE = 1_000
"""The specification's “first 1000 requests”; also what a page holds unless asked otherwise."""
LAST_PAGE = 100_000
LONGEST_LIST = 1_000
LONGEST_DESCRIPTION = 4_000
LONGEST_ADDRESS = 300
LONGEST_NAME = 60
LONGEST_PHONE = 30
LONGEST_EMAIL = 200
LONGEST_ID = 200
LONGEST_URL = 1_000

# Invisible signs that no database or XML document takes; line feeds and tabs stay.
_INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def tidy(value: Any) -> Any:
    """Without invisible signs and surrounding space; None for nothing."""
    if not isinstance(value, str):
        return value
    return _INVISIBLE.sub("", value.replace("\r\n", "\n").replace("\r", "\n")).strip() or None


def listed(values: list[Any]) -> list[str]:
    """Every item of an argument that may be repeated and may hold commas."""
    parts = [part for text in values for part in str(text).split(",")]
    return [item for item in map(tidy, parts) if item]


class Arguments(Schema):
    """What a request carries. Every request may say which city it means."""

    jurisdiction_id: str | None = Field(
        None,
        max_length=LONGEST_ID,
        description="The city's code. Not needed: this service is of one city.",
    )

    @field_validator("*", mode="before")
    @classmethod
    def _tidied(cls, value: Any) -> Any:
        return listed(value) if isinstance(value, list) else tidy(value)


_W3C = "W3C time such as 2015-01-31T00:00:00Z; without an offset it is the city's own time."
_SEVERAL = "Several: separated by commas, or the argument repeated."


class RequestFilters(Arguments):
    """Which service requests are asked for."""

    service_request_id: list[str] = Field(
        default_factory=list,
        max_length=LONGEST_LIST,
        description=f"Numbers of service requests; overrides all other filters. {_SEVERAL}",
    )
    service_code: list[str] = Field(
        default_factory=list,
        max_length=LONGEST_LIST,
        description=f"Codes of services. {_SEVERAL}",
    )
    start_date: str | None = Field(
        None, max_length=40, description=f"Reported then or later. {_W3C}"
    )
    end_date: str | None = Field(
        None,
        max_length=40,
        description=f"Reported then or earlier, at most 90 days after the start. {_W3C}",
    )
    status: list[Literal["open", "closed"]] = Field(
        default_factory=list, description=f"The state that they are in. {_SEVERAL}"
    )
    page: int | None = Field(
        None, ge=1, le=LAST_PAGE, description="Which page, from 1 (extension)."
    )
    page_size: int | None = Field(
        None, ge=1, le=LARGEST_PAGE, description="How many on a page (extension)."
    )


_PRIVATE = "Never shown to the public."


class NewRequest(Arguments):
    """A report. Its description, address and place become public; who sent it does not."""

    service_code: str | None = Field(None, description="From the list of services; required.")
    lat: float | None = Field(
        None, ge=-90, le=90, allow_inf_nan=False, description="Latitude, WGS 84, with long."
    )
    long: float | None = Field(
        None, ge=-180, le=180, allow_inf_nan=False, description="Longitude, WGS 84, with lat."
    )
    address_string: str | None = Field(
        None, max_length=LONGEST_ADDRESS, description="Where it is, in words."
    )
    address_id: str | None = Field(
        None,
        max_length=LONGEST_ID,
        description="Accepted beside another place; not used, as the city has no register.",
    )
    description: str | None = Field(
        None, max_length=LONGEST_DESCRIPTION, description="What is wrong; becomes public."
    )
    first_name: str | None = Field(None, max_length=LONGEST_NAME, description=_PRIVATE)
    last_name: str | None = Field(None, max_length=LONGEST_NAME, description=_PRIVATE)
    phone: str | None = Field(None, max_length=LONGEST_PHONE, description=_PRIVATE)
    email: str | None = Field(None, max_length=LONGEST_EMAIL, description=_PRIVATE)
    account_id: str | None = Field(
        None, max_length=LONGEST_ID, description="Accepted and not kept."
    )
    device_id: str | None = Field(None, max_length=LONGEST_ID, description="Accepted and not kept.")
    media_url: str | None = Field(
        None,
        max_length=LONGEST_URL,
        description="Address of a photo; noted in the description, never fetched.",
    )


class Service(Schema):
    """A kind of report."""

    service_code: str
    service_name: str
    description: str
    metadata: bool
    type: Literal["realtime"]
    keywords: str
    group: str


class Value(Schema):
    """One choice of an attribute."""

    key: str
    name: str


class Attribute(Schema):
    """A further question that a service asks."""

    variable: bool
    code: str
    datatype: Literal["string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"]
    required: bool
    datatype_description: str | None
    order: int
    description: str
    values: list[Value]


class ServiceDefinition(Schema):
    """The further questions of a service."""

    service_code: str
    attributes: list[Attribute]


class ServiceRequest(Schema):
    """A case as the public sees it."""

    service_request_id: str
    status: Literal["open", "closed"]
    status_notes: str | None
    service_name: str
    service_code: str
    description: str | None
    agency_responsible: str | None
    service_notice: str | None
    requested_datetime: str
    updated_datetime: str
    expected_datetime: str | None
    address: str | None
    address_id: str | None
    zipcode: str | None
    lat: float | None
    long: float | None
    media_url: str | None


class CreatedRequest(Schema):
    """What the sender of a report gets."""

    service_request_id: str
    service_notice: str | None
    account_id: str | None


class TokenAnswer(Schema):
    """The service request of a token."""

    service_request_id: str
    token: str


class Endpoint(Schema):
    """One interface that the city offers."""

    specification: str
    url: str
    changeset: str
    type: Literal["production", "test"]
    formats: list[str]


class Discovery(Schema):
    """What the city offers."""

    changeset: str
    contact: str
    key_service: str
    endpoints: list[Endpoint]


class Error(Schema):
    """One thing that is wrong with a request."""

    code: int
    description: str
