"""Any end point from a tag alone: its values, its method, its proofs."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from gallery import GALLERY, worked
from writing import Workbench, event_scope

from container.call import Secret, fill
from container.templates.rendering import Rendered

TEXT = (GALLERY / "http_request.yaml").read_text()


def rendered(params: str, **event: Any) -> Rendered:
    bench = Workbench()
    binding = bench.binding(TEXT, params)
    assert binding is not None and bench.codes == [], [problem.message for problem in bench.problems]
    return binding.aim(event_scope(**event)).render()[0]


def test_a_warehouse() -> None:
    params = """
        stream: shop
        url: https://warehouse.example.com/events
        headers: {Authorization: "Bearer {{ secret.TOKEN }}"}
        json: {name: "{{ event.event_name }}", data: "{{ event | without(user_data) }}"}
    """
    found = rendered(params, value=5)
    assert found.envelope.headers[0] == ("Authorization", ("Bearer ", Secret("TOKEN")))
    assert found.content["data"]["value"] == 5 and found.envelope.method == "POST"


def test_a_conversion_pixel_with_everything_in_the_query() -> None:
    """Google's undocumented pixel: the worked hit from the event it was made of."""
    expected = worked("google_05_gads_conversion_pixel")["request"]
    fixed = ("cv", "fmt", "bg", "guid", "async", "gtm", "hn", "label", "bttype", "ec_mode", "capi", "data", "u_w")
    lines = [f"    {name}: '{expected['decoded_query'][name]}'" for name in fixed]
    params = "\n".join(
        [
            "stream: AW-123456789",
            "url: https://www.googleadservices.com/pagead/conversion/123456789/",
            "query:",
            *lines,
            "    u_h: '1080'",
            '    random: "{{ event.timestamp | milliseconds }}"',
            '    fst: "{{ event.timestamp | milliseconds }}"',
            *[f'    {name}: "{{{{ event["x-ga-{name}"] }}}}"'.replace('["', "['").replace('"]', "']")
              for name in ("gcs", "gcd", "dma", "dma_cps", "npa")],
            '    url: "{{ event.page_location | url }}"',
            '    ref: "{{ event.page_referrer | url }}"',
            '    tiba: "{{ event.page_title }}"',
            '    value: "{{ event.value | number }}"',
            '    currency_code: "{{ event.currency }}"',
            '    oid: "{{ event.transaction_id }}"',
            '    gclaw: "{{ event.gclid }}"',
            '    auid: "{{ event.auid }}"',
            '    em: "{{ event.user_data | ga4_em }}"',
        ]
    )  # fmt: skip
    query = expected["decoded_query"]
    found = rendered(
        params,
        timestamp=1795428000.123,
        page_location=query["url"],
        page_referrer=query["ref"],
        page_title=query["tiba"],
        value=149.9,
        currency="EUR",
        transaction_id="ORD-1001",
        gclid=query["gclaw"],
        auid=query["auid"],
        user_data={
            "email_address": "John.Smith+shop@Gmail.com",
            "phone_number": "+16505551212",
            "address": {"country": "US", "postal_code": "94025"},
        },
        **{f"x-ga-{name}": query[name] for name in ("gcs", "gcd", "dma", "dma_cps", "npa")},
    )
    url = fill(found.envelope.url, str)
    sent = dict(parse_qsl(urlsplit(url).query))
    assert found.envelope.method == "GET" and url.partition("?")[0] == expected["url"].partition("?")[0]
    assert em_pairs(sent.pop("em")) == em_pairs(query.pop("em"))
    assert sent == query


def em_pairs(text: str) -> set[str]:
    """The pairs of `em`, whose order says nothing."""
    return set(text.split("~"))


@pytest.mark.parametrize("part", ["query", "form", "json", "headers"])
def test_personal_data_go_hashed_or_not_at_all(part: str) -> None:
    bench = Workbench()
    raw = f'stream: s\nurl: https://e.org/\n{part}: {{a: "{{{{ event.user_data.email_address }}}}"}}'
    bench.binding(TEXT, raw)
    assert bench.codes == ["raw-personal-data"]
    bench = Workbench()
    bench.binding(TEXT, raw.replace(" }}", " | hashed(email) }}"))
    assert bench.codes == []
    bench = Workbench()
    bench.binding(TEXT, raw, raw=True)
    assert bench.codes == []


def test_the_host_is_known_at_load() -> None:
    bench = Workbench()
    assert bench.binding(TEXT, 'stream: s\nurl: "https://{{ event.host }}/"') is None
    assert bench.codes == ["host-unknown"]
