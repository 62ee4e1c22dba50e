from django.apps import AppConfig


class PartiesConfig(AppConfig):
    """Persons, organisations, accounts and who may do what."""

    name = "citysteward.kernel.parties"
    label = "parties"

    def ready(self) -> None:
        from citysteward.kernel.parties import registry, views  # noqa: PLC0415 (need models)
        from citysteward.ui.registry import identity  # noqa: PLC0415 (templates need apps)

        registry.declare_all()
        identity.provide(views.visitor_of, sign_in="parties:sign-in", sign_out="parties:sign-out")
