"""The how-to's own commands, run as they stand in a shell."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from citysteward.kernel.cases import queries as cases
from tests import city
from tests.databases import FreshDatabase

HOW_TO = Path(__file__).parents[2] / "docs/how-to/open311.md"
BETWEEN = "\x1e"
COMMAND = re.compile(r"^(?=curl|citysteward|NUMBER|KEY)", re.MULTILINE)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_examples_do_what_they_say(
    live_server: LiveServer, boston: FreshDatabase, tmp_path: Path
) -> None:
    (tmp_path / "lamp.jpg").write_bytes(city.photo())
    blocks = re.findall(r"```sh\n(.*?)```", HOW_TO.read_text(), re.DOTALL)
    assert len(blocks) == 7
    script = COMMAND.sub(f"printf '{BETWEEN}'\n", "\n".join(blocks))
    command = f'citysteward() {{ "{sys.executable}" -m citysteward "$@"; }}\nset -eu\n'
    done = subprocess.run(
        ["bash", "-c", command + script.replace("http://127.0.0.1:8000", live_server.url)],
        env=boston.environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = done.stdout.split(BETWEEN)[1:]
    discovery, english, chinese, definition, _key, listed, sent, _number, *rest = said
    one, several, paged, long_ago, token, refused = rest
    assert "<discovery>" in discovery
    names = [{row["service_name"] for row in json.loads(text)} for text in (english, chinese)]
    assert names[0].isdisjoint(names[1])
    assert json.loads(definition)["attributes"] == []
    assert "Street App" in listed
    number = json.loads(sent)[0]["service_request_id"]
    first = cases.case_by_number(number)
    assert first is not None
    assert first.description == "The lamp before the town hall is dark."
    (followed,) = json.loads(several)
    second = cases.case_by_number(followed["service_request_id"])
    assert second is not None
    assert len(cases.attachments_of(second)) == 1
    assert f"<service_request_id>{second.number}</service_request_id>" in one
    assert [row["service_request_id"] for row in json.loads(paged)] == [second.number]
    assert json.loads(long_ago) == []
    assert json.loads(token)[0]["token"] == second.number
    assert "<code>403</code>" in refused
