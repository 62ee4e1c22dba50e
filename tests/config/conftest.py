from pathlib import Path

import pytest


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """The folder of a pack that is correct and says nothing."""
    folder = tmp_path / "mini"
    folder.mkdir()
    (folder / "pack.yaml").write_text(
        "code: mini\nnames: {en: Mini, zh: 小城}\ncity: mini\ncalendar: mini\ncurrency: USD\n",
        encoding="utf-8",
    )
    return folder
