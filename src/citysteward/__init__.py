"""CitySteward 城市大管家: digital public services, paid for by what they achieved."""

__version__ = "0.1.0"
