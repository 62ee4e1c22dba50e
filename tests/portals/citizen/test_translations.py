"""Every text of the citizens' pages has its Chinese, and no translation is left over."""

from pathlib import Path

import pytest

import citysteward.grid
import citysteward.portals.citizen
from tests.messages import messages_of, translated

ROOMS = [
    Path(module.__file__ or "").parent for module in (citysteward.grid, citysteward.portals.citizen)
]


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_every_text_is_translated_and_none_is_left_over(room: Path) -> None:
    wanted = messages_of(room)
    assert len(wanted) > 50
    assert translated(room) == wanted
