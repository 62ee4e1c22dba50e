import json

import pytest

from tests.databases import FreshDatabase, OtherProcess


@pytest.mark.usefixtures("fresh_database")
def test_an_empty_installation_holds_nothing(other_process: OtherProcess) -> None:
    said = json.loads(other_process("summary", "--json").stdout)
    assert said["cities"] == []
    assert said["seal"] is None
    assert {state["dataset"]: state["rows"] for state in said["lake"]} == {
        "case_facts": 0,
        "journal": 0,
    }


def test_a_loaded_pack_is_counted(
    fresh_database: FreshDatabase, other_process: OtherProcess
) -> None:
    assert other_process("load", "boston").returncode == 0
    said = json.loads(other_process("summary", "--json").stdout)
    assert said["cities"] == [
        {"city": "boston", "name": "Boston", "cases": 0, "open": 0, "contracts": 1, "frozen": 0}
    ]
    again = json.loads(other_process("load", "boston", "--json").stdout)["sections"]
    assert all(part["created"] == part["changed"] == 0 for part in again.values())
