"""The governance portal."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from citysteward.portals.governance.roles import WATCHERS
from citysteward.ui.registry import NavEntry, navigation


class GovernancePortalConfig(AppConfig):
    """Declares what the portal itself shows; figures and contracts declare their own pages."""

    name = "citysteward.portals.governance"
    label = "governance"

    def ready(self) -> None:
        """Add the portal's entries."""
        navigation.add(
            NavEntry("governance", _("Overview"), "governance:home", 10, frozenset(WATCHERS))
        )
        navigation.add(
            NavEntry("governance", _("Findings"), "governance:findings", 60, frozenset(WATCHERS))
        )
        navigation.add(
            NavEntry("governance", _("Journal"), "governance:journal", 70, frozenset(WATCHERS))
        )
