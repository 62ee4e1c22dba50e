from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from citysteward.ui.registry import NavEntry, navigation


class GovernancePortalConfig(AppConfig):
    """The portal of those who steer, pay and audit."""

    name = "citysteward.portals.governance"
    label = "governance"

    def ready(self) -> None:
        """Add the portal's own entries; indicators and contracts add theirs."""
        from citysteward.performance.registry import VIEWERS  # noqa: PLC0415 (needs models)
        from citysteward.portals.governance.views import JOURNAL_READERS  # noqa: PLC0415

        seen_by = set(VIEWERS)
        navigation.add(NavEntry("governance", _("Overview"), "governance:home", 10, seen_by))
        navigation.add(NavEntry("governance", _("Findings"), "governance:findings", 40, seen_by))
        navigation.add(
            NavEntry("governance", _("Journal"), "governance:journal", 50, set(JOURNAL_READERS))
        )
