"""What can happen to areas, as the journal tells it."""

from pydantic import BaseModel, ConfigDict

from citysteward.kernel.journal.types import Verb
from citysteward.lib.words import Words


class _Payload(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AreaFact(_Payload):
    """An area as it is now. The outline is told by its SHA-256: it may be megabytes."""

    city: str
    code: str
    level: str
    names: Words
    parent: str
    aliases: tuple[str, ...]
    outline_sha256: str


class CityFact(_Payload):
    """A city as its pack's manifest states it."""

    names: Words
    root: str
    calendar: str
    currency: str


CITY_LOADED = Verb("city.loaded", 1, CityFact, Words(en="A city was loaded", zh="载入城市"))
AREA_ADDED = Verb("area.added", 1, AreaFact, Words(en="An area was added", zh="新增区划"))
AREA_CHANGED = Verb("area.changed", 1, AreaFact, Words(en="An area was changed", zh="变更区划"))
