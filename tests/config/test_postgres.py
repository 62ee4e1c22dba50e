"""The embedded server: shared, stopped by its last user, and hard to lose anything with."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from citysteward.config.postgres import Lease, ServerError, cluster, lease, socket_folder

CLIENT = """
import sys
from pathlib import Path
import psycopg
from citysteward.config.postgres import lease
held = lease(Path(sys.argv[1]))
with psycopg.connect(held.url("postgres", "postgres"), autocommit=True) as connection:
    print(connection.execute("SELECT system_identifier FROM pg_control_system()").fetchone()[0])
    sys.stdout.flush()
    for line in sys.stdin:
        connection.execute(line)
        print("done", flush=True)
held.release()
"""


@pytest.fixture(params=["plain", "with spaces " + "and a long path " * 9])
def named_home(request: pytest.FixtureRequest) -> Iterator[Path]:
    yield from _home(request.param)


@pytest.fixture
def home() -> Iterator[Path]:
    yield from _home("home")


def _home(name: str) -> Iterator[Path]:
    # Not pytest's tmp_path, which the server's user cannot reach when root runs the tests.
    folder = Path(tempfile.mkdtemp(prefix="citysteward-test-", dir="/tmp"))
    folder.chmod(0o755)
    home = folder / name
    yield home
    place = cluster.Cluster(home).place if home.exists() else folder
    for path in (place, folder, socket_folder(home)):
        shutil.rmtree(path, ignore_errors=True)


def execute(held: Lease, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(held.url("postgres", "postgres"), autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def postmaster(home: Path) -> int:
    return int((cluster.Cluster(home).data / "postmaster.pid").read_text().split("\n")[0])


def is_running(home: Path) -> bool:
    """Whether any process of the server lives (not asked by pid, which may be another's)."""
    held = cluster.Cluster(home).server_lock
    check = ["flock", "--nonblock", "--exclusive", str(held), "true"]
    return subprocess.run(check, check=False).returncode != 0


def eventually(condition: Callable[[], bool], seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def start_client(home: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", CLIENT, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def read(client: subprocess.Popen[str]) -> str:
    assert client.stdout is not None
    return client.stdout.readline().strip()


def tell(client: subprocess.Popen[str], statement: str) -> None:
    assert client.stdin is not None
    client.stdin.write(f"{statement}\n")
    client.stdin.flush()
    assert read(client) == "done"


def finish(client: subprocess.Popen[str], timeout: float = 60) -> int:
    client.communicate(timeout=timeout)
    return client.returncode


def test_a_lease_starts_the_server_and_its_release_stops_it(named_home: Path) -> None:
    with lease(named_home) as held:
        ((version, encoding, locale, character_type),) = execute(
            held,
            "SELECT current_setting('server_version_num')::int / 10000,"
            " pg_encoding_to_char(encoding), datlocale, datctype"
            " FROM pg_database WHERE datname = 'postgres'",
        )
        assert (version, encoding, locale, character_type) == (18, "UTF8", "C.UTF-8", "C.UTF-8")
        execute(held, "CREATE TABLE kept AS SELECT 1 AS one")
        assert is_running(named_home)
    assert not is_running(named_home)
    held.release()  # again: nothing happens
    with lease(named_home) as held:
        assert execute(held, "SELECT one FROM kept") == [(1,)]


def test_only_the_user_who_started_it_comes_in_and_only_by_the_socket(home: Path) -> None:
    with lease(home) as held:
        assert execute(held, "SHOW listen_addresses") == [("",)]
        assert execute(held, "SHOW idle_in_transaction_session_timeout") == [("5min",)]
        rules = execute(held, "SELECT type, auth_method, error FROM pg_hba_file_rules")
        assert rules == [("local", "peer", None)]
        mappings = execute(held, "SELECT sys_name, pg_username FROM pg_ident_file_mappings")
        assert mappings == [(pwd.getpwuid(os.geteuid()).pw_name, "all")]
        folder = socket_folder(home).stat()
        assert (folder.st_mode & 0o777, folder.st_uid) == (0o700, cluster.server_owner().uid)


def test_a_second_process_shares_the_server_and_may_stay_longer(home: Path) -> None:
    with lease(home) as held:
        first = postmaster(home)
        client = start_client(home)
        identifier = read(client)
        assert execute(held, "SELECT system_identifier FROM pg_control_system()") == [
            (int(identifier),)
        ]
        assert postmaster(home) == first
    tell(client, "CREATE TABLE later AS SELECT 1")  # the first user has left
    assert finish(client) == 0
    assert not is_running(home)


def test_four_cold_starts_at_once_share_one_server(home: Path) -> None:
    clients = [start_client(home) for _ in range(4)]
    identifiers = {read(client) for client in clients}
    assert len(identifiers) == 1
    assert identifiers != {""}
    for number, client in enumerate(clients):
        tell(client, f"CREATE TABLE from_{number} AS SELECT 1")
    assert [finish(client) for client in clients] == [0, 0, 0, 0]
    assert not is_running(home)


def test_a_killed_user_loses_nothing_and_leaves_no_server_behind(home: Path) -> None:
    client = start_client(home)
    read(client)
    tell(client, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS number")
    tell(client, "BEGIN")
    tell(client, "DELETE FROM kept")
    client.kill()
    finish(client)
    assert eventually(lambda: not is_running(home))
    with lease(home) as held:
        assert execute(held, "SELECT count(*) FROM kept") == [(1000,)]


def test_a_killed_server_loses_nothing_and_is_started_by_the_next_user(home: Path) -> None:
    with lease(home) as held:
        execute(held, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS number")
        os.kill(postmaster(home), signal.SIGKILL)
        # The first user still holds its lease; its processes may still be dying.
        with lease(home) as other:
            assert execute(other, "SELECT count(*) FROM kept") == [(1000,)]
        assert is_running(home)
        assert execute(held, "SELECT count(*) FROM kept") == [(1000,)]
    assert not is_running(home)


@pytest.mark.parametrize("seconds", [0.15, 0.3, 0.45, 0.6, 0.75])
def test_a_user_killed_in_a_cold_start_is_in_nobodys_way(home: Path, seconds: float) -> None:
    client = start_client(home)
    time.sleep(seconds)
    client.kill()
    finish(client)
    with lease(home) as held:
        assert execute(held, "SELECT 1") == [(1,)]
    assert not is_running(home)


@pytest.mark.parametrize("pid", [1, os.getpid()], ids=["init", "our own"])
def test_a_stale_pid_file_misleads_nobody(home: Path, pid: int) -> None:
    with lease(home):
        stale = (cluster.Cluster(home).data / "postmaster.pid").read_text().split("\n")
    data = cluster.Cluster(home).data
    (data / "postmaster.pid").write_text("\n".join([str(pid), *stale[1:]]))
    with lease(home) as held:
        assert execute(held, "SELECT 1") == [(1,)]
        assert postmaster(home) != pid
    assert not is_running(home)


def test_a_killed_watcher_is_replaced_by_the_next_user(home: Path) -> None:
    client = start_client(home)
    read(client)
    (watcher,) = _watchers(home)
    os.kill(watcher, signal.SIGKILL)
    assert eventually(lambda: not _watchers(home))
    second = start_client(home)
    read(second)
    for killed in (client, second):
        killed.kill()
        finish(killed)
    assert eventually(lambda: not is_running(home))
    assert eventually(lambda: not _watchers(home))


def _watchers(home: Path) -> list[int]:
    needle = str(cluster.Cluster(home).users_lock).encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if needle in arguments:
            found.append(int(process.name))
    return found


def test_a_forked_child_does_not_end_its_parents_lease(home: Path) -> None:
    held = lease(home)
    child = os.fork()
    if child == 0:
        held.release()
        os._exit(0)
    os.waitpid(child, 0)
    assert execute(held, "SELECT 1") == [(1,)]
    held.release()
    assert not is_running(home)


def test_data_of_another_version_is_refused_in_a_sentence(home: Path) -> None:
    with lease(home):
        pass
    (cluster.Cluster(home).data / "PG_VERSION").write_text("17\n")
    with pytest.raises(ServerError, match="made by PostgreSQL 17, this is 18"):
        lease(home)


def test_a_socket_folder_that_is_not_ours_is_refused(home: Path) -> None:
    home.mkdir()
    socket_folder(home).symlink_to("/")
    try:
        with pytest.raises(ServerError, match="belongs to another user"):
            lease(home)
    finally:
        socket_folder(home).unlink()


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another")


@needs_root
def test_root_may_keep_its_home_where_the_servers_user_cannot_go(home: Path) -> None:
    home.mkdir(mode=0o700)
    with lease(home) as held:
        execute(held, "CREATE TABLE kept AS SELECT 1 AS one")
        assert not held.data.is_relative_to(home)
        assert held.data.stat().st_uid == pwd.getpwnam(cluster.SERVICE_USER).pw_uid
    with lease(home) as held:
        assert execute(held, "SELECT one FROM kept") == [(1,)]
    assert home.stat().st_mode & 0o777 == 0o700


@needs_root
def test_root_may_keep_its_packages_where_the_servers_user_cannot_go(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packaged = cluster._packaged_binaries()
    site, elsewhere = home.parent / "site-packages", home.parent / "elsewhere"
    cluster._copy_package(packaged.parent, site)
    site.chmod(0o700)
    monkeypatch.setattr(cluster, "_packaged_binaries", lambda: site.joinpath(*packaged.parts[-3:]))
    monkeypatch.setattr(cluster, "ELSEWHERE", elsewhere)
    for _ in range(2):
        with lease(home) as held:
            assert execute(held, "SELECT 1") == [(1,)]
            program = Path(f"/proc/{postmaster(home)}/exe").readlink()
            assert program.is_relative_to(elsewhere)
    assert len([*elsewhere.iterdir()]) == 1


ORDINARY_USER = """
import os, sys
import citysteward.config.postgres, encodings.idna
sys.executable = "/usr/bin/python3"  # the tests' own may lie below /root
sys.argv = ["client", sys.argv[1]]
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
"""


@needs_root
@pytest.mark.skipif(not Path("/usr/bin/python3").exists(), reason="no system Python")
def test_an_ordinary_user_runs_the_server_as_himself(home: Path) -> None:
    if not cluster.Owner("nobody", 65534, 65534, borrowed=True).can(
        "-x", cluster._packaged_binaries() / "postgres"
    ):
        pytest.skip("the packages lie where only root can go")
    home.mkdir()
    os.chown(home, 65534, 65534)
    client = subprocess.Popen(
        [sys.executable, "-c", ORDINARY_USER + CLIENT, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert int(read(client)) > 0
    assert (home / "postgres" / "data").stat().st_uid == 65534
    assert finish(client) == 0
    assert not is_running(home)
