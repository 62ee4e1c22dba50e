"""`citysteward serve`: the web server and the background worker, under one parent.

The parent holds the lease of the database and outlives its children: it starts them, starts
them again if they fail, and stops them all when it is told to stop or one cannot be kept up.
"""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Annotated

import typer
from django.conf import settings

from citysteward.config.cli.session import database
from citysteward.lib import console
from citysteward.lib.errors import PlainError

WEB_WORKERS = 2
WEB_THREADS = 8
LOOK_SECONDS = 0.2
START_SECONDS = 60
STOP_SECONDS = 15
# A child that ends this often within this time will not come up again by itself.
FAILURES, FAILURE_SECONDS = 5, 60
PR_SET_PDEATHSIG = 1

app = typer.Typer()


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port; 0 takes any free one.")] = 8000,
) -> None:
    """Serve the site and run the background jobs, until Ctrl-C or SIGTERM."""
    port = _free_port(host, port)
    with database():
        web = Child("web server", _web_command(host, port))
        children = [web, Child("background worker", _worker_command())]
        try:
            for child in children:
                child.start()
            _wait_until_answering(host, port, web)
            _greet(host, port)
            while True:
                for child in children:
                    child.keep_up()
                time.sleep(LOOK_SECONDS)
        except (KeyboardInterrupt, SystemExit):  # asked to stop: that is no failure
            console.err.print("Stopping.")
        finally:
            _stop(children)


@dataclass
class Child:
    """A process that is kept running."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    failures: list[float] = field(default_factory=list)

    def start(self) -> None:
        # A session of its own: Ctrl-C reaches the parent alone, which stops its children in order.
        self.process = subprocess.Popen(  # noqa: S603
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # they log to standard error
            start_new_session=True,
            preexec_fn=_die_too,  # noqa: PLW1509 (the parent has no other threads)
        )

    def keep_up(self) -> None:
        """Start it again if it has ended; PlainError if that happens too often."""
        if self.process is None or self.process.poll() is None:
            return
        self.end()
        now = time.monotonic()
        self.failures = [then for then in self.failures if now - then < FAILURE_SECONDS] + [now]
        if len(self.failures) >= FAILURES:
            raise PlainError(
                f"The {self.name} ended {FAILURES} times in {FAILURE_SECONDS} seconds "
                f"(exit code {self.process.returncode}): see its messages above."
            )
        console.err.print(f"The {self.name} ended unexpectedly and is started again.")
        self.start()

    def stop(self) -> None:
        """Ask it to end in good order."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def end(self, patience: float = 0.0) -> None:
        """Give it time to end, then end it and the workers of its own, which share its group."""
        if self.process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(patience)
        # A web server that was killed leaves workers behind, and those would keep the port.
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def _web_command(host: str, port: int) -> list[str]:
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi",
        "--host", host, "--port", str(port),
        "--workers", str(WEB_WORKERS), "--blocking-threads", str(WEB_THREADS),
        "--respawn-failed-workers", "--workers-kill-timeout", "5", "--log-level", "error",
        "--no-ws", "citysteward.config.wsgi:application",
    ]  # fmt: skip


def _worker_command() -> list[str]:
    return [
        sys.executable, "-m", "django", "procrastinate", "worker",
        "--delete-jobs", "successful", "--shutdown-graceful-timeout", "10",
    ]  # fmt: skip


def _die_too() -> None:
    """In the child: end when the parent does, even if that was killed (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _free_port(host: str, port: int) -> int:
    """`port`, or a free one for 0; PlainError if it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PlainError(
                f"Cannot listen on {host} port {port} ({error.strerror}): "
                "stop what runs there, or choose another with --port."
            ) from error
        return int(probe.getsockname()[1])


def _wait_until_answering(host: str, port: int, web: Child) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        web.keep_up()
        try:
            socket.create_connection((host, port), timeout=1).close()
        except OSError:
            time.sleep(LOOK_SECONDS)
        else:
            return
    raise PlainError(f"The web server did not answer within {START_SECONDS} seconds.")


def _greet(host: str, port: int) -> None:
    shown = f"[{host}]" if ":" in host else host
    console.out.print(f"CitySteward 城市大管家: http://{shown}:{port}/", markup=False)
    if settings.CITYSTEWARD_DEMO:
        console.out.print("Demo mode: the sign-in page shows accounts to try. Stop with Ctrl-C.")


def _stop(children: Sequence[Child]) -> None:
    """Ask all to end, give them time, then end them."""
    for child in children:
        child.stop()
    deadline = time.monotonic() + STOP_SECONDS
    for child in children:
        child.end(max(0.0, deadline - time.monotonic()))
