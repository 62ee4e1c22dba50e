"""The case engine: one loop for every request of the city."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "citysteward.kernel.cases"
    label = "cases"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from citysteward.kernel.cases import registry  # noqa: PLC0415 - declares verbs and sections

        registry.declare_all()
