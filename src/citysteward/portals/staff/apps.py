"""The staff portal."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from citysteward.ui.registry import NavEntry, navigation


class StaffPortalConfig(AppConfig):
    name = "citysteward.portals.staff"
    label = "staff"

    def ready(self) -> None:
        navigation.add(NavEntry("staff", _("Work list"), "staff:work", 10))
        navigation.add(NavEntry("staff", _("Map"), "staff:map", 20))
