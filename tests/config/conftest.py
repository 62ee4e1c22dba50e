import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from citysteward.config.postgres import lease

CALENDAR = """\
code: mini
names: {en: Mini, zh: 小城}
zone: America/New_York
hours: {monday: ["09:00-17:00"]}
holidays: {name: "holidays:US-MA", first_year: 2025, last_year: 2026}
business_day_ends: same_time
calendar_day_ends: same_time
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """The folder of a pack that is correct and says as little as it may."""
    folder = tmp_path / "mini"
    folder.mkdir()
    (folder / "pack.yaml").write_text(
        "code: mini\nnames: {en: Mini, zh: 小城}\ncity: mini\ncalendar: mini\ncurrency: USD\n",
        encoding="utf-8",
    )
    (folder / "calendar.yaml").write_text(CALENDAR, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def embedded_home() -> Iterator[Path]:
    """A home whose embedded server runs for as long as the tests do; nothing is in it at first."""
    folder = Path(tempfile.mkdtemp(prefix="citysteward-home-", dir="/tmp"))
    folder.chmod(0o755)
    with lease(folder):  # so that not every command starts the server anew
        yield folder
    shutil.rmtree(folder)
