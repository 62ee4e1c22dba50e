"""Logging to standard error, without personal data."""

import logging
from types import TracebackType
from typing import Any

_Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
# PostgreSQL repeats the row that it refuses under these headings.
_REVEALING = ("DETAIL:", "CONTEXT:", "QUERY:")


class DiscreetFormatter(logging.Formatter):
    """Formats a traceback without the lines in which the database quotes its rows."""

    def formatException(self, ei: _Raised) -> str:  # noqa: N802 (the library's name)
        lines = super().formatException(ei).split("\n")
        return "\n".join(line for line in lines if not line.lstrip().startswith(_REVEALING))


def logging_settings(level: str) -> dict[str, Any]:
    """Django's LOGGING: everything of `level` or worse goes to standard error."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "discreet": {
                "()": DiscreetFormatter,
                "format": "%(asctime)s %(levelname)s %(name)s: %(message)s",
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "discreet"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # It names users and addresses; the journal has the lockouts.
            "axes": {"level": "CRITICAL"},
            "django": {"handlers": [], "level": level, "propagate": True},
            # Not every address that does not exist; an error says itself.
            "django.request": {"level": "ERROR"},
            "django.server": {"handlers": [], "level": level, "propagate": True},
        },
    }
