"""What areas write to the journal."""

from pydantic import BaseModel, ConfigDict

from citysteward.kernel.journal.types import Verb
from citysteward.lib.words import Words


class CityLoaded(BaseModel):
    """A city was created or changed by its pack."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    area: str
    calendar: str
    currency: str


class AreasLoaded(BaseModel):
    """So many areas were created and changed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    created: int
    changed: int


CITY_LOADED = Verb("city.loaded", 1, CityLoaded, Words(en="City loaded", zh="载入城市"))
AREAS_LOADED = Verb("areas.loaded", 1, AreasLoaded, Words(en="Areas loaded", zh="载入区划"))
