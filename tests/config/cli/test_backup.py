"""A backup brings everything back, elsewhere too, and the journal knows that it has moved."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_django import Settings

from citysteward.kernel.cases import queries as cases
from tests import city
from tests.databases import FreshDatabase, OtherProcess
from tests.environment import SOURCE


def at(home: Path, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    """A command of another installation, with an embedded server of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE")}
    return subprocess.run(
        [sys.executable, "-m", "citysteward", *arguments],
        env={**kept, "CITYSTEWARD_HOME": str(home), "PYTHONPATH": str(SOURCE)},
        input=typed,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def look(home: Path, code: str) -> object:
    done = at(home, "manage", "shell", "--no-imports", "-c", code)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
def test_everything_comes_back_in_another_cluster(
    boston: FreshDatabase, other_process: OtherProcess, settings: Settings, tmp_path: Path
) -> None:
    case = city.report("grace", photos=[city.photo()], contact="ada@example.org")
    city.seal_and_export()
    (photo,) = cases.attachments_of(case)
    folder, home = tmp_path / "backup", tmp_path / "new"

    saved = other_process("backup", str(folder))
    assert saved.returncode == 0, saved.stderr
    assert "It holds the keys" in saved.stdout
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "database.dump").stat().st_mode) == 0o600
    again = other_process("backup", str(folder))
    assert again.returncode == 1
    assert "is not empty" in again.stderr

    restored = at(home, "restore", str(folder))
    assert restored.returncode == 0, restored.stderr
    rebuilt = at(home, "lake", "export", "--rebuild", "--json")
    assert rebuilt.returncode == 0, rebuilt.stderr
    told = look(
        home,
        "import json\n"
        "from citysteward.kernel.cases import queries as cases\n"
        "from citysteward.kernel.cases.actions.photos import path_of\n"
        "from citysteward.kernel.parties import queries as parties\n"
        f"case = cases.case_by_number({case.number!r})\n"
        "(photo,) = cases.attachments_of(case)\n"
        "contact = parties.contact(case.reporter_id)\n"
        "print(json.dumps([case.category.code, path_of(photo.sha256).exists(), contact.email]))",
    )
    assert told == [city.LIGHT, True, "a**@example.org"]
    assert (home / "files" / photo.sha256[:2] / photo.sha256).read_bytes().startswith(b"\xff\xd8")

    before = json.loads(at(home, "journal", "verify", "--json").stdout)
    assert (before["ok"], before["witnessed"]) == (True, True)
    rosa = ("rosa", "--name", "Rosa", "--role", "auditor", "--password-stdin")
    added = at(home, "staff", "add", *rosa, typed="a-long-winded-secret")
    assert added.returncode == 0, added.stderr
    assert at(home, "journal", "seal").returncode == 0
    after = json.loads(at(home, "journal", "verify", "--json").stdout)
    assert after["ok"], after
    assert after["entries"] == before["entries"] + 3
    assert look(
        home,
        "from django.db import connection\ncursor = connection.cursor()\n"
        "cursor.execute('SELECT max(epoch) FROM journal_epoch'); print(cursor.fetchone()[0])",
    ) == 2  # fmt: skip

    full = at(home, "restore", str(folder))
    assert full.returncode == 1
    assert "holds data already" in full.stderr


def test_a_folder_without_a_backup_is_refused(other_process: OtherProcess, tmp_path: Path) -> None:
    done = other_process("restore", str(tmp_path))
    assert done.returncode == 1
    assert "holds no backup" in done.stderr


def test_keys_may_be_kept_elsewhere(other_process: OtherProcess, tmp_path: Path) -> None:
    done = other_process("backup", str(tmp_path / "backup"), "--no-keys")
    assert done.returncode == 0, done.stderr
    assert "The keys are not in it." in done.stdout
    assert {one.name for one in (tmp_path / "backup").iterdir()} <= {
        "database.dump", "files", "journal-heads.txt",
    }  # fmt: skip
