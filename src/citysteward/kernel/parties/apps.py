from django.apps import AppConfig


class PartiesConfig(AppConfig):
    """Persons, organisations, accounts and who may do what."""

    name = "citysteward.kernel.parties"
    label = "parties"
