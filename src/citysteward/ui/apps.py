"""The interface as a Django app: it owns templates and static files, and no tables."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UiConfig(AppConfig):
    """Interface."""

    name = "citysteward.ui"
    label = "ui"
    verbose_name = _("Interface")
