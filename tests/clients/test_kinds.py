"""`clients:` from YAML: what each kind takes, and what it says where something is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from container.clients import KINDS, Client
from container.clients.data_tag import DataTagClient
from container.clients.ga4 import GA4Client
from container.clients.ga4.fpid import ServerClientId
from container.clients.json import JSONClient
from container.clients.measurement_protocol import MeasurementProtocolClient
from container.clients.snowplow import SnowplowClient
from container.clients.universal_analytics import UniversalAnalyticsClient
from container.language.expression import Context
from container.problems import Problem, Problems
from container.workspace.conform import conform
from container.workspace.editors import editor_schema
from container.workspace.reader import read_text

ENVIRONMENT = {"SECRET": "s3cret", "OLD": "old", "EMPTY": "", "PREFIX": "/hooks"}


def compiled(yaml: str) -> tuple[Any, list[Problem]]:
    problems = Problems()
    node = read_text(yaml, "container.yaml", problems)
    assert node is not None
    kind = KINDS[yaml.partition("kind: ")[2].split()[0].strip(",}")]
    values = conform(node, kind.schema, problems)
    client = kind.compile("shop", values, Context(problems, environment=ENVIRONMENT))
    return client, list(problems)


def fine(yaml: str) -> Any:
    client, problems = compiled(yaml)
    assert problems == []
    return client


def codes(yaml: str) -> list[str]:
    return [problem.code for problem in compiled(yaml)[1]]


def test_every_kind_has_help_and_says_what_it_takes() -> None:
    assert {"ga4", "measurement_protocol", "json", "webhook", "shopify", "woocommerce", "stripe"} <= set(KINDS)
    for name, kind in KINDS.items():
        assert kind.help
        assert kind.schema["properties"]["kind"]["const"] == name
        assert {"name", "source", "consent", "path"} <= set(kind.schema["properties"])
        assert all("description" in option for option in kind.schema["properties"].values())


def test_ga4() -> None:
    client = fine("kind: ga4\nname: GA4\n")
    assert client == GA4Client(id="shop", name="GA4", source="browser")
    assert (client.kind, client.cors) == ("ga4", True)
    assert fine("kind: ga4\npath: /collect\n").claims("GET", "/collect")


def test_ga4_with_the_servers_client_id() -> None:
    client = fine("kind: ga4\ncookie_management: server\nmigrate_from_js_client_id: true\ncookie_max_age: 86400\n")
    assert client.client_ids == ServerClientId("FPID", 86400, True)
    assert fine("kind: ga4\ncookie_management: js\n").client_ids is None


def test_the_id_is_the_name_where_none_is_written() -> None:
    assert fine("kind: ga4\n").name == "shop"


def test_json() -> None:
    client = fine('kind: json\npath: "{{ env.PREFIX }}/events"\ntoken: "{{ secret.SECRET }}"\nsource: browser\n')
    assert client == JSONClient(id="shop", name="shop", source="browser", path="/hooks/events", token="s3cret")
    assert (client.kind, client.cors) == ("json", False)
    opened = fine("kind: json\npath: /events\nopen: true\nconsent: {ad_storage: granted, ad_user_data: denied}\n")
    assert opened.open
    assert opened.cors
    assert opened.default_consent == {"ad_storage": "granted", "ad_user_data": "denied"}


def test_measurement_protocol() -> None:
    client = fine('kind: measurement_protocol\napi_secret: ["{{ secret.SECRET }}", "{{ secret.OLD }}"]\n')
    assert client == MeasurementProtocolClient(id="shop", name="shop", source="server", secrets=("s3cret", "old"))
    assert client.claims("POST", "/mp/collect")
    assert fine("kind: measurement_protocol\nopen: true\npath: /mp\n").claims("POST", "/mp")


def test_data_tag() -> None:
    assert fine("kind: data_tag\n") == DataTagClient(id="shop", name="shop", source="browser")
    client = fine("kind: data_tag\npath: [/a, /b]\nresponse_status_code: 302\nredirect_to: https://shop.de/\n")
    assert (client.paths, client.status, client.redirect_to) == (("/data", "/a", "/b"), 302, "https://shop.de/")
    assert fine("kind: data_tag\npath: /a\nprolong_cookies: false\n").prolongs is False


def test_universal_analytics() -> None:
    assert fine("kind: universal_analytics\n") == UniversalAnalyticsClient(id="shop", name="shop", source="browser")
    assert fine("kind: universal_analytics\npath: /ua\n").claims("GET", "/ua")


def test_snowplow() -> None:
    assert fine("kind: snowplow\n") == SnowplowClient(id="shop", name="shop", source="browser")
    assert fine("kind: snowplow\npath: /com.example/track\n").claims("POST", "/com.example/track")


def test_clients_are_clients() -> None:
    clients: list[Client] = [
        fine("kind: ga4\n"),
        fine("kind: webhook\npath: /w\nsignature: {scheme: none}\nmap: {event_name: x}\n"),
        fine("kind: json\npath: /e\nopen: true\n"),
    ]
    assert [client.kind for client in clients] == ["ga4", "webhook", "json"]


def test_what_editors_read_stays_small() -> None:
    assert all(len(str(editor_schema(kind.schema))) < 20_000 for kind in KINDS.values())


@pytest.mark.parametrize(
    ("yaml", "expected"),
    [
        ("kind: json\npath: /e\n", ["missing-key"]),
        ("kind: json\npath: /e\nopen: false\n", ["missing-key"]),
        ("kind: json\npath: /e\nopen: true\ntoken: x\n", ["not-allowed"]),
        ("kind: json\nopen: true\n", ["missing-key"]),
        ("kind: json\npath: events\nopen: true\n", ["bad-path"]),
        ("kind: json\npath: /e?x=1\nopen: true\n", ["bad-path"]),
        ("kind: json\npath: [/e]\nopen: true\n", ["missing-value"]),
        ('kind: json\npath: /e\ntoken: "{{ env.EMPTY }}"\n', ["missing-environment"]),
        ('kind: json\npath: /e\ntoken: ""\n', ["missing-value"]),
        ('kind: json\npath: /e\ntoken: "{{ event.token }}"\n', ["not-constant"]),
        ("kind: ga4\nconsent: from_browser\n", ["not-allowed"]),
        ("kind: ga4\ncookie_name: FPID\n", ["not-allowed"]),
        ("kind: ga4\ncookie_management: js\nmigrate_from_js_client_id: true\ncookie_max_age: 5\n", ["not-allowed"] * 2),
        ("kind: ga4\ncookie_management: server\ncookie_name: a b\n", ["not-allowed"]),
        ("kind: data_tag\npath: [/a, b]\n", ["bad-path"]),
        ("kind: data_tag\nresponse_status_code: 500\n", ["not-allowed"]),
        ("kind: measurement_protocol\n", ["missing-key"]),
        ("kind: measurement_protocol\nopen: true\napi_secret: x\n", ["not-allowed"]),
        ("kind: measurement_protocol\napi_secret: []\n", ["missing-value"]),
        ("kind: measurement_protocol\napi_secret: x\npath: mp\n", ["bad-path"]),
        ("kind: ga4\nconsent: maybe\n", ["not-allowed"]),
        ("kind: ga4\nconsent: {ad_store: granted}\n", ["unknown-key"]),
        ("kind: ga4\nsource: phone\n", ["not-allowed"]),
        ("kind: ga4\ntoken: x\n", ["unknown-key"]),
    ],
)
def test_problems(yaml: str, expected: list[str]) -> None:
    assert codes(yaml) == expected


def test_a_secret_nobody_knows_is_named() -> None:
    _, problems = compiled('kind: json\npath: /e\ntoken: "{{ secret.EVENTS_TOKEN }}"\n')
    assert len(problems) == 1
    assert "EVENTS_TOKEN" in problems[0].message
    assert problems[0].line == 3


def test_problems_have_their_place() -> None:
    _, (problem,) = compiled("kind: json\npath: events\nopen: true\n")
    assert (problem.file, problem.line, problem.column) == ("container.yaml", 2, 7)
