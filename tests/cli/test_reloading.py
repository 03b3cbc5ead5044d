"""Files that change under a running container, with real processes and traffic meanwhile."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from ports import free_port
from processes import Serving, ask, at_once, environment, hit, in_process, serve, until

from container.build import in_memory
from container.cli.reloading import Workspace
from container.errors import StoreUnusable

BROWSER = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/142.0", "x-forwarded-for": "198.51.100.7"}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    assert in_process("init", folder).exit_code == 0
    (folder / ".env").write_text("META_PIXEL_ID=111\n")
    return at_once(folder)


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """A vendor double: its port and its log."""
    port, log = free_port(), tmp_path / "calls.jsonl"
    command = [sys.executable, "-m", "container.cli", "sink", "--port", str(port), "--log", str(log)]
    process = subprocess.Popen(command, env=environment(), stderr=subprocess.DEVNULL)
    until(lambda: log.exists() and _answers(port))
    yield port, log
    process.terminate()
    process.wait(10)


def _answers(port: int) -> bool:
    try:
        return ask(port, "/_calls", None, {})[0] == 200
    except OSError:
        return False


@pytest.fixture
def serving(shop: Path, sink: tuple[int, Path]) -> Iterator[Serving]:
    found = serve(shop, "--vendors", f"http://127.0.0.1:{sink[0]}", env=environment(META_PIXEL_ID=None))
    yield found
    if found.process.poll() is None:
        found.kill()


def metric(serving: Serving, name: str) -> str:
    lines = ask(serving.admin, "/metrics", None, {})[1].splitlines()
    return next(line for line in lines if line.startswith(name))


def meta(log: Path) -> Counter[str]:
    """Orders by the pixel they went to."""
    calls = [json.loads(line) for line in log.read_text().splitlines() if "graph.facebook.com" in line]
    return Counter(
        f"{call['path'].split('/')[2]} {event['custom_data']['order_id']}"
        for call in calls
        for event in call["body"]["data"]
    )


class Traffic:
    """Page views without a pause, and every status that answered them."""

    def __init__(self, serving: Serving) -> None:
        self.statuses: Counter[int] = Counter()
        self._serving = serving
        self._on = True
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while self._on:
            self.statuses[self._serving.get(hit("", "scroll"), **BROWSER)[0]] += 1

    def __enter__(self) -> Traffic:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._on = False
        self._thread.join()


def test_a_change_counts_while_traffic_flows_and_nothing_is_sent_twice(
    shop: Path, sink: tuple[int, Path], serving: Serving
) -> None:
    before = metric(serving, "tagport_info")
    with Traffic(serving) as traffic:
        assert serving.get(hit("1"), **BROWSER)[0] == 204
        until(lambda: meta(sink[1]) == {"111 1": 1})
        tag = shop / "tags" / "meta_purchase.yaml"
        tag.write_text(tag.read_text() + "mode: paused\n")
        until(lambda: metric(serving, "tagport_info") != before)
        assert serving.get(hit("2"), **BROWSER)[0] == 204
        record = serving.ask_admin("/api/records?most=50")["records"]
        decided = next(one for one in record if one["event"]["data"].get("transaction_id") == "2")["tags"]
        assert [row["decision"] for row in decided if row["tag"] == "meta_purchase"] == ["paused"]
        tag.write_text(tag.read_text().replace("mode: paused\n", ""))
        (shop / ".env").write_text("META_PIXEL_ID=222\n")
        until(lambda: metric(serving, "tagport_info") == before)
        assert serving.get(hit("3"), **BROWSER)[0] == 204
        assert serving.get(hit("1"), **BROWSER)[0] == 204  # once more: it is known
        until(lambda: meta(sink[1]) == {"111 1": 1, "222 3": 1})
    assert set(traffic.statuses) == {204}
    code, log = serving.stop()
    assert (code, log.count("the changed workspace counts: configuration ")) == (0, 2)


def test_a_mistake_leaves_what_was_before_and_is_told(shop: Path, sink: tuple[int, Path], serving: Serving) -> None:
    trigger = shop / "triggers" / "purchase.yaml"
    right = trigger.read_text()
    assert metric(serving, "tagport_configuration_stale") == "tagport_configuration_stale 0.0"
    trigger.write_text("evnt: purchase\n")
    until(lambda: metric(serving, "tagport_configuration_stale") == "tagport_configuration_stale 1.0")
    assert "the configuration of before goes on" in ask(serving.admin, "/", None, {})[1]
    assert serving.get(hit("1"), **BROWSER)[0] == 204
    until(lambda: meta(sink[1]) == {"111 1": 1})
    trigger.write_text(right)
    until(lambda: metric(serving, "tagport_configuration_stale") == "tagport_configuration_stale 0.0")
    code, log = serving.stop()
    assert code == 0
    assert "--> triggers/purchase.yaml:1:1" in log and "did you mean `event`?" in log
    assert "the changed workspace has errors: the configuration " in log


def test_a_renewed_token_lets_a_stopped_account_go_on(shop: Path, sink: tuple[int, Path], serving: Serving) -> None:
    port, log = sink
    ask(port, "/_faults", b'{"faults": ["meta:401"]}', {"content-type": "application/json"})
    assert serving.get(hit("1"), **BROWSER)[0] == 204
    until(lambda: serving.ask_admin("/api/stopped")["stopped"])
    ask(port, "/_faults", b'{"faults": []}', {"content-type": "application/json"})
    tried = meta(log)["111 1"]
    (shop / ".env").write_text("META_PIXEL_ID=111\nSOMETHING=new\n")
    until(lambda: not serving.ask_admin("/api/failures")["failures"])
    assert meta(log)["111 1"] == tried + 1
    assert serving.stop()[0] == 0


def test_another_store_counts_from_the_next_start_on(shop: Path) -> None:
    workspace = Workspace(shop, None, in_memory)
    first = workspace.ledger(shop / "data" / "a.db")
    assert workspace.ledger(shop / "data" / "a.db") is first
    with pytest.raises(StoreUnusable, match="from the next start on"):
        workspace.ledger(shop / "data" / "b.db")


def test_what_is_still_being_written_is_waited_for(shop: Path) -> None:
    workspace = Workspace(shop, None, in_memory)
    assert [workspace.changed(), workspace.changed()] == [False, False]
    (shop / "triggers" / "new.yaml").write_text("event: a")
    assert not workspace.changed()
    (shop / "triggers" / "new.yaml").write_text("event: [a, b]")
    assert not workspace.changed()
    assert workspace.changed()
    assert not workspace.changed()
