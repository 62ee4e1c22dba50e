"""What components are made of: frozen values that a view hands to a template.

Texts are `Text`: a plain or lazily translated string, or bilingual `Words` (then shown in the
reader's language and tagged with the language that it really is in). Times are aware.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Literal

from django.utils.functional import Promise

from citysteward.lib.words import Words

Text = str | Promise | Words
Tone = Literal["good", "warn", "late", "quiet", "official", "brand"]
StepState = Literal["done", "now", "todo"]
Number = int | float | Decimal


@dataclass(frozen=True)
class Link:
    """A text that opens an address."""

    text: Text
    url: str


@dataclass(frozen=True)
class Tag:
    """A state, said by word and dot: good, warn, late, quiet, or official (sealed, decided)."""

    tone: Tone
    text: Text


@dataclass(frozen=True)
class Money:
    """An amount with its ISO 4217 currency code; shown with two decimals unless told."""

    amount: Decimal
    currency: str
    digits: int = 2


@dataclass(frozen=True)
class Percent:
    """A share, 0.689 = 68.9%; None prints a dash."""

    share: float | Decimal | None
    digits: int = 1


@dataclass(frozen=True)
class Moment:
    """A time shown in `zone` (default: Django's current zone, which is the city's)."""

    at: datetime | None
    zone: tzinfo | None = None
    seconds: bool = False


@dataclass(frozen=True)
class Bar:
    """A value drawn as a bar of `maximum`, its figure printed above it."""

    value: Number
    maximum: Number = 100
    digits: int = 1
    tone: Tone = "brand"


@dataclass(frozen=True)
class Noted:
    """A value with a quieter line below it."""

    main: object
    note: object


@dataclass(frozen=True)
class Masked:
    """A personal value shown masked (`masked`), with the address that reveals it, if one may.

    Revealing is a POST to `reveal_url`, because each look is journalled.
    """

    masked: str
    reveal_url: str = ""


@dataclass(frozen=True)
class Column:
    """A column of a table. `key` finds the cell in a row; `minor` columns vanish on a phone."""

    key: str
    label: Text
    numeric: bool = False
    minor: bool = False


@dataclass(frozen=True)
class Table:
    """A table from rows of values. A row's key "_current": True marks the present row."""

    columns: Sequence[Column]
    rows: Sequence[Mapping[str, object]]
    caption: Text = ""
    foot: Mapping[str, object] | None = None
    caption_hidden: bool = False
    empty: Text = ""


@dataclass(frozen=True)
class Step:
    """One entry of a trail: what, when, by whom, and whether it is done, present or to come."""

    text: Text
    at: datetime | None = None
    note: Text = ""
    by: Text = ""
    state: StepState = "done"
    url: str = ""


@dataclass(frozen=True)
class Tile:
    """A way in: a title that opens an address, and a line that says what awaits there."""

    title: Text
    url: str
    text: Text = ""


@dataclass(frozen=True)
class Figure:
    """A key figure: the value large, its label small; `url` opens the cases behind it."""

    value: object
    label: Text
    note: Text = ""
    url: str = ""


@dataclass(frozen=True)
class SummaryItem:
    """A line of a check-answers list; `change_url` leads back to the question."""

    label: Text
    value: object
    change_url: str = ""


@dataclass(frozen=True)
class Tab:
    """One of several views of the same thing; each is an address of its own."""

    label: Text
    url: str
    current: bool = False
    count: int | None = None


@dataclass(frozen=True)
class Task:
    """A line of a task list: where to go, and how far it is."""

    text: Text
    url: str
    state: Tag
    hint: Text = ""


@dataclass(frozen=True)
class Photo:
    """A picture with what it shows in words (`alt` is required), opened large by its address."""

    url: str
    alt: Text
    caption: Text = ""
    full_url: str = ""


@dataclass(frozen=True)
class Visitor:
    """Who looks at the page, as the frame needs to know it. `roles` are role codes."""

    name: Text = ""
    signed_in: bool = False
    roles: frozenset[str] = field(default_factory=frozenset)
    post: Text = ""
    url: str = ""
