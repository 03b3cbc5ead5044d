from __future__ import annotations

from typing import Any

import click

from container.cli.show import call_lines, lines

RECORD: dict[str, Any] = {
    "id": "01J2",
    "received": "2026-11-23T10:00:00.000Z",
    "request": {"method": "POST", "path": "/webhooks/shopify", "client": "shopify", "source": "server"},
    "event": {"name": "purchase", "data": {}},
    "conversion": {"kind": "purchase", "id": "01J1", "copy": 2, "matched_by": "transaction_id", "first": "01J1"},
    "notes": ["value differs"],
    "tags": [
        {
            "tag": "meta_purchase",
            "decision": "suppressed",
            "reason": "already fired for this conversion by 01J1",
            "checks": [
                {
                    "check": "trigger purchase",
                    "passed": True,
                    "saw": {"event.value": 149.9},
                    "at": "triggers/purchase.yaml:2",
                }
            ],
        },
        {
            "tag": "crm",
            "destination": "agency",
            "decision": "fired",
            "checks": [{"check": "unseen", "passed": True}],
            "deliveries": [
                {"outcome": "refused", "status": 400, "at": 5, "target": "crm.example a", "reason": "no e-mail"}
            ],
        },
    ],
}


def told(record: dict[str, Any]) -> list[str]:
    return [click.unstyle(line) for line in lines(record)]


def test_a_record_is_told() -> None:
    assert told(RECORD) == [
        "01J2  2026-11-23T10:00:00.000Z  purchase",
        "  POST /webhooks/shopify · client shopify (server)",
        "  purchase 01J1 · copy 2 · recognised by transaction_id · first told by 01J1",
        "  note: value differs",
        "  meta_purchase  suppressed     already fired for this conversion by 01J1",
        "                   ✓ trigger purchase   event.value = 149.9   triggers/purchase.yaml:2",
        "  crm → agency   fired",
        "                   → refused 400 5 crm.example a: no e-mail",
    ]


def test_a_wait_says_until_when() -> None:
    waiting = {"tag": "a", "decision": "waiting", "reason": "waits for it", "until": "2026-11-23T10:02:00.000Z"}
    assert told({**RECORD, "tags": [waiting]})[-1].endswith("waits for it, until 10:02:00 at most")


def test_a_call_is_told() -> None:
    call = {
        "tag": "crm",
        "destination": "agency",
        "method": "POST",
        "url": "https://crm.example/",
        "headers": {"a": "b"},
        "body": {"c": 1},
    }
    assert [click.unstyle(line) for line in call_lines(call)] == [
        "crm → agency: POST https://crm.example/",
        "  a: b",
        "  {",
        '    "c": 1',
        "  }",
    ]
    assert list(call_lines({**call, "body": "x=1"}))[-1] == "  x=1"
    assert len(list(call_lines({**call, "body": None}))) == 2
