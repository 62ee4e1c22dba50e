"""The witness file: one line for each seal, outside the database.

Whoever cuts sealed entries off the end, seals and all, leaves no trace in the database; the
witness still knows them. Copy it to another machine: it is a few bytes a seal and no secret.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import connection

FILE_NAME = "journal-heads.txt"


def default_path() -> Path:
    """The witness file of this installation."""
    return Path(settings.CITYSTEWARD_HOME) / FILE_NAME


def read(path: Path) -> dict[int, str]:
    """Segment numbers and the hashes (hexadecimal) of their headers; ValueError with the line."""
    heads: dict[int, str] = {}
    for line_number, line in enumerate(path.read_text("ascii").splitlines(), start=1):
        number, _, header_hash = line.partition(" ")
        if not number.isdigit() or len(header_hash) != 64:
            raise ValueError(f"{path}:{line_number}: not a segment's number and hash")
        # The first word counts: a later line cannot talk it away.
        heads.setdefault(int(number), header_hash)
    return heads


def catch_up() -> None:
    """Note every seal that comes after the last line. Call it after the seals are committed.

    Earlier lines are never touched: a line that contradicts the database is evidence.
    """
    with _locked(default_path()) as file:
        _drop_torn_line(file)
        last = _last_number(file)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT number, encode(header_hash, 'hex') FROM public.journal_segment"
                " WHERE number > %s ORDER BY number",
                [last],
            )
            lines = [f"{number} {header_hash}\n" for number, header_hash in cursor.fetchall()]
        if lines:
            file.seek(0, os.SEEK_END)
            file.write("".join(lines).encode("ascii"))
            file.flush()
            os.fsync(file.fileno())


@contextmanager
def _locked(path: Path) -> Iterator[IO[bytes]]:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    with os.fdopen(descriptor, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def _tail(file: IO[bytes]) -> bytes:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 256))
    return file.read()


def _drop_torn_line(file: IO[bytes]) -> None:
    """A crash in mid-write leaves half a line; the whole one is written again."""
    tail = _tail(file)
    if tail and not tail.endswith(b"\n"):
        torn = len(tail) - (tail.rfind(b"\n") + 1)
        file.truncate(file.seek(0, os.SEEK_END) - torn)


def _last_number(file: IO[bytes]) -> int:
    lines = _tail(file).splitlines()
    return int(lines[-1].split(b" ")[0]) if lines else 0
