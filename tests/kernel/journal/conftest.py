import pytest

from citysteward.kernel.journal import registry
from tests.kernel.journal.verbs import NOTED


@pytest.fixture(autouse=True)
def own_verb(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' verb is in the catalogue while they run, and not in the product's."""
    monkeypatch.setitem(registry._verbs, (NOTED.name, NOTED.version), NOTED)
