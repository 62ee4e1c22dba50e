"""Who watches over the city's work."""

from citysteward.kernel.parties.types import Role

WATCHERS = (Role.SUPERVISOR, Role.FINANCE, Role.AUDITOR, Role.OPERATOR, Role.ADMINISTRATOR)
