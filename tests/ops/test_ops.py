"""The alarms and the board: they load, and speak of metrics that there are, with labels those have."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from container.admin.metrics import METRICS, Gauges, Metrics, Situation, text
from container.conversion import Conversion
from container.decision import DECISIONS, Decision, TagDecision
from container.event import Event, Request
from container.problems import Problems
from container.workspace import reader
from container.workspace.conform import plain


def alerts() -> Any:
    """The rules' file, read as strictly as a workspace."""
    problems = Problems()
    node = reader.read(OPS / "alerts.yaml", "alerts.yaml", problems)
    assert node is not None and not list(problems)
    return plain(node)


OPS = Path(__file__).parents[2] / "ops"
ALERTS = alerts()
BOARD = json.loads((OPS / "grafana.json").read_text())
NAME = re.compile(r"\btagport_[a-z_]+")
MATCHER = re.compile(r"(tagport_[a-z_]+)\{([^}]*)\}")
BY = re.compile(r"by \(([^)]*)\) \((?:\w+\()*(tagport_[a-z_]+)")
OUTCOMES = {"delivered", "accepted", "retry", "later", "refused", "stopped", "unknown", "expired"}


def rules() -> list[dict[str, Any]]:
    return [rule for group in ALERTS["groups"] for rule in group["rules"]]


def expressions() -> Iterator[str]:
    yield from (rule["expr"] for rule in rules())
    yield from (target["expr"] for panel in BOARD["panels"] for target in panel["targets"])


def labels() -> dict[str, set[str]]:
    """The labels each metric is told with."""
    metrics = Metrics()
    metrics.request("ga4", 204, 0.1)
    decision = Decision(Event("01J", {"event_name": "purchase"}, Request()), Conversion("c", "purchase", {}, copy=1))
    decision.add(TagDecision("meta", "invalid"))
    metrics.decided([decision])
    metrics.doubts["purchase", "reused"] += 1
    metrics.forwards["ga4", "answered"] += 1
    metrics.browser_keys["purchase"] += 1
    metrics.browser_keys_met["purchase"] += 1
    metrics.delivered("meta", "delivered", 200, 0.1)
    situation = Situation(True, 1, 1.0, {("meta", "refused"): 1}, ["a b"])
    told = text(metrics, Gauges({"container": "shop", "config": "x"}, lambda: situation)).decode()
    found: dict[str, set[str]] = {}
    for line in told.splitlines():
        if not line.startswith("#"):
            name, _, rest = line.partition("{")
            name = name.split(" ")[0]
            found.setdefault(name, set()).update(re.findall(r"(\w+)=", rest.partition("}")[0]) if rest else ())
    return found


@pytest.mark.parametrize("expression", sorted(set(expressions())))
def test_every_expression_names_metrics_and_labels_that_there_are(expression: str) -> None:
    known = labels()
    names = set(NAME.findall(expression))
    assert names and names <= known.keys(), names - known.keys()
    for name, matchers in MATCHER.findall(expression):
        for label, value in re.findall(r'(\w+)[!=~]+"([^"]*)"', matchers):
            assert label in known[name], f"{name} has no label {label}"
            if label in ("outcome", "decision"):
                words = OUTCOMES if label == "outcome" else set(DECISIONS)
                assert set(value.split("|")) <= words
    for named, name in BY.findall(expression):
        assert {label.strip() for label in named.split(",")} <= known[name], name
    assert expression.count("(") == expression.count(")")


def test_every_alarm_says_what_to_do() -> None:
    found = rules()
    assert len({rule["alert"] for rule in found}) == len(found) >= 10
    for rule in found:
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"]["summary"] and rule["annotations"]["description"]
        for label in re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]):
            assert re.search(rf"by \([^)]*\b{label}\b", rule["expr"]), f"{rule['alert']} has no label {label}"


def test_the_board_shows_every_metric() -> None:
    told = " ".join(target["expr"] for panel in BOARD["panels"] for target in panel["targets"])
    assert [name for name in METRICS if name not in told] == []


def test_the_panels_of_the_board_do_not_overlap() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in BOARD["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken and at["x"] + at["w"] <= 24
        taken |= cells
    assert len({panel["id"] for panel in BOARD["panels"]}) == len(BOARD["panels"])


def test_the_page_on_operating_names_both() -> None:
    page = (OPS.parent / "docs" / "operating.md").read_text()
    assert "ops/alerts.yaml" in page and "ops/grafana.json" in page
