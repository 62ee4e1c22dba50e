"""What the grid declares at start-up: the verbs of its journal entries."""

from citysteward.grid.open311 import events
from citysteward.kernel.journal import registry as journal


def declare_all() -> None:
    """Called once by the app's `ready`."""
    for verb in events.VERBS:
        journal.declare(verb)
