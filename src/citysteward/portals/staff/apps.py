"""The staff portal."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from citysteward.kernel.parties.types import Role
from citysteward.ui.registry import NavEntry, navigation


class StaffPortalConfig(AppConfig):
    name = "citysteward.portals.staff"
    label = "staff"

    def ready(self) -> None:
        steering = {Role.SUPERVISOR, Role.DISPATCHER, Role.ADMINISTRATOR}
        navigation.add(NavEntry("staff", _("Work list"), "staff:work", 10))
        navigation.add(NavEntry("staff", _("Escalated"), "staff:escalated", 15, steering))
        navigation.add(NavEntry("staff", _("Map"), "staff:map", 20))
