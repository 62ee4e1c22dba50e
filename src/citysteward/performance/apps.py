from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from citysteward.ui.registry import NavEntry, navigation


class PerformanceConfig(AppConfig):
    """Indicators, measured and never typed."""

    name = "citysteward.performance"
    label = "performance"
    verbose_name = _("Indicators")

    def ready(self) -> None:
        from citysteward.lib.packs import register  # noqa: PLC0415
        from citysteward.performance import packing, registry  # noqa: PLC0415

        register(packing.SECTION)
        navigation.add(
            NavEntry(
                "governance", _("Indicators"), "performance:indicators", 20, set(registry.VIEWERS)
            )
        )
