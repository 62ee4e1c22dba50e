"""Every text of the parties' pages has its Chinese, and no Chinese is left over."""

from pathlib import Path

import citysteward.kernel.parties
from tests.messages import messages_of, translated

FOLDER = Path(citysteward.kernel.parties.__file__).parent


def test_every_text_is_translated() -> None:
    wanted = messages_of(FOLDER)
    assert len(wanted) >= 30
    assert wanted - translated(FOLDER) == set()


def test_no_translation_is_left_over() -> None:
    assert translated(FOLDER) - messages_of(FOLDER) == set()
