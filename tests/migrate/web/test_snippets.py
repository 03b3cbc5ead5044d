"""What the page is told to do, and what it sends already."""

from __future__ import annotations

import json
from typing import Any

from container.migrate.export import parse
from container.migrate.job import Job
from container.migrate.web.snippets import parameters, sent_as, snippets


def text(key: str, value: str) -> dict[str, str]:
    return {"type": "TEMPLATE", "key": key, "value": value}


def table(key: str, name: str, value: str, **rows: str) -> dict[str, Any]:
    maps = [{"type": "MAP", "map": [text(name, one), text(value, two)]} for one, two in rows.items()]
    return {"type": "LIST", "key": key, "list": maps}


SETTINGS = {
    "variableId": "2",
    "name": "Settings",
    "type": "gtes",
    "parameter": [table("eventSettingsTable", "parameter", "parameterValue", language="{{Language}}", page="a {{B}}")],
}
EVENT = {
    "tagId": "1",
    "name": "GA4 order",
    "type": "gaawe",
    "parameter": [
        text("eventName", "purchase"),
        text("eventSettingsVariable", "{{Settings}}"),
        table("eventSettingsTable", "parameter", "parameterValue", order="{{Order}}", fixed="5"),
        table("eventParameters", "name", "value", old="{{Old}}"),
    ],
}


def job() -> Job:
    version = {"container": {"usageContext": ["WEB"]}, "tag": [EVENT], "variable": [SETTINGS]}
    return Job(parse(json.dumps({"containerVersion": version}).encode()))


def test_parameters_of_an_event_and_of_its_settings() -> None:
    (tag,) = job().export.of("tag")
    assert parameters(job(), dict(tag.params.all())) == {
        "language": "{{Language}}",
        "page": "a {{B}}",
        "order": "{{Order}}",
        "fixed": "5",
        "old": "{{Old}}",
    }


def test_a_variable_is_known_by_the_parameter_that_carries_it_alone() -> None:
    assert sent_as(job()) == {"Language": "language", "Order": "order", "Old": "old"}


def test_the_page() -> None:
    page = snippets(job(), {"Click": "click_pdf"})
    assert "server_container_url" in page
    assert "- `purchase`: `language`, `page`, `order`, `fixed`, `old`" in page
    assert "- trigger Click: `gtag('event', \"click_pdf\")`" in page
