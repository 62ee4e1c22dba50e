from pathlib import Path

from django.apps import AppConfig

import citysteward
from citysteward.config.translations import compile_translations


class ConfigConfig(AppConfig):
    """Wires the house together at start-up."""

    name = "citysteward.config"
    label = "config"

    def ready(self) -> None:
        from citysteward.config import checks  # noqa: F401, PLC0415 (registers the checks)

        compile_translations(Path(citysteward.__file__).parent)
