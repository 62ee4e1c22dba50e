"""Names for the groups of a table: organisations, areas, stretches of time."""

from collections.abc import Callable
from datetime import date

from django.utils import translation

from citysteward.kernel.areas import queries as areas
from citysteward.kernel.cases import queries as cases
from citysteward.kernel.cases.types import Channel
from citysteward.kernel.parties import queries as parties
from citysteward.lib.words import Words
from citysteward.performance.types import Grouping

Namer = Callable[[str], Words]

_UNKNOWN = Words(en="Not known", zh="未知")
_NO_PLACE = Words(en="No place known", zh="地点不详")
_WHOLE = Words(en="Whole city", zh="全市")


def namer(city: str, by: Grouping) -> Namer:
    """A function from the key of a group to its name; keys without a name name themselves."""
    if by is Grouping.NONE:
        return lambda _key: _WHOLE
    if by.is_time:
        return stretch
    known = {"": _NO_PLACE if by is Grouping.AREA else _UNKNOWN, **known_names(city, by)}
    return lambda key: known.get(key) or Words(en=key)


def known_names(city: str, by: Grouping) -> dict[str, Words]:
    """The names that the city's rooms give to codes of this grouping."""
    match by:
        case Grouping.ORGANISATION | Grouping.UNIT:
            return {found.code: found.names for found in parties.organisations(city)}
        case Grouping.AREA:
            return {found.code: found.names for found in areas.areas(city)}
        case Grouping.CATEGORY:
            return {found.code: found.names for found in cases.categories(city)}
        case Grouping.CHANNEL:
            return _channels()
        case _:
            return {}


def _channels() -> dict[str, Words]:
    """The channels' labels in both languages; they are Django's translatable texts."""
    found = {}
    for channel in Channel:
        with translation.override("en"):
            english = str(channel.label)
        with translation.override("zh-hans"):
            found[channel.value] = Words(en=english, zh=str(channel.label))
    return found


def stretch(key: str) -> Words:
    """The name of a day, week, month or quarter by its key."""
    year = key[:4]
    if "W" in key:
        week = int(key[6:])
        return Words(en=f"Week {week}, {year}", zh=f"{year}年第{week}周")
    if "Q" in key:
        return Words(en=f"Q{key[5:]} {year}", zh=f"{year}年第{key[5:]}季度")
    if len(key) == 7:
        first = date.fromisoformat(f"{key}-01")
        return Words(en=f"{_MONTHS[first.month - 1]} {year}", zh=f"{year}年{first.month}月")
    day = date.fromisoformat(key)
    return Words(
        en=f"{day.day} {_MONTHS[day.month - 1]} {year}", zh=f"{year}年{day.month}月{day.day}日"
    )


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
