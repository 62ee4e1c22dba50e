"""Declarations of this context: verbs, its section of a pack, and who knows the observation time.

A city's figures are by default those of the moment at which its contract observes them. Contracts
stand above this context, so they say the moment through `observations`.
"""

from collections.abc import Callable
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from citysteward.kernel.journal.registry import declare
from citysteward.kernel.journal.types import Verb
from citysteward.kernel.parties.types import Role
from citysteward.lib.words import Words

VIEWERS = (Role.SUPERVISOR, Role.FINANCE, Role.AUDITOR, Role.ADMINISTRATOR, Role.OPERATOR)
"""Who may see the figures of the city's work, and the cases behind them."""

ObservationOf = Callable[[str], datetime | None]


class IndicatorsLoaded(BaseModel):
    """The indicators of a pack as they now are: their codes, and the hash of their text."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    city: str
    sha256: str
    indicators: tuple[str, ...]


INDICATORS_LOADED = declare(
    Verb(
        "indicators.loaded",
        1,
        IndicatorsLoaded,
        Words(en="Indicators loaded from the pack", zh="已从配置包载入指标"),
    )
)


class Observations:
    """Who knows the moment at which a city's figures are observed; asked in order."""

    def __init__(self) -> None:
        self._known: list[ObservationOf] = []

    def add(self, observation_of: ObservationOf) -> None:
        """Declare a function from a city's code to its observation time (aware), if it has one."""
        if observation_of not in self._known:
            self._known.append(observation_of)

    def of(self, city: str) -> datetime | None:
        """The city's observation time, or None where none is agreed."""
        moments = (observation_of(city) for observation_of in self._known)
        return next((moment for moment in moments if moment is not None), None)


observations = Observations()
