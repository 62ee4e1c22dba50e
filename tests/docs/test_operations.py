"""The handbook's commands do what it says, and it knows every variable."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from citysteward.config.settings import Environment
from tests.environment import ROOT, SOURCE

OPERATIONS = (ROOT / "docs/operations.md").read_text("utf-8")
SECURITY = (ROOT / "docs/security.md").read_text("utf-8")
BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)
FUNCTION = f'citysteward() {{ {shlex.quote(sys.executable)} -m citysteward "$@"; }}\nset -eu\n'


def variables() -> set[str]:
    """Names of all settings of the environment."""
    return {
        name.upper() if name.startswith("database") else f"CITYSTEWARD_{name.upper()}"
        for name in Environment.model_fields
    }


def test_every_variable_is_told_and_none_is_invented() -> None:
    told = set(re.findall(r"\b(?:CITYSTEWARD|DATABASE)_[A-Z_]+", OPERATIONS))
    assert told == variables()
    assert set(re.findall(r"\b(?:CITYSTEWARD|DATABASE)_[A-Z_]+", SECURITY)) <= variables()


@pytest.mark.parametrize("page", ["operations.md", "security.md", "how-to/open311.md"])
def test_every_command_exists(page: str, commands: dict[str, list[str]]) -> None:
    text = (ROOT / "docs" / page).read_text("utf-8")
    named = set(re.findall(r"citysteward ((?:[a-z][a-z0-9-]+ ?){1,2})", _code(text)))
    assert named
    for words in named:
        first, *rest = words.split()
        assert first in commands, words
        if commands[first]:
            assert not rest or rest[0] in commands[first], words


def _code(text: str) -> str:
    return "\n".join(re.findall(r"`[^`\n]+`|(?<=```sh\n).*?(?=```)", text, re.DOTALL))


LIST = """
import json, typer
from citysteward.config.cli.app import build
top = typer.main.get_command(build())
print(json.dumps({name: [*getattr(one, "commands", {})] for name, one in top.commands.items()}))
"""


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Every command with those below it. In a process of its own: building wraps them all."""
    home = tmp_path_factory.mktemp("home")
    environment = {"CITYSTEWARD_HOME": str(home), "PYTHONPATH": str(SOURCE)}
    listed = subprocess.check_output([sys.executable, "-c", LIST], env=environment, text=True)
    found: dict[str, list[str]] = json.loads(listed)
    return found


@pytest.mark.slow
def test_the_commands_run_as_they_stand(tmp_path: Path) -> None:
    script = "\n".join(BLOCK.findall(OPERATIONS) + BLOCK.findall(SECURITY))
    for folder in ("/backup", "/srv"):
        assert folder in script
        script = script.replace(f"{folder}/", f"{tmp_path}{folder}/")
    done = subprocess.run(
        ["bash", "-c", FUNCTION + script],
        env={
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG": "C.UTF-8",
            "CITYSTEWARD_HOME": str(tmp_path / "home"),
            "CITYSTEWARD_PACKS": str(ROOT / "packs"),
            "CITYSTEWARD_HTTPS": "1",
            "PYTHONPATH": str(SOURCE),
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "frank can sign in now." in done.stdout
    assert "handler public-works-department" in re.sub(r"\s+", " ", done.stdout)
    assert done.stdout.count("intact") == 2
    report = json.loads(done.stdout[done.stdout.index("{") :].partition("\n}\n")[0] + "\n}")
    assert (report["ok"], report["witnessed"]) == (True, True)
    assert re.fullmatch(r"[0-9a-f]{64}", done.stdout.split()[-1])
