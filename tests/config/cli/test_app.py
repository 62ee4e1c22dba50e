"""The command line as a user meets it: what it prints, and the exit codes."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from citysteward.config.postgres import cluster
from citysteward.lib import console
from tests.environment import SOURCE

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def citysteward(embedded_home: Path) -> Command:
    """Runs `python -m citysteward` on an embedded database."""

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "citysteward", *arguments],
            env={
                **os.environ,
                "CITYSTEWARD_HOME": str(embedded_home),
                "PYTHONPATH": str(SOURCE),
                **environment,
            },
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


def test_a_first_command_prepares_the_database_by_itself(citysteward: Command, pack: Path) -> None:
    done = citysteward("load", str(pack), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["pack"] == "mini"
    again = citysteward("migrate", "--json")
    assert json.loads(again.stdout) == {"applied": 0, "warnings": []}
    assert again.stderr == ""


def test_a_pack_whose_calendar_nobody_declares_is_refused(citysteward: Command, pack: Path) -> None:
    (pack / "calendar.yaml").unlink()
    manifest = pack / "pack.yaml"
    manifest.write_text(manifest.read_text("utf-8").replace("calendar: mini", "calendar: moon"))
    done = citysteward("load", str(pack))
    assert done.returncode == 1
    assert done.stdout.startswith("pack.yaml:4: The calendar moon is declared neither")


def test_faults_of_a_pack_are_listed_by_file_and_line(citysteward: Command, pack: Path) -> None:
    sound = citysteward("pack", "check", str(pack))
    assert (sound.returncode, sound.stdout) == (0, "Pack mini: 0 errors, 0 warnings.\n")
    with (pack / "pack.yaml").open("a") as manifest:
        manifest.write("colour: red\n")
    wrong = citysteward("pack", "check", str(pack))
    assert wrong.returncode == 1
    assert wrong.stdout.startswith("pack.yaml:6: colour is not known here")
    refused = citysteward("load", str(pack), "--json")
    assert refused.returncode == 1
    (finding,) = json.loads(refused.stdout)["findings"]
    assert (finding["file"], finding["line"]) == ("pack.yaml", 6)
    assert finding["message"]["zh"].startswith("此处不允许 colour")


def test_an_error_is_one_sentence_and_debug_shows_the_rest(citysteward: Command) -> None:
    plain = citysteward("load", "atlantis")
    assert (plain.returncode, plain.stdout) == (1, "")
    assert plain.stderr.startswith("Error: There is no pack 'atlantis'")
    assert plain.stderr.count("\n") == 1
    debug = citysteward("load", "atlantis", "--debug")
    assert debug.returncode == 1
    assert "Traceback" in debug.stderr


def test_wrong_usage_exits_with_2(citysteward: Command) -> None:
    for arguments in (["fly"], ["load"], ["load", "boston", "--wings"]):
        done = citysteward(*arguments)
        assert (done.returncode, done.stdout) == (2, ""), arguments
        assert "Traceback" not in done.stderr


def test_a_wrong_environment_is_named(citysteward: Command) -> None:
    done = citysteward("migrate", CITYSTEWARD_HTTPS="perhaps")
    assert done.returncode == 1
    assert "CITYSTEWARD_HTTPS" in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_unreachable_database_is_said_in_a_sentence(citysteward: Command, pack: Path) -> None:
    url = "postgresql://someone:secret@127.0.0.1:1/city"
    done = citysteward("load", str(pack), DATABASE_URL=url)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: The database does not answer")
    assert "secret" not in done.stderr


def test_help_needs_no_database(tmp_path: Path, citysteward: Command) -> None:
    for arguments in (["--help"], ["load", "--help"], ["serve", "--help"]):
        done = citysteward(*arguments, CITYSTEWARD_HOME=str(tmp_path))
        assert done.returncode == 0
        assert "Usage" in done.stdout
    assert not cluster.Cluster(tmp_path).folder.exists()


def test_djangos_own_commands_pass_through(citysteward: Command) -> None:
    done = citysteward("manage", "migrate", "--check")
    assert done.returncode == 0, done.stderr + done.stdout
    done = citysteward("manage", "check", "--database", "default", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr
    done = citysteward("manage", "makemigrations", "--check", "--dry-run")
    assert done.returncode == 0, f"A model has no migration: {done.stdout}"


def test_json_keeps_every_digit() -> None:
    text = console.to_json({"due": Decimal("9840000.00"), "rate": Decimal("1E-7"), "no": None})
    assert '"due": 9840000.00' in text
    assert '"rate": 0.0000001' in text
    assert json.loads(text) == {"due": 9840000.0, "rate": 1e-7, "no": None}
    assert json.loads(console.to_json(["1.0", Decimal("NaN")])) == ["1.0", "NaN"]
