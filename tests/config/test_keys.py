import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from citysteward.config.keys import key


def test_a_key_is_made_once_for_all_who_ask_at_the_same_time(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        keys = {*pool.map(lambda _: key(tmp_path, "seal"), range(64))}
    assert len(keys) == 1
    assert len(keys.pop()) == 32
    assert [entry.name for entry in (tmp_path / "keys").iterdir()] == ["seal"]


def test_keys_differ_and_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    assert key(tmp_path, "seal") != key(tmp_path, "secret")
    assert stat.S_IMODE((tmp_path / "keys" / "seal").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


@pytest.mark.parametrize("content", ["", "abc", "zz" * 32, "00" * 31, "键" * 32])
def test_a_damaged_key_is_never_replaced(tmp_path: Path, content: str) -> None:
    key(tmp_path, "seal")
    (tmp_path / "keys" / "seal").write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match="restore it from backup"):
        key(tmp_path, "seal")
    assert (tmp_path / "keys" / "seal").read_text(encoding="utf-8") == content
