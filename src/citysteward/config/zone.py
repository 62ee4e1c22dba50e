"""Every page tells times on the city's own clock."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from citysteward.kernel.areas import queries as areas
from citysteward.kernel.areas.types import NoCity
from citysteward.ui.registry import portal_of

UNAVAILABLE = 503


class CityZoneMiddleware:
    """Shows times in the zone of the city; until a pack is loaded there is no city, so UTC."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request within the city's zone."""
        if portal_of(request.path).code == "developer":
            # The gallery of components belongs to no city, nor to a database.
            return self.get_response(request)
        try:
            zone = areas.site_city().zone
        except NoCity:
            return self.get_response(request)
        with timezone.override(zone):
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A page that needs a city says so, instead of failing."""
        if isinstance(error, NoCity):
            return render(request, "citizen/no_city.html", status=UNAVAILABLE)
        return None
