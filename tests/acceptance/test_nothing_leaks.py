"""Planted secrets and customers are nowhere but at the vendor: not in store, log, records, failures, metrics or errors.

The real server with a vendor that throws everything it got back into its error's words.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from processes import ENVIRONMENT, ask, at_once, environment, hit, in_process, serve, until

from container.build import build, in_memory
from container.problems import Problems
from container.workspace import secrets

SECRETS = [value for value in ENVIRONMENT.values() if "-of-the-tests" in value]
PERSON = {
    "email_address": "planted.person@example.org",
    "phone_number": "+49 30 9876543",
    "address": {"first_name": "Plantine", "last_name": "Gepflanzt", "street": "Pflanzweg 7", "postal_code": "10115",
                "country": "DE"},
}  # fmt: skip
RAW = ("planted.person@example.org", "9876543", "Plantine", "Gepflanzt", "Pflanzweg")


class Echo(BaseHTTPRequestHandler):
    """Refuses every call, in words that hold the token and all that was sent."""

    got: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        told = f"{self.headers} {self.path} {body} {' '.join(RAW[:2])}"
        Echo.got.append(told)
        answer = json.dumps({"code": 40002, "error": {"code": 100, "message": told}, "message": told}).encode()
        self.send_response(400)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def echo() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    Echo.got.clear()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def leaks(told: str) -> list[str]:
    return [word for word in (*SECRETS, *RAW) if word in told]


def test_what_is_planted_is_found_at_the_vendor_alone(tmp_path: Path, echo: str) -> None:
    shop = tmp_path / "shop"
    assert in_process("init", shop).exit_code == 0
    at_once(shop)
    from_file = ENVIRONMENT["TIKTOK_ACCESS_TOKEN"]  # one secret by .env, the others by the environment
    (shop / ".env").write_text(f"TIKTOK_ACCESS_TOKEN={from_file}\n")
    known = {**ENVIRONMENT, "TIKTOK_ACCESS_TOKEN": None}
    serving = serve(shop, "--vendors", echo, env=environment(**known))
    try:
        event = {"event_name": "purchase", "transaction_id": "P-1", "value": 5, "currency": "EUR", "client_id": "1.2",
                 "page_location": "https://shop.example/", "user_data": PERSON,
                 "consent_state": {"ad_storage": True, "ad_user_data": True, "analytics_storage": True}}  # fmt: skip
        token = {"authorization": f"Bearer {ENVIRONMENT['EVENTS_TOKEN']}", "content-type": "application/json"}
        assert ask(serving.port, "/events", json.dumps(event).encode(), token)[0] in (200, 202, 204)
        assert ask(serving.port, "/events", b"{}", {**token, "authorization": "Bearer wrong"})[0] == 401
        bad = json.dumps({**event, "event_name": [RAW[0]]}).encode()
        assert ask(serving.port, "/events", bad, token)[0] == 400
        assert serving.get(hit("P-2"))[0] in (200, 204)
        until(lambda: len(serving.ask_admin("/api/failures")["failures"]) >= 4 or None)
        told = [json.dumps(serving.ask_admin("/api/failures")), json.dumps(serving.ask_admin("/api/records?most=50"))]
        records = serving.ask_admin("/api/records?most=50")["records"]
        told += [json.dumps(serving.ask_admin(f"/api/records/{record['id']}")) for record in records]
        told += [ask(serving.admin, path, None, {})[1] for path in ("/", "/metrics")]
        on_disk = [path for path in (shop / "data").iterdir() if path.is_file() and path.suffix != ".key"]
        told += [path.read_bytes().decode("latin-1") for path in on_disk]
    finally:
        code, log = serving.stop()
    assert code == 0
    told += [log, *(path.read_bytes().decode("latin-1") for path in on_disk if path.exists())]
    verbs = (("failures", shop), ("failures", shop, "--format", "json"), ("explain", "transaction_id=P-1", shop),
             ("check", shop), ("test", shop))  # fmt: skip
    for verb in verbs:
        done = in_process(*verb, env=known)
        told += [done.stdout, done.stderr]
    assert [found for text in told for found in leaks(text)] == []

    sent = " ".join(Echo.got)  # the test would find them: they are what was sent
    assert ENVIRONMENT["META_ACCESS_TOKEN"] in sent and from_file in sent
    assert "***" in told[0]  # the vendor's words were kept, without them
    with sqlite3.connect(shop / "data" / "tagport.db") as store:
        assert store.execute("SELECT count(*) FROM outbox").fetchone()[0] >= 4
    store.close()


def test_secrets_of_files_are_never_shown(tmp_path: Path) -> None:
    shop, files = tmp_path / "shop", tmp_path / "secrets"
    assert in_process("init", shop).exit_code == 0
    files.mkdir()
    (files / "META_ACCESS_TOKEN").write_text("planted-in-a-file\n")
    known = {name: value for name, value in ENVIRONMENT.items() if name != "META_ACCESS_TOKEN"}
    values = secrets.environment(shop, known, files)
    assert values["META_ACCESS_TOKEN"] == "planted-in-a-file"
    assert build(shop, Problems(), environ=values, ledger=in_memory) is not None
    (shop / "tags" / "meta_purchase.yaml").write_text(
        'template: meta_conversions_api\nparams: {pixel: 1, event_name: "{{ secret.META_ACCESS_TOKEN }}"}\n'
    )
    broken = Problems()
    assert build(shop, broken, environ=values, ledger=in_memory) is None
    assert broken.errors and "planted" not in " ".join(f"{problem.message} {problem.hint}" for problem in broken)
