"""The grid: what goes wrong in the streets, reported by citizens and by other systems."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from citysteward.ui.registry import NavEntry, navigation


class GridConfig(AppConfig):
    """Declares the way into the report, and the grid's verbs."""

    name = "citysteward.grid"
    label = "grid"

    def ready(self) -> None:
        """Add the report to the citizens' navigation, and the verbs to the event catalogue."""
        from citysteward.grid import registry  # noqa: PLC0415 (imports models)

        registry.declare_all()
        navigation.add(NavEntry("citizen", _("Report a problem"), "grid:report", 20))
