"""Secrets that the installation makes once and keeps in `CITYSTEWARD_HOME/keys`."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

KEY_BYTES = 32


def key(home: Path, name: str) -> bytes:
    """The 32 random bytes called `name`, made at the first call; the file is 0600 hexadecimal.

    Any number of processes may ask at once: all get the same bytes. Raises ValueError if the
    file does not hold a key (never replaced: what it protects would be lost).
    """
    path = home / "keys" / name
    try:
        return _read(path)
    except FileNotFoundError:
        _make(path)
        return _read(path)


def _read(path: Path) -> bytes:
    try:
        value = bytes.fromhex(path.read_text(encoding="ascii"))
    except ValueError:
        value = b""
    if len(value) != KEY_BYTES:
        raise ValueError(f"{path} does not hold a key of {KEY_BYTES} bytes: restore it from backup")
    return value


def _make(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, secrets.token_hex(KEY_BYTES).encode("ascii"))
        os.fsync(handle)
    finally:
        os.close(handle)
    # A link, not a rename: the first process wins, the others read what it wrote.
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
