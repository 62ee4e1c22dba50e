"""The verb that the journal's own tests append, declared for their time only (conftest.py)."""

from datetime import datetime

from pydantic import BaseModel

from citysteward.kernel.journal.types import Actor, Verb
from citysteward.lib.words import Words


class Noted(BaseModel):
    """Something noted."""

    text: str
    number: int = 0
    due: datetime | None = None


NOTED = Verb("test.noted", 1, Noted, Words(en="Noted", zh="已记录"))
ACTOR = Actor("system:test", "Test")
