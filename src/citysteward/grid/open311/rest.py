"""The addresses of the API. Everybody may read; whoever holds a key may send reports."""

# Ninja fills a view's arguments by their names, and the specification's name is `format`:
# ruff: noqa: A002, ARG001

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, re_path, reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from ninja import File, Form, Header, NinjaAPI, Query, UploadedFile
from ninja.openapi.schema import OpenAPISchema

from citysteward.grid.models import ApiKey
from citysteward.grid.open311 import errors, intake, keys, openapi, schemas, serialisers, w3c
from citysteward.grid.open311.errors import Refusal
from citysteward.grid.open311.render import MEDIA_TYPES, Format, Payload, respond
from citysteward.kernel.areas import queries as areas
from citysteward.kernel.areas.types import CityView
from citysteward.kernel.cases import queries as cases
from citysteward.kernel.cases.queries import CaseRow
from citysteward.kernel.parties.access import public

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
READ = (400, 404)
SENT = (400, 403, 404)
View = Callable[..., HttpResponse]


class GeoReport(NinjaAPI):
    """Ninja's API, told where it lies and what its document lacks."""

    def get_root_path(self, path_params: dict[str, Any]) -> str:
        return reverse("grid:open311:api-root", kwargs=path_params)

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        document = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        openapi.correct(document)
        return document


api = GeoReport(
    title="Open311 GeoReport v2",
    version="2.0.0",
    description="Kinds of reports, reports and their state. Dates carry the city's offset.",
    urls_namespace="open311",
    docs_url=None,  # its page loads scripts from elsewhere; the document itself is what counts
    openapi_url="/openapi.json",
)
errors.register(api)


def _answers(model: Any, failures: tuple[int, ...] = READ) -> dict[int, Any]:
    return {200: model, **dict.fromkeys(failures, list[schemas.Error])}


def _city(arguments: schemas.Arguments) -> CityView:
    """The city of this installation; Refusal if another one is meant."""
    city = areas.site_city()
    asked = arguments.jurisdiction_id
    if asked is not None and asked.casefold() != city.code.casefold():
        raise Refusal(404, _("jurisdiction_id: This service is of %s alone.") % city.code)
    return city


def _language() -> str:
    return get_language() or settings.LANGUAGE_CODE


@api.get("/discovery.{format}", response=_answers(schemas.Discovery))
def discovery(request: HttpRequest, *, format: Format) -> HttpResponse:
    """What this city offers, where, and how to get a key."""
    city = areas.site_city()
    name = city.names.in_language(_language())
    loaded = [version.loaded_at for version in cases.latest_procedures(city.code)]
    changeset = w3c.written(max(loaded, default=timezone.now()), city.zone)
    endpoint: Payload = {
        "specification": SPECIFICATION,
        "url": request.build_absolute_uri(api.get_root_path({}).rstrip("/")),
        "changeset": changeset,
        "type": "test" if settings.CITYSTEWARD_DEMO else "production",
        "formats": [MEDIA_TYPES[Format.XML], MEDIA_TYPES[Format.JSON]],
    }
    payload: Payload = {
        "changeset": changeset,
        "contact": _("The city service of %s") % name,
        "key_service": _("Ask the city service of %s: it issues a key to each app.") % name,
        "endpoints": [endpoint],
    }
    return respond(format, "discovery", payload)


@api.get("/services.{format}", response=_answers(list[schemas.Service]))
def services(
    request: HttpRequest,
    *,
    format: Format,
    arguments: Query[schemas.Arguments],
) -> HttpResponse:
    """The kinds of reports that can be sent, in the reader's language."""
    city = _city(arguments)
    return respond(format, "services", serialisers.services(city.code, _language()))


@api.get("/services/{service_code}.{format}", response=_answers(schemas.ServiceDefinition))
def service_definition(
    request: HttpRequest,
    *,
    service_code: str,
    format: Format,
    arguments: Query[schemas.Arguments],
) -> HttpResponse:
    """The further questions of one kind of report."""
    city = _city(arguments)
    if service_code not in {one.code for one in cases.categories(city.code, public_only=True)}:
        raise Refusal(404, _("service_code: There is no such service."))
    payload = serialisers.service_definition(service_code)
    return respond(format, "service_definition", payload)


@api.get("/requests.{format}", response=_answers(list[schemas.ServiceRequest]))
def service_requests(
    request: HttpRequest,
    *,
    format: Format,
    filters: Query[schemas.RequestFilters],
) -> HttpResponse:
    """Service requests, the newest first: those asked for, or those of at most 90 days."""
    city = _city(filters)
    size, page = filters.page_size or schemas.LARGEST_PAGE, filters.page or 1
    first = (page - 1) * size
    # One more than asked for tells whether there is a next page, without counting all.
    found = list(_found(filters, city)[first : first + size + 1])
    response = respond(format, "service_requests", _told(found[:size], city))
    links = _links(request, page, more=len(found) > size)
    if links:
        response["Link"] = links
    return response


def _found(filters: schemas.RequestFilters, city: CityView) -> QuerySet[CaseRow]:
    every = cases.public_cases(city.code).prefetch_related("tasks").order_by("-opened_at", "-id")
    if filters.service_request_id:
        return every.filter(number__in=filters.service_request_id)
    asked = _window(filters, city)
    found = every.filter(opened_at__gte=asked.start, opened_at__lte=asked.end)
    if filters.service_code:
        found = found.filter(category__code__in=filters.service_code)
    if filters.status:
        found = found.filter(status__in=filters.status)
    return found


