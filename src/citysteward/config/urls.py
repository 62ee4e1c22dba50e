"""The site's addresses: each context's `urls` says its own, from the root."""

from importlib import import_module
from importlib.util import find_spec

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("i18n/", include("django.conf.urls.i18n")),
    *(
        path("", include(import_module(f"citysteward.{context}.urls")))
        for context in settings.CONTEXTS
        if find_spec(f"citysteward.{context}.urls") is not None
    ),
]
