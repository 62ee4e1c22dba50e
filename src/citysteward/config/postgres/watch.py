"""Stops a server once nobody uses it, even if its last user was killed.

Run as a script, by leases.py, with nothing but the standard library:
`watch.py USERS_LOCK SERVER_LOCK DATA WATCH_FD`.
"""

import fcntl
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

STOP_SECONDS = 120
PAUSE_SECONDS = 0.02


def stop_server(server_lock: Path, data: Path) -> bool:
    """Stop the server that holds `server_lock`, if any; sessions are ended, nothing is lost.

    Returns whether it is stopped. To be called by the holder of the users' lock only.
    """
    lock = os.open(server_lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        signalled = False
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline:
            with suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            signalled = signalled or _interrupt(data)
            time.sleep(PAUSE_SECONDS)
        return False
    finally:
        os.close(lock)


def _interrupt(data: Path) -> bool:
    """SIGINT is PostgreSQL's fast shutdown. The server's lock is held, so the pid is its own."""
    try:
        pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
        os.kill(pid, signal.SIGINT)
    except (OSError, ValueError):
        return False
    return True


def watch(users_lock: Path, server_lock: Path, data: Path, watch_fd: int) -> None:
    """Wait until no user is left, stop the server, end."""
    users = os.open(users_lock, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(users, fcntl.LOCK_EX)
    stop_server(server_lock, data)
    # In this order: a new user, who waits for the users' lock, must find no watcher.
    fcntl.flock(watch_fd, fcntl.LOCK_UN)
    os.close(users)


def main() -> None:
    users_lock, server_lock, data, watch_fd = sys.argv[1:]
    if os.fork():  # the user of the server needs no child to reap
        os._exit(0)
    for stop in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(stop, signal.SIG_IGN)
    watch(Path(users_lock), Path(server_lock), Path(data), int(watch_fd))


if __name__ == "__main__":
    main()