def _window(filters: schemas.RequestFilters, city: CityView) -> w3c.Window:
    try:
        start = w3c.read(filters.start_date, city.zone) if filters.start_date else None
        end = w3c.read(filters.end_date, city.zone, ends=True) if filters.end_date else None
        return w3c.window(start, end, now=timezone.now())
    except w3c.UnreadableTime as error:
        text = _("start_date, end_date: Give times such as 2015-01-31T00:00:00Z.")
        raise Refusal(400, text) from error
    except w3c.SpanTooLong as error:
        text = _("start_date, end_date: Let the end follow the start by at most 90 days.")
        raise Refusal(400, text) from error


def _told(found: list[CaseRow], city: CityView) -> list[Payload]:
    return [serialisers.service_request(case, city.zone, _language()) for case in found]


def _links(request: HttpRequest, page: int, *, more: bool) -> str:
    wanted = {"prev": page - 1, **({"next": page + 1} if more else {})}
    links = []
    for relation, number in wanted.items():
        if number >= 1:
            query = [*(pair for pair in _pairs(request) if pair[0] != "page"), ("page", number)]
            address = request.build_absolute_uri(f"{request.path}?{urlencode(query)}")
            links.append(f'<{address}>; rel="{relation}"')
    return ", ".join(links)


def _pairs(request: HttpRequest) -> list[tuple[str, str]]:
    return [(name, str(value)) for name, values in request.GET.lists() for value in values]


@api.get("/requests/{service_request_id}.{format}", response=_answers(list[schemas.ServiceRequest]))
def service_request(
    request: HttpRequest,
    *,
    service_request_id: str,
    format: Format,
    arguments: Query[schemas.Arguments],
) -> HttpResponse:
    """One service request, as a list of one."""
    city = _city(arguments)
    return respond(format, "service_requests", _told([_case(service_request_id, city)], city))


def _case(number: str, city: CityView) -> CaseRow:
    # PostgreSQL takes no NUL, not even to find that there is no such number.
    if "\x00" not in number:
        found = cases.public_cases(city.code).prefetch_related("tasks").filter(number=number)
        case = found.first()
        if case is not None:
            return case
    raise Refusal(404, _("service_request_id: There is no such service request."))


@api.get("/tokens/{token}.{format}", response=_answers(list[schemas.TokenAnswer]))
def token(
    request: HttpRequest,
    *,
    token: str,
    format: Format,
    arguments: Query[schemas.Arguments],
) -> HttpResponse:
    """The service request of a token. As every report gets its number at once, the number
    itself is the only token there is."""
    case = _case(token, _city(arguments))
    payload: Payload = [{"service_request_id": case.number, "token": case.number}]
    return respond(format, "service_requests", payload)


def _key_holder(request: HttpRequest) -> ApiKey:
    """The key that was sent, before anything else is looked at."""
    secret = request.POST.get("api_key", "").strip()
    if not secret:
        raise Refusal(403, _("api_key: It is missing. Reports are taken from holders of a key."))
    key = keys.find_key(secret)
    if key is None:
        raise Refusal(403, _("api_key: This key is not valid."))
    return key


@api.post(
    "/requests.{format}",
    response=_answers(list[schemas.CreatedRequest], SENT),
    auth=_key_holder,
)
def create_request(
    request: HttpRequest,
    *,
    format: Format,
    report: Form[schemas.NewRequest],
    api_key: Form[str],
    media: File[list[UploadedFile]] = [],  # noqa: B006 (declares to the framework that it may be left out)
    idempotency_key: Header[str] = "",
) -> HttpResponse:
    """Send a report. With the header Idempotency-Key, sending again opens no second case."""
    del api_key  # read by _key_holder; here for the document
    city = _city(report)
    sending = intake.Sending(city, report, media, idempotency_key.strip())
    case = intake.receive(sending, key=request.auth)  # type: ignore[attr-defined]
    payload: Payload = [
        {
            "service_request_id": case.number,
            "service_notice": _notice(case, city),
            "account_id": None,
        }
    ]
    return respond(format, "service_requests", payload)


def _notice(case: CaseRow, city: CityView) -> str | None:
    if case.due_at is None:
        return None
    day = case.due_at.astimezone(city.zone).strftime("%Y-%m-%d")
    return _("The city means to have this done by %s.") % day


# -- what every answer has in common


def finished(view: View) -> View:
    """The view for every kind of request: errors outside the API's own are told in GeoReport's
    format too, HEAD works like GET, and pages of any origin may read what is public anyway."""

    @public  # reading is; what must not be sent without a key asks for one
    @csrf_exempt  # a key in the form is what counts; the browser's cookies count for nothing
    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        head = request.method == "HEAD"
        if head:
            request.method = "GET"
        try:
            response = view(request, *args, **kwargs)
        except Http404:
            response = errors.not_found(request)
        if response.status_code == 405:
            response = _with_allow(errors.not_allowed(request), response)
        response["Access-Control-Allow-Origin"] = "*"
        response["Cross-Origin-Resource-Policy"] = "cross-origin"
        if head:
            request.method = "HEAD"
            response.content = b""
        return response

    return answered


def _with_allow(response: HttpResponse, original: HttpResponse) -> HttpResponse:
    response["Allow"] = original["Allow"]
    return response


def _nothing(request: HttpRequest, rest: str) -> HttpResponse:
    del rest
    return errors.not_found(request)


def urls() -> tuple[list[URLResolver | URLPattern], str, str]:
    """The API's addresses, for `path("open311/v2/", …)`."""
    patterns, app_name, namespace = api.urls
    for pattern in patterns:
        if isinstance(pattern, URLPattern) and pattern.callback is not None:
            pattern.callback = finished(pattern.callback)
    everything_else = re_path(r"^(?P<rest>.*)$", finished(_nothing), name="nothing")
    return [*patterns, everything_else], app_name, namespace
