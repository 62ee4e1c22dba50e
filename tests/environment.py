"""The environment of a test run, set before Django reads its settings.

Loaded by pytest's `-p tests.environment` (pyproject.toml): a conftest.py would come too late.
"""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src"
TEST_HOME = ROOT / "var" / "test"

for name in [*os.environ]:
    if name.startswith("CITYSTEWARD_") or name in {"DATABASE_URL", "DATABASE_OWNER_URL"}:
        del os.environ[name]
os.environ["CITYSTEWARD_HOME"] = str(TEST_HOME)
