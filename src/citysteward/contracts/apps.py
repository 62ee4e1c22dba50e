from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from citysteward.ui.registry import NavEntry, navigation


class ContractsConfig(AppConfig):
    """Contracts, appraisals, statements."""

    name = "citysteward.contracts"
    label = "contracts"
    verbose_name = _("Contracts")

    def ready(self) -> None:
        from citysteward.contracts import packing, queries, registry  # noqa: F401, PLC0415
        from citysteward.lib.packs import register  # noqa: PLC0415
        from citysteward.performance.registry import VIEWERS, observations  # noqa: PLC0415

        register(packing.SECTION)
        observations.add(queries.observed_at)
        navigation.add(NavEntry("governance", _("Contracts"), "contracts:list", 30, set(VIEWERS)))
