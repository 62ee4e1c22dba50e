"""Compiling message catalogues (.po) to what gettext reads (.mo), without GNU gettext."""

import logging
import os
from pathlib import Path

logger = logging.getLogger(__name__)


def compile_translations(root: Path) -> list[Path]:
    """Compile every catalogue below `root` whose .mo is missing or older; returns those .mo.

    A folder that may not be written to is left as it is: a package installed for all users
    carries its .mo files.
    """
    return [
        compiled
        for catalogue in sorted(root.rglob("locale/*/LC_MESSAGES/*.po"))
        if _is_stale(compiled := catalogue.with_suffix(".mo"), catalogue)
        and _compile(catalogue, compiled)
    ]


def _is_stale(compiled: Path, catalogue: Path) -> bool:
    try:
        return compiled.stat().st_mtime_ns < catalogue.stat().st_mtime_ns
    except FileNotFoundError:
        return True


def _compile(catalogue: Path, compiled: Path) -> bool:
    # Only needed after a change: Babel takes longer to import than most commands to run.
    from babel.messages.mofile import write_mo  # noqa: PLC0415
    from babel.messages.pofile import read_po  # noqa: PLC0415

    # Several processes may start at once: each writes a file of its own, the rename is atomic.
    draft = compiled.with_name(f".{compiled.name}.{os.getpid()}")
    try:
        with catalogue.open("rb") as source, draft.open("wb") as target:
            # Without its language Babel forgets the plural forms.
            language = catalogue.parents[1].name
            write_mo(target, read_po(source, locale=language, abort_invalid=True))
        draft.rename(compiled)
    except PermissionError:
        logger.warning("Translations are not compiled: %s cannot be written", compiled)
        return False
    return True
