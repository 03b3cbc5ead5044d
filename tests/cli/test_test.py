"""`tagport test`: what it runs, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

Tagport = Callable[..., Result]
TEMPLATE = """\
title: Own
target: own
consent: []
request: {{url: "https://own.example.com/in", json: {{amount: "{{{{ event.value }}}}"}}}}
response: {{delivered: "{{{{ status == 200 }}}}"}}
tests:
  - {{name: the value is sent, event: {{event_name: a, value: 5}}, sends: {{json: {{amount: {amount}}}}}}}
"""


def test_failures_are_told_to_people(tagport: Tagport, shop: Path) -> None:
    (shop / "tests" / "routes").mkdir(parents=True)
    (shop / "tests" / "routes" / "case.yaml").write_text("name: no\nrequests: [{get: /x}]\nexpect: {}\n")
    result = tagport("test", shop)
    assert result.exit_code == 1
    assert "FAILED tests/routes/case.yaml: no" in result.output
    assert "1 failed" in result.output


def test_a_workspace_with_errors_cannot_be_tested(tagport: Tagport, shop: Path) -> None:
    (shop / "triggers" / "lead.yaml").write_text("evnt: x\n")
    assert tagport("test", shop).exit_code == 2


def test_the_templates_tests_are_run_too(tagport: Tagport, shop: Path) -> None:
    (shop / "templates").mkdir()
    for name, amount in (("right", 5), ("wrong", 6)):
        (shop / "templates" / f"{name}.yaml").write_text(TEMPLATE.format(amount=amount))
    result = tagport("test", shop, "--format", "json")
    assert result.exit_code == 1, result.output
    rows = json.loads(result.stdout)["tests"]
    mine = {row["file"]: row["passed"] for row in rows if row["file"].startswith("templates/")}
    assert mine == {"templates/right.yaml": True, "templates/wrong.yaml": False}
    assert all(row["passed"] for row in rows if row["file"].startswith("gallery/"))
