from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ports import free_port
from processes import ENVIRONMENT, Serving, ask, at_once, environment, hit, in_process, serve, tagport, until

BROWSER = {
    "user-agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/142.0 Safari/537.36",
    "x-forwarded-for": "198.51.100.7",  # by a proxy on this machine: Meta wants to know somebody by something
}
ORDER = {
    "id": 5500000001001,
    "order_number": 1001,
    "name": "#1001",
    "currency": "EUR",
    "total_price": "39.80",
    "email": "jane.doe@example.com",
    "line_items": [{"id": 1, "sku": "MUG-1", "title": "Mug", "quantity": 2, "price": "19.90"}],
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("workspace") / "shop"
    assert in_process("init", folder).exit_code == 0
    return at_once(folder)


@pytest.fixture
def start(shop: Path) -> Iterator[Callable[..., Serving]]:
    running: list[Serving] = []

    def begin(*args: str) -> Serving:
        running.append(serve(shop, *args))
        return running[-1]

    yield begin
    for one in running:
        if one.process.poll() is None:
            one.kill()


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A vendor double: its URL and its log."""
    port = free_port()
    log = tmp_path / "calls.jsonl"
    command = [sys.executable, "-m", "container.cli", "sink", "--port", str(port), "--log", str(log)]
    process = subprocess.Popen(command, env=environment(), stderr=subprocess.DEVNULL)
    until(lambda: log.exists() and _answers(port))
    yield f"http://127.0.0.1:{port}", log
    process.terminate()
    process.wait(10)


def _answers(port: int) -> bool:
    try:
        ask(port, "/_calls", None, {})
    except OSError:
        return False
    return True


def received(log: Path) -> Counter[str]:
    """Calls by the vendor's host."""
    return Counter(json.loads(line)["host"] for line in log.read_text().splitlines())


VENDORS = {"graph.facebook.com": 1, "business-api.tiktok.com": 1, "www.google-analytics.com": 1}


def test_it_says_where_it_listens_and_stops_with_sigterm(start: Callable[..., Serving]) -> None:
    serving = start("--ephemeral", "--vendors", "http://127.0.0.1:9")
    assert serving.welcome == (
        f"tagport: container shop listens on http://127.0.0.1:{serving.port}, "
        f"admin on http://127.0.0.1:{serving.admin}; vendor calls go to http://127.0.0.1:9"
    )
    assert serving.get("/healthz") == (200, "ok\n")
    assert serving.get("/readyz") == (200, "ok\n")
    assert serving.get("/nowhere")[0] == 404
    code, log = serving.stop()
    assert code == 0
    assert log.count("\n") == 2, log
    assert "Traceback" not in log


def test_every_vendor_gets_an_order_once_and_a_record_says_why(
    start: Callable[..., Serving], sink: tuple[str, Path]
) -> None:
    url, log = sink
    serving = start("--ephemeral", "--vendors", url)
    for _ in range(2):
        assert serving.get(hit("1001"), **BROWSER)[0] in (200, 204)
        assert serving.webhook(ORDER) == 200
    until(lambda: received(log) == VENDORS)
    records = serving.ask_admin("/api/records?most=10")["records"]
    assert len(records) == 4
    id = records[-1]["id"]
    until(lambda: _outcomes(serving, id)["meta_purchase"] == ["delivered"])  # written after the vendor has answered
    until(lambda: _outcomes(serving, id)["ga4_purchase"] == ["accepted"])
    until(lambda: _outcomes(serving, id)["tiktok_purchase"] == ["delivered"])
    assert _outcomes(serving, id)["meta_lead"] == []
    metrics = ask(serving.admin, "/metrics", None, {})[1]
    assert 'tagport_decisions_total{decision="fired",tag="tiktok_purchase"} 1.0' in metrics
    assert 'tagport_deliveries_total{outcome="delivered",status="200",tag="meta_purchase"} 1.0' in metrics
    assert serving.stop()[0] == 0
    assert received(log) == VENDORS


def test_after_kill_9_what_was_answered_is_delivered_once(
    shop: Path, start: Callable[..., Serving], sink: tuple[str, Path]
) -> None:
    url, log = sink
    serving = start("--vendors", "http://127.0.0.1:9")  # nobody there: calls wait
    for number in range(5):
        assert serving.get(hit(f"20{number}"), **BROWSER)[0] in (200, 204)
    serving.kill()
    again = start("--vendors", url)
    for number in range(5):
        assert again.get(hit(f"20{number}"), **BROWSER)[0] in (200, 204)
    until(lambda: b"tagport_outbox_rows 0.0" in _metrics(again))
    assert again.stop()[0] == 0
    listed = json.loads(in_process("failures", shop, "--format", "json").stdout)["failures"]
    in_flight = {(row["target"].split()[0], row["transaction_id"]): 1 for row in listed if row["outcome"] == "unknown"}
    assert len(listed) == len(in_flight)  # only what was under way at that moment, and nothing else
    assert _orders(log) + Counter(in_flight) == {(host, f"20{number}"): 1 for host in VENDORS for number in range(5)}


def _outcomes(serving: Serving, id: str) -> dict[str, list[str]]:
    found = serving.ask_admin(f"/api/records/{id}")["tags"]
    return {tag["tag"]: [one["outcome"] for one in tag["deliveries"]] for tag in found}


def _metrics(serving: Serving) -> bytes:
    return ask(serving.admin, "/metrics", None, {})[1].encode()


def _orders(log: Path) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for line in log.read_text().splitlines():
        call = json.loads(line)
        for event in call["body"].get("data") or call["body"]["events"]:
            named = event.get("custom_data") or event.get("properties") or event["params"]
            found[call["host"], named.get("order_id") or named["transaction_id"]] += 1
    return found


def test_no_secret_and_no_visitor_is_in_store_log_or_metrics(
    shop: Path, start: Callable[..., Serving]
) -> None:
    serving = start("--vendors", "http://127.0.0.1:9")
    assert serving.webhook({**ORDER, "id": 5500000003001, "order_number": 3001, "name": "#3001"}) == 200
    assert serving.get(hit("3001"), **BROWSER)[0] in (200, 204)
    assert serving.get("/g/collect?v=1&em=jane.doe%40example.com")[0] == 400
    told = _metrics(serving)
    on_disk = [path for path in (shop / "data").iterdir() if path.is_file() and path.suffix != ".key"]
    assert {path.name for path in on_disk} >= {"tagport.db", "tagport.db-wal"}
    told += b"".join(path.read_bytes() for path in on_disk)
    code, log = serving.stop()
    told += log.encode() + b"".join(path.read_bytes() for path in on_disk if path.exists())
    assert code == 0
    for secret in ENVIRONMENT.values():
        if "-of-the-tests" in secret:
            assert secret.encode() not in told
    assert b"jane.doe" not in told
    with sqlite3.connect(shop / "data" / "tagport.db") as store:
        assert store.execute("SELECT count(*) FROM outbox").fetchone()[0] > 0
    store.close()


def test_a_port_that_is_taken_is_told(shop: Path, start: Callable[..., Serving]) -> None:
    serving = start("--ephemeral")
    done = tagport("serve", shop, "--ephemeral", "--host", "127.0.0.1", "--port", str(serving.port))
    assert done.returncode == 2
    assert done.stderr.startswith(f"tagport: cannot listen on 127.0.0.1:{serving.port}: Address already in use")
    assert done.stdout == ""


def test_a_folder_beside_the_store_that_cannot_be_made_is_told(shop: Path, tmp_path: Path) -> None:
    own = Path(shutil.copytree(shop, tmp_path / "shop", ignore=shutil.ignore_patterns("data")))
    (own / "data").mkdir()
    (own / "data" / "tagport.db.owners").touch()
    done = tagport("serve", own, "--host", "127.0.0.1", "--port", "0", "--admin-port", "0")
    assert done.returncode == 2
    assert "tagport: nothing can be written beside the store: File exists: " in done.stderr
    assert "Traceback" not in done.stderr


def test_every_missing_secret_is_told(shop: Path) -> None:
    done = tagport("serve", shop, env=environment(META_ACCESS_TOKEN=None, EVENTS_TOKEN=None))
    assert done.returncode == 2
    assert "META_ACCESS_TOKEN" in done.stderr
    assert "EVENTS_TOKEN" in done.stderr
    assert done.stdout == ""


def test_ephemeral_writes_nothing(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    in_process("init", shop)
    serving = serve(shop, "--ephemeral", "--vendors", "http://127.0.0.1:9")
    assert serving.get(hit("1"), **BROWSER)[0] in (200, 204)
    assert serving.stop()[0] == 0
    assert not (shop / "data").exists()


def test_a_key_that_is_missing_is_refused(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    in_process("init", shop)
    assert serve(shop).stop()[0] == 0
    (shop / "data" / "tagport.key").unlink()
    done = tagport("serve", shop, "--port", "0", "--admin-port", "0")
    assert done.returncode == 2
    assert "the key file" in done.stderr
    assert "is missing" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("option", "value", "reason"),
    [
        ("--port", "65536", "not in the range"),
        ("--admin-port", "-1", "not in the range"),
        ("--vendors", "ftp://127.0.0.1", "is no URL"),
        ("--vendors", "127.0.0.1:9000", "is no URL"),
    ],
)
def test_options_that_cannot_be_are_told(shop: Path, option: str, value: str, reason: str) -> None:
    done = in_process("serve", shop, option, value)
    assert done.exit_code == 2
    assert reason in done.stderr


LATER = ("aiohttp", "httpx", "starlette.applications", "rich", "maxminddb")


def imported(script: str, names: tuple[str, ...]) -> list[str]:
    """Which of these modules a Python has imported after this script."""
    look = f"import sys\n{script}\nprint(*(name for name in {names!r} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True, env=environment())
    return done.stdout.split()


def test_what_only_delivery_and_the_admin_port_need_is_not_imported_before_it_listens() -> None:
    assert imported("import container.build, container.cli.serving", LATER) == []


def test_delivery_brings_no_library_for_http() -> None:
    assert imported("import container.delivery", ("aiohttp", "httpx", "yarl", "attr", "rich")) == []


def test_proxies_that_are_none_are_told(shop: Path) -> None:
    done = tagport("serve", shop, "--forwarded-ips", "proxy.example")
    assert done.returncode == 2
    assert "--forwarded-ips: 'proxy.example'" in done.stderr


def test_the_visitor_s_address_comes_from_a_proxy_on_this_machine(start: Callable[..., Serving]) -> None:
    serving = start("--ephemeral", "--vendors", "http://127.0.0.1:9")
    headers = {**BROWSER, "x-forwarded-for": "203.0.113.77"}
    assert serving.get(hit("4001"), **headers)[0] in (200, 204)
    record = serving.ask_admin("/api/records?most=1")["records"][0]
    assert record["event"]["data"]["ip_override"].startswith("2")
    serving.stop()
