"""What becomes of a request: URLs, queries, headers, bodies, and the two pieces calls are joined from."""

from __future__ import annotations

from writing import PARAMS, REQUEST, Workbench, envelope, event_scope

from container.call import Secret


def test_a_query_is_appended() -> None:
    query = 'query: {a: "{{ event.x }}", none: "{{ event.none }}", key: "{{ params.token }}", list: "{{ event.many }}"}'
    found = envelope(query, x="1&2", many=["p", "q"])
    assert found.method == "GET"
    assert found.url == ("https://api.example.com/v1?a=1%262&key=", Secret("TOKEN", "url"), "&list=p&list=q")


def test_a_query_after_a_question_mark() -> None:
    bench = Workbench()
    template = REQUEST.format(request="query: {b: 2}", more="").replace("}}/v1", "}}/v1?a=1")
    binding = bench.binding(template, PARAMS)
    assert binding is not None
    assert binding.aim(event_scope()).render()[0].envelope.url == ("https://api.example.com/v1?a=1&b=2",)


def test_a_content_type_of_ones_own() -> None:
    found = envelope('headers: {content-type: application/vnd.x+json}\n  json: {a: 1}')
    assert found.headers == (("content-type", ("application/vnd.x+json",)),)


def test_timeout() -> None:
    assert envelope("timeout: 1500ms\n  json: {a: 1}").timeout == 1.5
    assert envelope("json: {a: 1}").timeout == 5.0


