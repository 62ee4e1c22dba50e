"""The command line `citysteward`."""

from citysteward.config.cli.app import main

__all__ = ["main"]
