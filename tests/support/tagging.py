"""A tag of a small template, compiled."""

from __future__ import annotations

from typing import Any

from writing import Workbench

from container.tags import Tag

TEMPLATE = """
consent: [ad_storage]
params:
  required: [account]
  properties: {account: {type: string}, token: {type: string, format: secret}, text: {type: string}}
target: "{{ params.account }} {{ event.event_name }}"
request:
  url: https://e.org/{{ params.account }}
  headers: {Authorization: "Bearer {{ params.token }}"}
  json: {data: [{name: "{{ event.event_name }}", text: "{{ params.text }}"}]}
batch: {join: data, most: 10}
ambiguous_retry: "{{ event.event_id }}"
"""
TAG = """\
name: Own - Purchase
template: own
triggers: [purchase]
params: {account: "1", token: "{{ secret.TOKEN }}"}
"""


def tag(text: str = TAG, template: str = TEMPLATE, **options: Any) -> tuple[Tag | None, Workbench]:
    """The tag, and the bench that knows what is wrong with it."""
    bench = Workbench()
    found = bench.template(template)
    assert bench.codes == []
    return bench.tag(text, {"own": found}, **options), bench


def good(text: str = TAG, template: str = TEMPLATE) -> Tag:
    """The tag, which must be without problems."""
    found, bench = tag(text, template, triggers=["purchase"])
    assert found is not None and bench.codes == [], bench.codes
    return found
