"""Every text of the governance pages has its Chinese."""

from pathlib import Path

import pytest

import citysteward
from tests.messages import messages_of, translated

SOURCE = Path(citysteward.__file__).parent


@pytest.mark.parametrize("folder", ["performance", "contracts", "portals/governance"])
def test_every_text_is_translated(folder: str) -> None:
    assert messages_of(SOURCE / folder) - translated(SOURCE / folder) == set()
