"""Writes docs/events.md: every verb that the journal can hold, as the contexts declare them.

    python -m tools.write_events

Needs no database. tests/docs/test_events.py compares the file with what this would write.
"""

import os
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/events.md"


def main() -> None:
    """Write the page."""
    # The settings make keys where there are none: here they are nobody's, and go again.
    with tempfile.TemporaryDirectory() as home:
        os.environ["CITYSTEWARD_HOME"] = home
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "citysteward.config.settings")
        import django  # noqa: PLC0415 (the settings must know the home before)

        django.setup()
        from citysteward.kernel.journal import catalogue  # noqa: PLC0415 (needs the verbs)

        PAGE.write_text(catalogue.render(), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)} written")


if __name__ == "__main__":
    main()
