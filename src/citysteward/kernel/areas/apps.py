from django.apps import AppConfig


class AreasConfig(AppConfig):
    """Where things are: the tree of areas and their outlines."""

    name = "citysteward.kernel.areas"
    label = "areas"

    def ready(self) -> None:
        from citysteward.kernel.areas.registry import declare_all  # noqa: PLC0415 (needs models)

        declare_all()
