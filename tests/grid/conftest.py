"""Tests here play in Boston."""

from tests.city import boston, loaded_boston

__all__ = ["boston", "loaded_boston"]
