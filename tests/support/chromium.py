"""A real Chromium, and a shop's pages for it to open."""

from __future__ import annotations

import contextlib
import json
import shutil
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from playwright.sync_api import Browser, sync_playwright

OPTIONS = [
    "--no-sandbox",  # it runs as root in containers
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """The system's own browser. `scripts/test` installs it."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert path, "no Chromium on the PATH: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=OPTIONS)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Pages:
    """A shop's web server. `files`: path → (content type, text); `posted`: what was posted to it."""

    port: int
    files: dict[str, tuple[str, str]] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    posted: list[tuple[str, Any]] = field(default_factory=list)

    def add(self, path: str, html: str, **scripts: str) -> str:
        """A page and its scripts (`name="…"` at /name.js); the page's URL. None of its code is inline."""
        self.files[path] = ("text/html; charset=utf-8", f"<!doctype html><title>Shop</title>{html}")
        for name, text in scripts.items():
            self.files[f"/{name}.js"] = ("text/javascript", text)
        return f"http://localhost:{self.port}{path}"


@contextlib.contextmanager
def shop_pages(headers: Mapping[str, str]) -> Iterator[Pages]:
    """The web server, running; every answer has these headers."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, text = pages.files.get(self.path.partition("?")[0], ("text/plain", ""))
            self.send_response(200 if text else 404)
            for name, value in {**pages.headers, "content-type": kind}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text.encode())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            pages.posted.append((self.path, json.loads(body)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    pages = Pages(server.server_address[1], headers=dict(headers))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield pages
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
