from django.apps import AppConfig


class CalendarConfig(AppConfig):
    """Working days and hours."""

    name = "citysteward.kernel.calendar"
    label = "calendar"

    def ready(self) -> None:
        from citysteward.kernel.calendar.registry import declare_all  # noqa: PLC0415 (needs models)

        declare_all()
