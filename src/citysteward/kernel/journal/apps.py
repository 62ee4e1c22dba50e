from django.apps import AppConfig


class JournalConfig(AppConfig):
    """The append-only record of everything that was done."""

    name = "citysteward.kernel.journal"
    label = "journal"
