"""`upstream:` with two real containers: the old one answers, both have the event, and its end hurts nobody."""

from __future__ import annotations

from pathlib import Path

from live import BROWSER
from processes import ask, hit, serve, tagport


def test_two_containers_in_a_row(tmp_path: Path) -> None:
    for name in ("old", "new"):
        assert tagport("init", tmp_path / name, "--from", "ga4").returncode == 0
    old = serve(tmp_path / "old", "--vendors", "http://127.0.0.1:9")
    config = tmp_path / "new" / "container.yaml"
    clients = f"{{kind: ga4, name: GA4, upstream: http://127.0.0.1:{old.port}}}"
    config.write_text(config.read_text().replace("{kind: ga4, name: GA4}", clients))
    new = serve(tmp_path / "new", "--vendors", "http://127.0.0.1:9")
    try:
        status, body = ask(new.port, f"{hit('1001')}&richsstsse", None, BROWSER)
        assert (status, "event: message" in body) == (200, True)
        (record,) = old.ask_admin("/api/records?most=9")["records"]
        assert record["event"]["name"] == "purchase"
        assert new.ask_admin("/api/records?most=9")["records"][0]["event"]["name"] == "purchase"
        assert 'tagport_forwarded_total{client="ga4",outcome="answered"} 1.0' in ask(new.admin, "/metrics", None, {})[1]
        old.kill()
        assert ask(new.port, hit("1002"), None, BROWSER)[0] == 204
        assert len(new.ask_admin("/api/records?most=9")["records"]) == 2
        code, errors = new.stop()
        assert (code, "Traceback" in errors, "does not answer" in errors) == (0, False, True)
    finally:
        for process in (old.process, new.process):
            if process.poll() is None:
                process.kill()
            process.communicate()
