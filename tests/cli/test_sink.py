"""The verb `sink`."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from calling_sink import TIKTOK
from click.testing import CliRunner
from ports import free_port

from container.cli.sink import command


class TestCommand:
    def test_help_explains_the_rules(self) -> None:
        found = CliRunner().invoke(command, ["--help"])
        assert found.exit_code == 0
        for word in ("hangup", "retry-after=2", "meta:429:20%", "/_calls", "/_faults"):
            assert word in found.output

    def test_a_wrong_rule_is_refused(self) -> None:
        found = CliRunner().invoke(command, ["--fault", "meta:often"])
        assert found.exit_code == 2
        assert "'often' is no effect" in found.output

    def test_it_runs_and_appends_to_the_file(self, tmp_path: Path) -> None:
        port = free_port()
        log = tmp_path / "calls.jsonl"
        log.write_text('{"kept": true}\n')
        arguments = ["sink", "--port", str(port), "--log", str(log), "--fault", "tiktok:code=40100"]
        with subprocess.Popen([sys.executable, "-m", "container.cli", *arguments], stderr=subprocess.PIPE) as process:
            try:
                answer = self._post(port, TIKTOK)
            finally:
                process.terminate()
                assert process.stderr is not None
                process.stderr.read()
        assert json.loads(answer)["code"] == 40100
        kept = [json.loads(line) for line in log.read_text().splitlines()]
        assert kept[0] == {"kept": True}
        assert (kept[1]["host"], kept[1]["body"]) == (TIKTOK, {"a": 1})

    def _post(self, port: int, host: str) -> bytes:
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/x", b'{"a":1}', {"x-tagport-host": host, "content-type": "application/json"}
        )
        for _ in range(200):
            try:
                with urllib.request.urlopen(request) as answer:
                    body: bytes = answer.read()
                    return body
            except OSError:
                time.sleep(0.05)
        raise AssertionError("the sink does not listen")
