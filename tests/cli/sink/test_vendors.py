"""What Meta and TikTok answer, and hosts that nobody knows."""

from __future__ import annotations

import time
from typing import Any

import pytest
from calling_sink import META, TIKTOK, Caller, bought, purchase


class TestMeta:
    async def test_counts_the_events_it_received(self, caller: Caller) -> None:
        answer = await caller.meta(purchase(), purchase())
        assert (answer.status_code, answer.json()["events_received"]) == (200, 2)

    @pytest.mark.parametrize(
        ("event", "code", "subcode"),
        [
            (purchase(custom_data={"currency": "EUR"}), 100, 2804009),
            (purchase(custom_data={"value": "149.9", "currency": "EUR"}), 100, 2804009),
            (purchase(custom_data={"value": 1}), 100, 2804009),
            (purchase(custom_data=None), 100, 2804009),
            (purchase(event_time=int(time.time()) - 8 * 86400), 100, 2804003),
            (purchase(event_time=str(int(time.time()))), 100, None),
            (purchase(user_data={}), 100, 2804050),
            (purchase(event_name=None), 100, None),
            ("no event", 100, None),
        ],
    )
    async def test_one_bad_event_refuses_all(self, caller: Caller, event: Any, code: int, subcode: int | None) -> None:
        answer = await caller.meta(purchase(), event)
        assert answer.status_code == 400
        error = answer.json()["error"]
        assert (error["code"], error.get("error_subcode")) == (code, subcode)

    async def test_a_store_may_tell_62_days_later(self, caller: Caller) -> None:
        event = purchase(event_time=int(time.time()) - 60 * 86400, action_source="physical_store")
        assert (await caller.meta(event)).status_code == 200

    async def test_wants_a_token_and_some_events(self, caller: Caller) -> None:
        answer = await caller.meta(purchase(), token=False)
        assert answer.json()["error"]["code"] == 190
        assert (await caller.meta()).json()["error"]["code"] == 100
        assert (await caller.meta(*[purchase()] * 1001)).status_code == 400
        answer = await caller(META, "/v26.0/1/events?access_token=T", {"data": [purchase()]}, token=False)
        assert answer.status_code == 200


class TestTikTok:
    async def test_the_truth_is_in_the_code(self, caller: Caller) -> None:
        answer = await caller.tiktok(bought())
        assert (answer.status_code, answer.json()["code"]) == (200, 0)

    @pytest.mark.parametrize(
        ("event", "message"),
        [
            (
                bought(properties={"contents": [{"content_id": "1"}, {"content_id": 2}]}),
                "Batch.1.properties.contents.1.content_id: Not a valid string",
            ),
            ({"event_time": 1}, "Batch.1.event: Missing data for required field."),
            (bought(event_time="now"), "Batch.1.event_time: Not a valid integer."),
        ],
    )
    async def test_one_bad_event_refuses_all(self, caller: Caller, event: Any, message: str) -> None:
        answer = await caller.tiktok(bought(), event)
        assert (answer.status_code, answer.json()["code"], answer.json()["message"]) == (200, 40002, message)

    async def test_wants_a_token_a_pixel_and_some_events(self, caller: Caller) -> None:
        answer = await caller(TIKTOK, "/", {"data": [bought()]}, token=False)
        assert answer.json()["code"] == 40105
        assert (await caller.tiktok(bought(), event_source_id="")).json()["code"] == 40002
        assert (await caller.tiktok()).json()["code"] == 40002


async def test_an_unknown_host_is_fine_with_everything(caller: Caller) -> None:
    assert (await caller("crm.example", "/x", [1])).status_code == 200
