"""`citysteward serve` as an operator meets it: start, failures, stop."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.environment import SOURCE


@pytest.fixture
def site(embedded_home: Path) -> Iterator["Site"]:
    site = Site(embedded_home)
    yield site
    if site.parent.poll() is None:
        site.parent.kill()
    site.parent.communicate()


class Site:
    """A running `citysteward serve` on a free port."""

    def __init__(self, home: Path) -> None:
        self.parent = subprocess.Popen(
            [sys.executable, "-m", "citysteward", "serve", "--port", "0"],
            env={**os.environ, "CITYSTEWARD_HOME": str(home), "PYTHONPATH": str(SOURCE)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.parent.stdout is not None
        greeting = self.parent.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", greeting)
        assert found, greeting + self.parent.communicate()[1]
        self.port = int(found[1])

    def answers(self) -> bool:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=5)
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True

    def children(self) -> dict[str, int]:
        """The pids of the web server and the worker."""
        found = {}
        for process in Path("/proc").glob("[0-9]*"):
            try:
                parent = (process / "stat").read_text().rpartition(")")[2].split()[1]
                command = (process / "cmdline").read_text()
            except OSError:
                continue
            if int(parent) == self.parent.pid:
                found["web" if "granian" in command else "worker"] = int(process.name)
        return found


def eventually(condition: Callable[[], bool], seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def is_alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_it_is_told_to_stop(site: Site, sign: signal.Signals) -> None:
    assert site.answers()
    children = site.children()
    assert children.keys() == {"web", "worker"}
    site.parent.send_signal(sign)
    _, messages = site.parent.communicate(timeout=30)
    assert site.parent.returncode == 0
    assert "Traceback" not in messages
    assert not any(map(is_alive, children.values()))
    assert not site.answers()


def test_children_that_fail_are_started_again(site: Site) -> None:
    before = site.children()
    for pid in before.values():
        os.kill(pid, signal.SIGKILL)
    assert eventually(lambda: site.children().keys() == {"web", "worker"})
    assert not set(before.values()) & set(site.children().values())
    assert eventually(site.answers)


def test_children_end_with_a_parent_that_was_killed(site: Site) -> None:
    children = site.children()
    site.parent.kill()
    assert eventually(lambda: not any(map(is_alive, children.values())))
    assert eventually(lambda: not site.answers())


def test_a_port_that_is_taken_is_said_in_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "citysteward", "serve", "--port", str(port)],
            env={**os.environ, "PYTHONPATH": str(SOURCE)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: Cannot listen on 127.0.0.1 port {port}")
    assert done.stderr.count("\n") == 1
