from __future__ import annotations

from container.event import Event, Request, new_id


def test_ids_sort_by_time_and_never_repeat() -> None:
    ids = [new_id(1_795_428_000 + i) for i in range(100)]
    assert ids == sorted(ids)
    assert {len(id) for id in ids} == {26}
    assert len({new_id(5.0) for _ in range(1000)}) == 1000


def test_the_first_value_of_a_query_parameter_counts() -> None:
    request = Request(query_string="a=1&a=2&empty=&flag&x=%C3%BC+%FF")
    assert dict(request.query) == {"a": "1", "empty": "", "flag": "", "x": "ü �"}


def test_cookies_are_read_and_broken_ones_left_out() -> None:
    request = Request(headers={"cookie": '_ga=GA1.1.5.6; broken; =x; _fbp="fb.1.2.3"; _ga=second; a=b=c'})
    assert dict(request.cookies) == {"_ga": "GA1.1.5.6", "_fbp": "fb.1.2.3", "a": "b=c"}
    assert dict(Request().cookies) == {}


def test_an_event_without_a_time_of_its_own_happened_when_it_came() -> None:
    request = Request(received=5.0)
    assert Event("E", {"event_name": "x"}, request).timestamp == 5.0
    assert Event("E", {"event_name": "x", "timestamp": 3}, request).timestamp == 3.0


def test_a_changed_event_is_a_new_one() -> None:
    event = Event("E", {"event_name": "a"}, Request())
    assert event.with_data({"event_name": "b"}).name == "b"
    assert event.name == "a"
