"""A template's own tests, and `tagport render`."""

from __future__ import annotations

import pytest
from writing import Workbench

from container.templates import TestResult, render, run_tests

TEMPLATE = """
params:
  required: [account, token]
  properties: {{account: {{type: string}}, token: {{type: string, format: secret}}}}
target: "{{{{ params.account }}}} {{{{ event.event_name }}}}"
request:
  url: https://e.org/{{{{ params.account }}}}
  query: {{key: "{{{{ params.token }}}}"}}
  headers: {{Authorization: "Bearer {{{{ params.token }}}}"}}
  json:
    at: "{{{{ event.timestamp }}}}"
    name: "{{{{ event.event_name }}}}"
    order: "{{{{ conversion.transaction_id }}}}"
    granted: "{{{{ consent.ad_storage }}}}"
    fbp: "{{{{ request.cookies._fbp }}}}"
    page: "{{{{ request.headers.referer }}}}"
    items: "{{{{ event.items }}}}"
    needed: {{$if: "{{{{ event.bad }}}}", $value: mary@example.org}}
response: {{delivered: "{{{{ status == 200 and body.ok and batch.count == 2 }}}}"}}
tests:
  - {case}
"""


GIVEN = 'name: a, params: {account: "1"}, event: {event_name: x'


def run(case: str) -> TestResult:
    bench = Workbench()
    found = bench.template(TEMPLATE.format(case=case.replace("GIVEN", GIVEN)))
    assert bench.codes == []
    (result,) = run_tests(found)
    return result


@pytest.mark.parametrize(
    "case",
    [
        '{GIVEN}, sends: {json: {name: x}}}',
        '{GIVEN}, sends: {url: https://e.org/1, method: POST}}',
        '{GIVEN}, sends: {headers: {Authorization: "Bearer secret:token"}}}',
        '{GIVEN}, sends: {query: {key: "secret:token"}}}',
        '{now: 2026-11-23T10:00:00Z, GIVEN}, sends: {json: {at: 1795428000}}}',
        '{GIVEN}, conversion: {transaction_id: T1}, sends: {json: {order: T1}}}',
        '{GIVEN}, consent: {ad_storage: granted}, sends: {json: {granted: true}}}',
        '{GIVEN}, consent: {ad_storage: false}, sends: {json: {granted: false}}}',
        '{GIVEN}, request: {cookies: {_fbp: f}}, sends: {json: {fbp: f}}}',
        '{GIVEN}, request: {headers: {Referer: r}}, sends: {json: {page: r}}}',
        '{GIVEN, items: [{a: 1, b: 2}]}, sends: {json: {items: [{a: 1}]}}}',
        '{GIVEN, timestamp: 5}, sends_exactly: {json: {at: 5, name: x}}}',
        '{GIVEN, bad: true}, sends: nothing}',
        '{GIVEN, bad: true}, invalid: e-mail address}',
        '{name: a, event: {event_name: x}, invalid: "`account` is required"}',
        "{name: a, answers: {status: 200, body: {ok: 1}, count: 2}, outcome: delivered}",
        "{name: a, answers: {status: 200, text: no}, outcome: refused}",
    ],
)
def test_tests_that_pass(case: str) -> None:
    assert run(case).message == ""


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ('{GIVEN}, sends: {json: {name: y}}}', 'json.name is "x", and should be "y"'),
        ('{GIVEN}, sends: {json: {none: 1}}}', "json.none is null, and should be 1"),
        ('{GIVEN, items: [{a: 1}, {a: 2}]}, sends: {json: {items: [{a: 1}]}}}',
         'json.items is [{"a":1},{"a":2}], and should be [{"a":1}]'),
        ('{GIVEN, items: [{a: 1}]}, sends: {json: {items: [{a: true}]}}}',
         "json.items[0].a is 1, and should be true"),
        ('{GIVEN, timestamp: 5}, sends_exactly: {json: {name: x}}}',
         'json is {"at":5,"name":"x"}, and should be {"name":"x"}'),
        ('{GIVEN}, sends: nothing}', "something is sent, and nothing should be"),
        ('{GIVEN}, invalid: x}', "something is sent, and nothing should be"),
        ('{name: a, params: {acount: "1"}, event: {event_name: x}, sends: {json: {}}}',
         "nothing is sent: params.acount: `acount` is no parameter of the template"),
        ('{name: a, event: {event_name: x}, invalid: mail}', "and should say `mail`"),
        ("{name: a, answers: {status: 500}, outcome: delivered}", "as `refused` (500), and should as `delivered`"),
        ("{name: a, answers: {status: 500}}", "`answers` and `outcome` belong together"),
        ("{name: a}", "neither what is sent nor what an answer means"),
    ],
)  # fmt: skip
def test_tests_that_fail(case: str, message: str) -> None:
    found = run(case)
    assert not found.passed and message in found.message


def test_where_a_test_stands() -> None:
    assert str(run("{name: a}").place) == "templates/own.yaml:21"


def test_what_a_client_adds_to_an_event() -> None:
    bench = Workbench()
    case = '{GIVEN}, request: {cookies: {_fbp: f}}, sends: {json: {name: f}}}'
    found = bench.template(TEMPLATE.format(case=case.replace("GIVEN", GIVEN)))
    (result,) = run_tests(found, lambda event, cookies: event.update(event_name=cookies["_fbp"]))
    assert result.passed, result.message


def test_render() -> None:
    bench = Workbench()
    found = bench.template(TEMPLATE.format(case="{name: a}"))
    event = {"event_name": "x", "timestamp": "2026-11-23T10:00:00Z", "consent_state": {"ad_storage": True}}
    assert render(found, {"account": "1", "token": "t&k"}, event) == {
        "requests": [
            {
                "method": "POST",
                "url": "https://e.org/1?key=t%26k",
                "headers": {"Authorization": "Bearer t&k", "Content-Type": "application/json"},
                "body": {"at": 1795428000, "name": "x", "granted": True},
            }
        ],
        "problems": [],
    }


def test_render_without_what_is_required() -> None:
    bench = Workbench()
    found = bench.template(TEMPLATE.format(case="{name: a}"))
    shown = render(found, {"token": "t"}, {"event_name": "x"}, 5.0)
    assert shown == {
        "requests": [],
        "problems": [{"path": "params.account", "message": "the parameter `account` is required, and it is absent"}],
    }
    assert render(found, {"token": "t", "account": "1", "none": 1}, {}, 5.0)["problems"][0]["path"] == "params.none"
