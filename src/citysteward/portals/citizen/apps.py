"""The citizens' portal."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from citysteward.ui.registry import NavEntry, navigation


class CitizenPortalConfig(AppConfig):
    """Declares the portal's navigation."""

    name = "citysteward.portals.citizen"
    label = "citizen"

    def ready(self) -> None:
        """Add the portal's entries; the report adds its own."""
        navigation.add(NavEntry("citizen", _("Home"), "citizen:home", 10))
        navigation.add(NavEntry("citizen", _("My cases"), "citizen:mine", 30, {"citizen"}))
        navigation.add(NavEntry("citizen", _("Find my case"), "citizen:find", 40))
        navigation.add(NavEntry("citizen", _("Map"), "citizen:map", 50))
