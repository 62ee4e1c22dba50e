from django.apps import AppConfig


class JournalConfig(AppConfig):
    """The append-only record of everything that was done."""

    name = "citysteward.kernel.journal"
    label = "journal"

    def ready(self) -> None:
        from citysteward.kernel.journal import dataset  # noqa: F401, PLC0415 (declares itself)
