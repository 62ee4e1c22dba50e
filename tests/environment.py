"""The environment of a test run, set before Django reads its settings.

Loaded by pytest's `-p tests.environment` (pyproject.toml): a conftest.py would come too late.
"""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src"
# A server for each process of a parallel run: an open transaction of one must not hold back what
# another seals.
TEST_HOME = ROOT / "var" / f"test{os.environ.get('PYTEST_XDIST_WORKER', '').replace('gw', '-')}"

for name in [*os.environ]:
    if name.startswith("CITYSTEWARD_") or name in {"DATABASE_URL", "DATABASE_OWNER_URL"}:
        del os.environ[name]
os.environ["CITYSTEWARD_HOME"] = str(TEST_HOME)
