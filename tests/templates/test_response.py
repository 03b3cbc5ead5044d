"""Answers: the first rule that holds, in the order in which they are written."""

from __future__ import annotations

import pytest
from writing import Workbench

from container.templates import DeliveryRules

TEMPLATE = """
target: a b
request: {{url: "https://e.org/", json: {{a: 1}}}}
response:
{rules}
"""


def rules(*written: str) -> DeliveryRules:
    bench = Workbench()
    found = bench.template(TEMPLATE.format(rules="\n".join(f"  {row}" for row in written)))
    assert bench.codes == []
    return found.rules


def test_the_first_that_holds() -> None:
    found = rules('delivered: "{{ status == 200 }}"', 'retry: "{{ status >= 200 }}"')
    assert found.judge(200, {}, "", 1)[0] == "delivered"
    assert found.judge(500, {}, "", 1)[0] == "retry"
    assert found.judge(100, {}, "", 1)[0] == "refused"


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        ("headers['retry-after'] == 5", True),
        ("body.items[1].code == 7", True),
        ("body.none", False),
        ("text", True),
        ("batch.count == 3", True),
        ("body.list", False),
        ("not body.zero", True),
    ],
)
def test_names(rule: str, holds: bool) -> None:
    body = '{"items": [{}, {"code": 7}], "list": [], "zero": 0}'
    found = rules(f'later: "{{{{ {rule} }}}}"').judge(503, {"retry-after": "5"}, body, 3)[0]
    assert found == ("later" if holds else "refused")


def test_a_body_that_is_no_json_is_absent() -> None:
    found = rules('retry: "{{ not body }}"')
    assert [found.judge(200, {}, text, 1)[0] for text in ("<html>", "", "{", "\ud800", "{}", "[1]")] == [
        *["retry"] * 5,
        "refused",
    ]


def test_the_vendors_words() -> None:
    found = rules('retry: "{{ status == 1 }}"')
    told = '{"error": {"message": "Invalid parameter", "code": 100, "error_subcode": 2804009, "error_user_title": "T"}}'
    assert found.judge(400, {}, told, 1)[1] == "400 100/2804009 Invalid parameter (T)"
    flat = '{"code": 40002, "message": "Not a valid string"}'
    assert found.judge(200, {}, flat, 1)[1] == "200 40002 Not a valid string"
    assert found.judge(502, {}, "<html>" + "x" * 1000, 1)[1].startswith("502 <html>xxx")
    assert len(found.judge(502, {}, "x" * 1000, 1)[1]) == 504
    assert found.judge(204, {}, "", 1)[1] == "204"


def test_googles_words() -> None:
    found = rules('retry: "{{ status == 1 }}"')
    violation = '{"field": "events[0].user", "description": "Email is not hashed.", "reason": "INVALID_HEX_ENCODING"}'
    told = (
        '{"error": {"code": 400, "status": "INVALID_ARGUMENT", "message": "A problem.", "details": '
        f'[{{"reason": "X"}}, {{"fieldViolations": [{violation}]}}]}}}}'
    )
    words = "400 INVALID_ARGUMENT/INVALID_HEX_ENCODING A problem. (events[0].user: Email is not hashed.)"
    assert found.judge(400, {}, told, 1)[1] == words
    assert found.judge(503, {}, '{"error": {"code": 503, "status": "UNAVAILABLE"}}', 1)[1] == "503 UNAVAILABLE"
    partial = (
        '{"partialFailureError": {"code": 3, "message": "Multiple errors", "details": [{"errors": '
        '[{"errorCode": {"conversionUploadError": "TOO_RECENT_EVENT"}, "message": "m"}]}]}}'
    )
    assert found.judge(200, {}, partial, 1)[1] == "200 TOO_RECENT_EVENT Multiple errors (m)"


def test_without_rules_everything_is_refused() -> None:
    assert DeliveryRules().judge(200, {}, "", 1)[0] == "refused"
