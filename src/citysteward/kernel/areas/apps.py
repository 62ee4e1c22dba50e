"""Places: cities and their areas."""

from django.apps import AppConfig


class AreasConfig(AppConfig):
    name = "citysteward.kernel.areas"
    label = "areas"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from citysteward.kernel.areas import registry  # noqa: PLC0415 - models must be loaded first

        registry.declare_all()
