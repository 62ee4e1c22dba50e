"""Leases: who uses the embedded server, held as file locks that vanish with their process."""

import atexit
import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from psycopg import pq

from citysteward.config.postgres import watch
from citysteward.config.postgres.cluster import START_SECONDS, Cluster, ServerError

PAUSE_SECONDS = 0.05


class Lease:
    """The right to use the server; it runs at least until `release()`.

    The lock also ends with the process, however that ends. A forked child shares the lease and
    must not release it (its `release()` does nothing).
    """

    def __init__(self, cluster: Cluster, users_lock: int) -> None:
        self._cluster = cluster
        self._lock: int | None = users_lock
        self._pid = os.getpid()
        atexit.register(self.release)

    @property
    def data(self) -> Path:
        """The server's data folder."""
        return self._cluster.data

    def url(self, role: str, database: str) -> str:
        """A PostgreSQL URL over the server's Unix socket; no password, the peer is checked."""
        host = quote(str(self._cluster.socket), safe="")
        return f"postgresql://{quote(role)}@/{quote(database)}?host={host}"

    def release(self) -> None:
        """End the lease; if it was the last one, return when the server has stopped."""
        if self._lock is None or os.getpid() != self._pid:
            return
        atexit.unregister(self.release)
        os.close(self._lock)
        self._lock = None
        if not self._cluster.folder.exists():  # the whole home was removed meanwhile
            return
        with _locked(self._cluster.start_lock):
            users = _open(self._cluster.users_lock)
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                watch.stop_server(self._cluster.server_lock, self._cluster.data)
            except BlockingIOError:
                # Another user, and we are done; or the watcher, which is about to stop it.
                fcntl.flock(users, fcntl.LOCK_SH)
            finally:
                os.close(users)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()


def lease(home: Path) -> Lease:
    """Use the server of `home`: make its data folder and start it as needed, or join it.

    Raises ServerError if that fails. Safe against any number of processes doing the same.
    """
    cluster = Cluster(home)
    try:
        cluster.folder.mkdir(parents=True, exist_ok=True)
        with _locked(cluster.start_lock) as start_lock:
            users_lock = _open(cluster.users_lock)
            try:
                fcntl.flock(users_lock, fcntl.LOCK_SH)  # waits while a watcher stops the server
                cluster.make_if_missing(start_lock)
                _start_or_join(cluster)
                _watch(cluster)
            except BaseException:
                os.close(users_lock)
                raise
    except PermissionError as error:
        raise ServerError(
            f"{error.filename} cannot be used by this user: "
            "choose another CITYSTEWARD_HOME, or run as its owner."
        ) from error
    return Lease(cluster, users_lock)


def _start_or_join(cluster: Cluster) -> None:
    """Wait until the running server answers, or until none runs, then start one."""
    server_lock = _open(cluster.server_lock)
    try:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                fcntl.flock(server_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if _answers(cluster):
                    return
                # Starting, recovering, or dying after its postmaster was killed.
                time.sleep(PAUSE_SECONDS)
            else:
                cluster.start(server_lock)
                return
    finally:
        os.close(server_lock)
    raise ServerError(
        f"The database server in {cluster.place} runs but has not answered for "
        f"{START_SECONDS} seconds: see {cluster.log}."
    )


def _answers(cluster: Cluster) -> bool:
    conninfo = f"host={cluster.socket} user=postgres dbname=postgres"
    return pq.PGconn.ping(conninfo.encode()) == pq.Ping.OK


def _watch(cluster: Cluster) -> None:
    """See to it that exactly one watcher waits for the last user to leave."""
    watch_lock = _open(cluster.watch_lock)
    try:
        fcntl.flock(watch_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    else:
        script = [sys.executable, "-I", "-S", watch.__file__]
        places = [cluster.users_lock, cluster.server_lock, cluster.data, watch_lock]
        subprocess.run(  # noqa: S603
            [*script, *map(str, places)],
            check=True,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=[watch_lock],
        )
    finally:
        os.close(watch_lock)


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    lock = _open(path)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock
    finally:
        os.close(lock)


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
