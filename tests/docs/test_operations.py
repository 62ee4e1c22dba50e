"""The handbook's commands do what it says, and it knows every variable."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from citysteward.config.cli.app import build
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
def test_every_command_exists(page: str) -> None:
    text = (ROOT / "docs" / page).read_text("utf-8")
    known = _commands()
    named = set(re.findall(r"citysteward ((?:[a-z][a-z0-9-]+ ?){1,2})", _code(text)))
    assert named
    for words in named:
        first, *rest = words.split()
        assert first in known, words
        if known[first]:
            assert not rest or rest[0] in known[first], words


def _code(text: str) -> str:
    return "\n".join(re.findall(r"`[^`\n]+`|(?<=```sh\n).*?(?=```)", text, re.DOTALL))


def _commands() -> dict[str, set[str]]:
    """Every command with those below it."""
    import typer  # noqa: PLC0415 (its own click shows what there is)

    top = typer.main.get_command(build())
    commands: dict[str, object] = getattr(top, "commands")  # noqa: B009 (typer hides its group)
    return {name: set(getattr(one, "commands", {})) for name, one in commands.items()}


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
